// Bundles for tests of the OCI runtime: a config.json with what every container has, over a root filesystem that is there.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Process, Spec } from "../../src/10-containers/spec/oci.ts";

/** What differs from the usual: `process` and `linux` field by field, all else as a whole. */
export type Change = Partial<Omit<Spec, "process">> & { process?: Partial<Process> };

export function configOf({ process, linux, ...change }: Change = {}): Spec {
  return {
    ociVersion: "1.0.2",
    root: { path: "rootfs" },
    mounts: [
      { destination: "/proc", type: "proc", source: "proc" },
      { destination: "/dev", type: "tmpfs", source: "tmpfs", options: ["nosuid", "mode=755"] },
      { destination: "/dev/pts", type: "devpts", source: "devpts", options: ["newinstance", "ptmxmode=0666"] },
    ],
    ...change,
    process: {
      user: { uid: 0, gid: 0 },
      args: ["true"],
      env: ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"],
      cwd: "/",
      capabilities: { bounding: ["CAP_KILL"], effective: ["CAP_KILL"], permitted: ["CAP_KILL"] },
      ...process,
    },
    linux: {
      namespaces: (["mount", "pid", "network", "ipc", "uts", "cgroup"] as const).map((type) => ({ type })),
      ...linux,
    },
  };
}

/** Makes the directory `folder`, a bundle with `rootfs` as its root. */
export function writeBundle(folder: string, rootfs: string, change: Change = {}): string {
  mkdirSync(folder, { recursive: true });
  const root = { path: rootfs, ...(change.root?.readonly && { readonly: true }) };
  writeFileSync(join(folder, "config.json"), JSON.stringify(configOf({ ...change, root })));
  return folder;
}
