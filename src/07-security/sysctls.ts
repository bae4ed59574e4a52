// Settings of the kernel, as files below /proc/sys. Most hold for the whole machine; some belong to a namespace, and
// those a container may have its own of. See sysctl(8), proc_sys(5), namespaces(7).

import {
  closeStep,
  fscreateStep,
  fsmountStep,
  fsopenStep,
  O,
  openInRootStep,
  RESOLVE,
  reg,
  type Step,
  UserError,
  writeStep,
} from "../01-syscalls/index.ts";

/** Setting → value: `{ "net.core.somaxconn": "1024" }`. Parts are separated by dots, or all by slashes. */
export type Sysctls = Readonly<Record<string, string>>;

/** Namespaces the container has to itself. */
export interface OwnNamespaces {
  ipc: boolean;
  network: boolean;
  uts: boolean;
}

const SYSTEM_V = ["msgmax", "msgmnb", "msgmni", "sem", "shmall", "shmmax", "shmmni", "shm_rmid_forced"];

const PROC = reg("proc");
const SETTING = reg("setting");

/**
 * Writes the settings, in whatever namespaces the process is by then. It does so through a procfs of its own that hangs
 * nowhere: the container's /proc might have something else mounted on it, and the host's might be read-only.
 */
export function sysctlSteps(sysctls: Sysctls = {}): Step[] {
  const writes = Object.entries(sysctls).flatMap(([name, value]) => writeSteps(name, value));
  if (writes.length === 0) return [];
  return [
    fsopenStep({ type: "proc", why: "the files of the kernel's settings", as: "fs" }),
    fscreateStep({ fs: reg("fs"), why: "of the namespaces we are in" }),
    fsmountStep({ fs: reg("fs"), why: "where nobody can have put anything in between", as: "proc" }),
    closeStep({ fd: reg("fs"), why: "it is mounted" }),
    ...writes,
    closeStep({ fd: PROC, why: "all is set, and the mount goes with its last descriptor" }),
  ];
}

function writeSteps(name: string, value: string): Step[] {
  const [path, resolve] = [`sys/${pathOf(name)}`, RESOLVE.BENEATH | RESOLVE.NO_SYMLINKS | RESOLVE.NO_XDEV];
  return [
    openInRootStep({ root: PROC, path, flags: O.WRONLY, resolve, why: `the setting ${name}`, as: "setting" }),
    writeStep({ fd: SETTING, data: value, why: "its new value" }),
    closeStep({ fd: SETTING, why: "it is set" }),
  ];
}

/** Refuses, in runc's words, what would not be the container's own. Throws UserError. */
export function checkSysctls(sysctls: Sysctls, own: OwnNamespaces): void {
  for (const name of Object.keys(sysctls)) {
    const refusal = refusalOf(pathOf(name), own);
    if (refusal) throw new UserError(`sysctl "${name}" ${refusal}`);
  }
}

function refusalOf(path: string, own: OwnNamespaces): string | undefined {
  const [first, second = ""] = path.split("/");
  if (first === "net") return own.network ? undefined : "not allowed in host network namespace";
  if ((first === "kernel" && SYSTEM_V.includes(second)) || path.startsWith("fs/mqueue/")) {
    return own.ipc ? undefined : "is not allowed in the hosts ipc namespace";
  }
  if (path === "kernel/hostname" && own.uts) return 'is not allowed as it conflicts with the OCI "hostname" field';
  if (path === "kernel/domainname" && own.uts) return undefined;
  return "is not in a separate kernel namespace";
}

/**
 * `net.ipv4.ip_forward` → `net/ipv4/ip_forward`. Whichever of dot and slash comes first separates, and the other is part
 * of a name: both `net.ipv4.conf.eth0/1.forwarding` and `net/ipv4/conf/eth0.1/forwarding` are about `eth0.1`.
 */
function pathOf(name: string): string {
  const swapped: Record<string, string> = { ".": "/", "/": "." };
  const path = /^[^/]*\./.test(name) ? name.replace(/[./]/g, (mark) => swapped[mark]!) : name;
  const isPlain = path.split("/").every((part) => part !== "" && part !== "." && part !== "..");
  if (!isPlain) throw new UserError(`"${name}" is not a sysctl`);
  return path;
}
