// What this runtime can do, for those who want to know before they ask for it. See features.md and features-linux.md of the
// runtime specification.

import { existsSync } from "node:fs";
import { knownOptions } from "../../02-rootfs/index.ts";
import { KINDS } from "../../03-namespaces/index.ts";
import { ACTIONS, CAPABILITIES, FLAG_NAMES, OPERATORS } from "../../07-security/index.ts";
import { machineHere } from "../cgroup.ts";

export function features() {
  const versions = machineHere().hierarchies.map(({ version }) => version);
  const none = { enabled: false };
  return {
    ociVersionMin: "1.0.0",
    ociVersionMax: "1.2.0",
    hooks: ["prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"],
    mountOptions: knownOptions(),
    linux: {
      namespaces: KINDS.filter(({ file }) => existsSync(`/proc/self/ns/${file}`)).map(({ type }) => type),
      capabilities: [...CAPABILITIES],
      cgroup: {
        v1: versions.includes(1),
        v2: versions.includes(2),
        systemd: false,
        systemdUser: false,
        rdma: false,
      },
      seccomp: {
        enabled: true,
        actions: ACTIONS,
        operators: OPERATORS,
        archs: ["SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM", "SCMP_ARCH_X32", "SCMP_ARCH_X86", "SCMP_ARCH_X86_64"],
        knownFlags: FLAG_NAMES,
        supportedFlags: FLAG_NAMES,
      },
      apparmor: none,
      selinux: none,
      intelRdt: none,
      mountExtensions: { idmap: { enabled: true } },
    },
  };
}
