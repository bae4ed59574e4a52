// One function a system call: named fields in, a step out, arguments in the order of its man page.
// Whoever knows the man page can read any plan; whoever does not finds the page's name here.

import {
  AF,
  AT,
  CLONE,
  F,
  FSCONFIG,
  FSMOUNT,
  FSOPEN,
  LOCK,
  MOVE_MOUNT,
  O,
  OPEN_TREE,
  RESOLVE,
  SOCK,
  spellFlags,
} from "./flags.ts";
import { spellClone, spellMountAttr, spellOpen, spellPropagation } from "./spell.ts";
import type { Arg, Field, Ref, Register, Step, Text } from "./step.ts";

/** What every step may say besides its call; see `Step`. */
export type About = Pick<Step, "why"> & Partial<Pick<Step, "allow" | "retry" | "as" | "atLeast" | "reply">>;

export type Path = string | Text;
type Fd = number | Ref;

/** A step for any call. The named functions below are this one with the arguments laid out. */
export function step(call: Step["call"], args: Arg[], about: About): Step {
  const made: Step = { call, args, why: about.why };
  if (about.allow) made.allow = about.allow;
  if (about.retry) made.retry = about.retry;
  if (about.as !== undefined) made.as = about.as;
  if (about.atLeast !== undefined) made.atLeast = about.atLeast;
  if (about.reply) made.reply = about.reply;
  return made;
}

/** Fields of a C structure, each written `[name, type, value, spelling?]`. */
export function struct(...fields: [Field["name"], Field["type"], Field["value"], Field["spell"]?][]): Arg {
  return {
    struct: fields.map(([name, type, value, spell]) => ({ name, type, value, ...(spell && { spell }) })),
  };
}

// ---- files

export function openStep(o: { dir?: Fd; path: Path; flags: number; mode?: number } & About): Step {
  return step("openat", [o.dir ?? AT.FDCWD, o.path, o.flags | O.CLOEXEC, o.mode ?? 0], o);
}

/**
 * Opens `path` beneath the descriptor `root` as if `root` were `/`: neither `..` nor a symbolic link leads out.
 * EAGAIN means that something, anywhere on the machine, was renamed or mounted while a `..` was resolved. openat2(2)
 */
export function openInRootStep(o: { root: Fd; path: string; flags: number; resolve?: number } & About): Step {
  const how = struct(
    ["flags", "u64", o.flags | O.CLOEXEC, spellOpen],
    ["mode", "u64", 0],
    ["resolve", "u64", o.resolve ?? RESOLVE.IN_ROOT | RESOLVE.NO_MAGICLINKS, (v) => spellFlags(RESOLVE, v, "RESOLVE_")],
  );
  return step("openat2", [o.root, o.path, how, 24], { retry: ["EAGAIN"], ...o });
}

/** Writes the whole text; a short write is a failure. */
export function writeStep(o: { fd: Fd; data: string | Uint8Array } & About): Step {
  const bytes = Buffer.from(o.data);
  return step("write", [o.fd, new Uint8Array(bytes), bytes.length], { atLeast: bytes.length, ...o });
}

/** Waits for one byte; the end of file, which means the writer is gone, is a failure. */
export function waitByteStep(o: { fd: Fd } & About): Step {
  return step("read", [o.fd, { room: 8 }, 1], { retry: ["EINTR"], atLeast: 1, ...o });
}

export function closeStep(o: { fd: Fd } & About): Step {
  return step("close", [o.fd], o);
}

/** open, write, close: how /proc and cgroup files are set. `allow` holds for the opening and the writing. */
export function writeFileSteps(o: { dir?: Fd; path: Path; data: string; as: Register } & About): Step[] {
  const { why, allow, as } = o;
  const about = { why, ...(allow && { allow }) };
  return [
    openStep({ ...(o.dir !== undefined && { dir: o.dir }), path: o.path, flags: O.WRONLY, ...about, as }),
    writeStep({ fd: { reg: as }, data: o.data, ...about }),
    closeStep({ fd: { reg: as }, why: "the file is written" }),
  ];
}

export function mkdirStep(o: { dir?: Fd; path: Path; mode: number } & About): Step {
  return step("mkdirat", [o.dir ?? AT.FDCWD, o.path, o.mode], o);
}

export function symlinkStep(o: { target: string; dir?: Fd; path: string } & About): Step {
  return step("symlinkat", [o.target, o.dir ?? AT.FDCWD, o.path], o);
}

/** `mode` includes the kind of node (S.IFCHR …); `device` is the encoded number. */
export function mknodStep(o: { dir?: Fd; path: string; mode: number; device?: number | bigint } & About): Step {
  return step("mknodat", [o.dir ?? AT.FDCWD, o.path, o.mode, o.device ?? 0], o);
}

/** -1 leaves the owner, or the group, as it is. */
export function fchownStep(o: { fd: Fd; uid: number; gid: number } & About): Step {
  return step("fchown", [o.fd, o.uid, o.gid], o);
}

// ---- descriptors

export function dupStep(o: { from: Fd; to: number } & About): Step {
  return step("dup3", [o.from, o.to, 0], o);
}

/** Lets a descriptor stay open across execve. */
export function inheritStep(o: { fd: Fd } & About): Step {
  return step("fcntl", [o.fd, F.SETFD, 0], o);
}

export function pipeStep(o: { read: Register; write: Register } & About): Step {
  return step("pipe2", [{ out: [o.read, o.write] }, O.CLOEXEC], o);
}

export function socketpairStep(o: { one: Register; other: Register } & About): Step {
  return step("socketpair", [AF.UNIX, SOCK.STREAM | SOCK.CLOEXEC, 0, { out: [o.one, o.other] }], o);
}

export function closeRangeStep(o: { first: number; flags?: number } & About): Step {
  return step("close_range", [o.first, 0xffffffff, o.flags ?? 0], o);
}

/** Takes the file's lock, or EAGAIN when somebody else has it. */
export function flockStep(o: { fd: Fd } & About): Step {
  return step("flock", [o.fd, LOCK.EX | LOCK.NB], o);
}

// ---- mounts

export function mountStep(
  o: { source?: Path; target: Path; type?: string; flags?: number; data?: string } & About,
): Step {
  return step("mount", [o.source ?? null, o.target, o.type ?? null, o.flags ?? 0, o.data ?? null], o);
}

export function umountStep(o: { target: Path; flags?: number } & About): Step {
  return step("umount2", [o.target, o.flags ?? 0], o);
}

export function pivotRootStep(o: { newRoot: string; putOld: string } & About): Step {
  return step("pivot_root", [o.newRoot, o.putOld], o);
}

export function fsopenStep(o: { type: string } & About): Step {
  return step("fsopen", [o.type, FSOPEN.CLOEXEC], o);
}

/** One option of a filesystem being made: a flag without, a string with a value. */
export function fsconfigStep(o: { fs: Fd; key: string; value?: Path } & About): Step {
  if (o.value === undefined) return step("fsconfig", [o.fs, FSCONFIG.SET_FLAG, o.key, null, 0], o);
  return step("fsconfig", [o.fs, FSCONFIG.SET_STRING, o.key, o.value, 0], o);
}

export function fscreateStep(o: { fs: Fd } & About): Step {
  return step("fsconfig", [o.fs, FSCONFIG.CMD_CREATE, null, null, 0], o);
}

/** `attributes` are MOUNT_ATTR flags. The result is a mount that hangs nowhere yet. */
export function fsmountStep(o: { fs: Fd; attributes?: number } & About): Step {
  return step("fsmount", [o.fs, FSMOUNT.CLOEXEC, o.attributes ?? 0], o);
}

/** Copies a mount (with `flags: AT.RECURSIVE` all below it too) into a descriptor. An empty path means `dir` itself. */
export function openTreeStep(o: { dir?: Fd; path: Path; flags?: number } & About): Step {
  const empty = o.path === "" ? AT.EMPTY_PATH : 0;
  return step(
    "open_tree",
    [o.dir ?? AT.FDCWD, o.path, OPEN_TREE.CLONE | OPEN_TREE.CLOEXEC | empty | (o.flags ?? 0)],
    o,
  );
}

/** Hangs the mount `from` on `target`, both descriptors: no path is looked up, so nothing can be swapped meanwhile. */
export function moveMountStep(o: { from: Fd; target: Fd } & About): Step {
  return step("move_mount", [o.from, "", o.target, "", MOVE_MOUNT.F_EMPTY_PATH | MOVE_MOUNT.T_EMPTY_PATH], o);
}

/** Changes attributes of the mount at descriptor `mount`. `userns` is a descriptor, with MOUNT_ATTR.IDMAP only. */
export function mountSetattrStep(
  o: { mount: Fd; set?: number; clear?: number; propagation?: number; userns?: Fd; recursive?: boolean } & About,
): Step {
  const attr = struct(
    ["attr_set", "u64", o.set ?? 0, spellMountAttr],
    ["attr_clr", "u64", o.clear ?? 0, spellMountAttr],
    ["propagation", "u64", o.propagation ?? 0, spellPropagation],
    ["userns_fd", "u64", o.userns ?? 0],
  );
  return step("mount_setattr", [o.mount, "", AT.EMPTY_PATH | (o.recursive ? AT.RECURSIVE : 0), attr, 32], o);
}

export function chdirStep(o: { path: Path } & About): Step {
  return step("chdir", [o.path], o);
}

export function fchdirStep(o: { fd: Fd } & About): Step {
  return step("fchdir", [o.fd], o);
}

export function chrootStep(o: { path: Path } & About): Step {
  return step("chroot", [o.path], o);
}

// ---- processes

const SIGCHLD = 17;

/**
 * The step at which a plan splits: see clone3(2). `flags` are CLONE.*; `cgroup` is a descriptor for CLONE.INTO_CGROUP.
 * With CLONE.PARENT the child is this Node process's own, and announces its end as the launcher would.
 */
export function cloneStep(o: { flags: number | bigint; cgroup?: Fd } & About): Step {
  const flags = BigInt(o.flags) | (o.cgroup === undefined ? 0n : CLONE.INTO_CGROUP);
  const args = struct(
    ["flags", "u64", flags, spellClone],
    ["pidfd", "u64", 0],
    ["child_tid", "u64", 0],
    ["parent_tid", "u64", 0],
    ["exit_signal", "u64", flags & BigInt(CLONE.PARENT) ? 0 : SIGCHLD, (signal) => (signal === 0n ? "0" : "SIGCHLD")],
    ["stack", "u64", 0],
    ["stack_size", "u64", 0],
    ["tls", "u64", 0],
    ["set_tid", "u64", 0],
    ["set_tid_size", "u64", 0],
    ["cgroup", "u64", o.cgroup ?? 0],
  );
  return step("clone3", [args, 88], o);
}

export function unshareStep(o: { flags: number } & About): Step {
  return step("unshare", [o.flags], o);
}

export function setnsStep(o: { fd: Fd; flags: number } & About): Step {
  return step("setns", [o.fd, o.flags], o);
}

export function prctlStep(o: { option: number; args?: (number | bigint | Arg)[] } & About): Step {
  const [a = 0, b = 0, c = 0, d = 0] = o.args ?? [];
  return step("prctl", [o.option, a, b, c, d], o);
}

export function execveStep(o: { path: Path; argv: (string | Text)[]; env: string[] } & About): Step {
  return step("execve", [o.path, { strings: o.argv }, { strings: o.env }], o);
}

/** Runs the program behind a descriptor: no path to it need exist any more. */
export function execveatStep(o: { fd: Fd; argv: (string | Text)[]; env: string[] } & About): Step {
  return step("execveat", [o.fd, "", { strings: o.argv }, { strings: o.env }, AT.EMPTY_PATH], o);
}
