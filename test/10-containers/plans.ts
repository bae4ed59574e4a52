// Inputs to a plan that say the same on every machine: a small container, on machines that were written down.

import { findMachine, planGroup } from "../../src/04-cgroups/index.ts";
import { overlaySteps } from "../../src/05-overlay/index.ts";
import type { PlanInput } from "../../src/10-containers/plan.ts";
import type { Spec } from "../../src/10-containers/spec/oci.ts";
import { runOptions } from "../../src/10-containers/spec/options.ts";
import { containerSpec } from "../../src/10-containers/spec/spec.ts";
import { Stages } from "../../src/10-containers/stages.ts";
import { debian12, filesOf, hybrid } from "../04-cgroups/recorded.ts";

// Which of two ways overlay takes depends on the kernel; here it is always the newer one.
Stages["05-overlay"].overlaySteps = (overlay) => overlaySteps(overlay, "append");

export const ID = "0123456789ab".padEnd(64, "c");
const BUNDLE = `/var/lib/mini-docker/containers/${ID}`;

export const MACHINES = { v2: filesOf(debian12), hybrid: filesOf(hybrid) };

/** `true` with a few of everything: one mount, one masked path, one read-only, one capability, a memory limit. */
export const SMALL: Spec = {
  ociVersion: "1.2.0",
  process: {
    user: { uid: 0, gid: 0, additionalGids: [0] },
    args: ["/bin/true"],
    env: ["PATH=/bin"],
    cwd: "/",
    capabilities: { bounding: ["CAP_KILL"], effective: ["CAP_KILL"], permitted: ["CAP_KILL"] },
  },
  root: { path: "rootfs" },
  hostname: "box",
  mounts: [{ destination: "/proc", type: "proc", source: "proc", options: ["nosuid", "noexec", "nodev"] }],
  linux: {
    namespaces: (["mount", "pid", "network", "ipc", "uts", "cgroup"] as const).map((type) => ({ type })),
    resources: { memory: { limit: 64 * 1024 * 1024 } },
    maskedPaths: ["/proc/keys"],
    readonlyPaths: ["/proc/sys"],
  },
};

/** What `run` with everything on it would be given. */
export function largeSpec(given: Parameters<typeof runOptions>[1] = {}, uid = 0, firstId?: number): Spec {
  const volume = { type: "bind", source: "/data", target: "/data", readOnly: true, propagation: "rslave" } as const;
  return containerSpec({
    options: runOptions("base", {
      init: true,
      workdir: "/a/b",
      memoryBytes: 2 ** 26,
      nanoCpus: 1e9,
      pidsLimit: 9,
      sysctls: { "net.core.somaxconn": "9" },
      ulimits: [{ name: "nofile", soft: 99, hard: 99 }],
      mounts: [volume, { type: "tmpfs", target: "/tmp", readOnly: false }],
      readOnly: true,
      oomScoreAdj: 9,
      ...given,
    }),
    image: { Cmd: ["sh"] },
    id: ID,
    hostname: "box",
    owner: { uid, gid: uid, ...(firstId !== undefined && { firstId }) },
    files: { hosts: "/c/hosts", hostname: "/c/hostname", resolvConf: "/c/resolv.conf", init: "/n/init" },
    joined: { network: "/proc/7/ns/net", pid: "/proc/7/ns/pid" },
    hostDevices: {},
    security: {
      capabilities: ["CAP_KILL"],
      noNewPrivileges: true,
      maskedPaths: ["/proc/kcore", "/sys/firmware", "/no/such"],
      readonlyPaths: ["/proc/sys"],
    },
  });
}

export function inputFor(spec: Spec, machine: keyof typeof MACHINES, more: Partial<PlanInput> = {}): PlanInput {
  const here = findMachine(MACHINES[machine]);
  const { resources } = spec.linux!;
  return {
    spec,
    root: { lower: ["/layers/a"], upper: `${BUNDLE}/upper`, work: `${BUNDLE}/work`, at: `${BUNDLE}/rootfs` },
    machine: here,
    cgroup: planGroup({ id: ID, machine: here, cgroupsPath: undefined, resources }),
    stdio: { tty: false, interactive: false },
    held: ["CAP_KILL", "CAP_SYS_ADMIN"],
    privileged: true,
    shiftsOwners: false,
    isFile: (source) => source !== "/data",
    ...more,
  };
}
