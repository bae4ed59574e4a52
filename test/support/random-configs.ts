// Random valid config.json files for differential tests: the same seed makes the same file.

import type { Mount } from "../../src/02-rootfs/index.ts";
import { CAPABILITIES } from "../../src/07-security/index.ts";
import type { Linux, Process } from "../../src/10-containers/spec/oci.ts";
import type { Change } from "./bundles.ts";
import { randomFrom } from "./random.ts";

class Dice {
  private readonly next: () => number;

  constructor(seed: number) {
    this.next = randomFrom(seed);
  }

  below(count: number): number {
    return Math.floor(this.next() * count);
  }

  isSo(chance = 0.5): boolean {
    return this.next() < chance;
  }

  one<T>(all: readonly T[]): T {
    return all[this.below(all.length)]!;
  }

  some<T>(all: readonly T[], chance = 0.5): T[] {
    return all.filter(() => this.isSo(chance));
  }
}

/** What may differ from the usual bundle. `source` is a directory of the host with a file in it. */
export function randomChange(seed: number, source: string): Change {
  const dice = new Dice(seed);
  // Their order is the order of the dice: a new part goes to the end, or every seed makes another file.
  const mounts = mountsFrom(dice, source);
  const process = processFrom(dice);
  const linux = linuxFrom(dice);
  const isReadOnly = dice.isSo(0.3);
  return {
    mounts,
    process,
    linux,
    ...(dice.isSo(0.6) && { hostname: dice.one(["box", "a-b.example", "x"]) }),
    root: { path: "", ...(isReadOnly && { readonly: true }) },
  };
}

const ATTRIBUTES = ["ro", "nosuid", "nodev", "noexec", "noatime", "nodiratime"];

function mountsFrom(dice: Dice, source: string): Mount[] {
  return [
    { destination: "/proc", type: "proc", source: "proc" },
    {
      destination: "/dev",
      type: "tmpfs",
      source: "tmpfs",
      options: ["nosuid", "strictatime", "mode=755", "size=65536k"],
    },
    {
      destination: "/dev/pts",
      type: "devpts",
      source: "devpts",
      options: ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"],
    },
    ...(dice.isSo()
      ? [
          {
            destination: "/dev/shm",
            type: "tmpfs",
            source: "shm",
            options: ["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"],
          },
        ]
      : []),
    ...(dice.isSo()
      ? [{ destination: "/dev/mqueue", type: "mqueue", source: "mqueue", options: ["nosuid", "noexec", "nodev"] }]
      : []),
    ...(dice.isSo()
      ? [{ destination: "/sys", type: "sysfs", source: "sysfs", options: ["nosuid", "noexec", "nodev", "ro"] }]
      : []),
    ...(dice.isSo(0.7) ? [tmpfsFrom(dice)] : []),
    ...dice.some(["/b1", "/etc/b2", "/b1/deep/er"]).map((destination) => bindFrom(dice, source, destination)),
    ...(dice.isSo(0.3)
      ? [{ destination: "/f/ile", type: "bind", source: `${source}/file`, options: ["bind", "ro"] }]
      : []),
  ];
}

function tmpfsFrom(dice: Dice): Mount {
  const options = [
    ...dice.some(ATTRIBUTES, 0.3),
    dice.one(["mode=755", "mode=1777", "mode=700"]),
    dice.one(["size=64k", "size=1m"]),
  ];
  return { destination: dice.one(["/t", "/tmp", "/var/tmp/x"]), type: "tmpfs", source: "tmpfs", options };
}

// Not "unbindable": crun 1.8 loses that where the root is made private.
const PROPAGATIONS = ["private", "rprivate", "slave", "rslave"];

function bindFrom(dice: Dice, source: string, destination: string): Mount {
  const options = [
    dice.one(["bind", "rbind"]),
    ...dice.some(ATTRIBUTES.slice(0, 5), 0.3),
    ...(dice.isSo() ? [dice.one(PROPAGATIONS)] : []),
  ];
  return { destination, type: "bind", source, options };
}

function processFrom(dice: Dice): Partial<Process> {
  const uid = dice.isSo(0.6) ? 0 : dice.one([1, 1000, 65534]);
  const bounding = dice.some(CAPABILITIES.slice(0, 24), 0.4);
  const permitted = dice.some(bounding, 0.7);
  const inheritable = dice.some(permitted, 0.3);
  return {
    user: {
      uid,
      gid: dice.isSo() ? uid : dice.one([5, 1234]),
      ...(dice.isSo() && { additionalGids: dice.some([1, 7, 99, 1234], 0.5) }),
      ...(dice.isSo(0.3) && { umask: dice.one([0, 0o22, 0o27, 0o77]) }),
    },
    cwd: dice.one(["/", "/usr", "/usr/bin"]),
    env: ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/", ...dice.some(["A=1", "B=two words", "C="])],
    capabilities: {
      bounding,
      permitted,
      effective: dice.some(permitted, 0.8),
      inheritable,
      ambient: dice.some(inheritable),
    },
    noNewPrivileges: dice.isSo(),
    ...(dice.isSo() && { rlimits: rlimitsFrom(dice) }),
    ...(dice.isSo(0.3) && { oomScoreAdj: dice.one([100, 500, 1000]) }),
  };
}

function rlimitsFrom(dice: Dice): Process["rlimits"] & {} {
  const types = dice.some(["RLIMIT_CORE", "RLIMIT_NOFILE", "RLIMIT_NPROC", "RLIMIT_STACK", "RLIMIT_FSIZE"], 0.4);
  return types.map((type) => {
    const hard = 1024 + dice.below(3000);
    return {
      type,
      soft: dice.isSo() ? hard : 1000,
      hard: type === "RLIMIT_STACK" || type === "RLIMIT_FSIZE" ? hard * 1e5 : hard,
    };
  });
}

const SYSCTLS = {
  "net.ipv4.ip_forward": "1",
  "net.core.somaxconn": "77",
  "kernel.shmmax": "123456",
  "fs.mqueue.msg_max": "9",
};

function linuxFrom(dice: Dice): Linux {
  const sysctls = dice.some(Object.entries(SYSCTLS), 0.3);
  const kinds = ["mount", "pid", "network", "ipc", "uts", ...(dice.isSo() ? ["cgroup"] : [])];
  return {
    namespaces: kinds.map((type) => ({ type })) as NonNullable<Linux["namespaces"]>,
    ...(sysctls.length > 0 && { sysctl: Object.fromEntries(sysctls) }),
    ...(dice.isSo() && {
      maskedPaths: dice.some(["/proc/kcore", "/proc/keys", "/proc/scsi", "/sys/firmware", "/no/such", "/usr/share"]),
    }),
    ...(dice.isSo() && { readonlyPaths: dice.some(["/proc/sys", "/proc/bus", "/proc/irq", "/no/such", "/usr/lib"]) }),
    ...(dice.isSo(0.4) && { rootfsPropagation: dice.one(["private", "slave", "shared", "unbindable"] as const) }),
    ...(dice.isSo() && { devices: dice.some(DEVICES) }),
    resources: {
      devices: [
        { allow: false, access: "rwm" },
        ...(dice.isSo() ? [{ allow: true, type: "c" as const, major: 10, minor: 229, access: "rw" }] : []),
      ],
      ...(dice.isSo() && { memory: { limit: 2 ** 26 + 4096 * dice.below(1000) } }),
      ...(dice.isSo() && { pids: { limit: 20 + dice.below(100) } }),
      ...(dice.isSo() && {
        cpu: { shares: 2 + dice.below(2000), ...(dice.isSo() && { quota: 20_000, period: 50_000 }) },
      }),
    },
    ...(dice.isSo(0.5) && { seccomp: SECCOMP }),
  };
}

const DEVICES = [
  { type: "c", path: "/dev/fuse", major: 10, minor: 229, fileMode: 0o666, uid: 0, gid: 0 },
  { type: "c", path: "/dev/own", major: 1, minor: 3, fileMode: 0o640, uid: 7, gid: 8 },
  { type: "p", path: "/dev/pipe", fileMode: 0o600, uid: 0, gid: 0 },
];

const SECCOMP: NonNullable<Linux["seccomp"]> = {
  defaultAction: "SCMP_ACT_ALLOW",
  architectures: ["SCMP_ARCH_X86_64"],
  syscalls: [{ names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO", errnoRet: 28 }],
};
