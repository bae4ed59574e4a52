// Writes a step down as strace would print the call: flags by name, strings in quotes, structures in braces.
// What `--explain` shows and what error messages quote.

import type { Registers } from "./bind.ts";
import {
  AF,
  AT,
  BPF,
  CAP,
  CLONE,
  CLOSE_RANGE,
  F,
  FSCONFIG,
  FSMOUNT,
  FSOPEN,
  IOCTL,
  KEYCTL,
  LANDLOCK_CREATE_RULESET,
  LANDLOCK_RULE,
  MFD,
  MNT,
  MOUNT_ATTR,
  MOVE_MOUNT,
  MS,
  O,
  OPEN_TREE,
  PR,
  PR_CAP_AMBIENT,
  RLIMIT,
  S,
  SEAL,
  SECCOMP,
  SECCOMP_FILTER_FLAG,
  SOCK,
  spellFlags,
  spellOne,
} from "./flags.ts";
import type { Arg, Field, Ref, Step, Text } from "./step.ts";

type Spelling = (value: bigint) => string;

const flags = (table: Readonly<Record<string, number | bigint>>, prefix: string): Spelling => {
  return (value) => spellFlags(table, value, prefix);
};
const one = (table: Readonly<Record<string, number | bigint>>, prefix: string): Spelling => {
  return (value) => spellOne(table, value, prefix);
};

const directory: Spelling = (value) => (value === BigInt(AT.FDCWD) ? "AT_FDCWD" : String(value));
const octal: Spelling = (value) => (value === 0n ? "0" : `0${value.toString(8)}`);
const at = flags({ ...AT, FDCWD: 0 }, "AT_");
const fdOrPath = [directory, undefined] as const;

/** Access mode first, as strace does: O_RDONLY is zero and would never be named. */
export const spellOpen: Spelling = (value) => {
  const { RDONLY, WRONLY, RDWR, ...rest } = O;
  const mode = value & 3n;
  const access = mode === BigInt(RDWR) ? "O_RDWR" : mode === BigInt(WRONLY) ? "O_WRONLY" : "O_RDONLY";
  const more = spellFlags(rest, value & ~3n, "O_");
  return more === "0" ? access : RDONLY === 0 && value & BigInt(O.PATH) ? more : `${access}|${more}`;
};

/** The kind of node by name, then its permissions: `S_IFCHR|0666`. */
const spellMode: Spelling = (value) => {
  const kind = value & 0o170000n;
  return kind === 0n ? octal(value) : `${spellOne(S, kind, "S_")}|${octal(value & 0o7777n)}`;
};

/** The two numbers of a device, as new_decode_dev of include/linux/kdev_t.h takes them apart. */
const spellDevice: Spelling = (value) => {
  if (value === 0n) return "0";
  return `makedev(${(value >> 8n) & 0xfffn}, ${(value & 0xffn) | ((value >> 12n) & ~0xffn)})`;
};

export const spellMountAttr = flags(MOUNT_ATTR, "MOUNT_ATTR_");
export const spellPropagation = flags(MS, "MS_");
/** CLONE_* with the exit signal in its low byte. */
export const spellClone: Spelling = (value) => spellFlags({ ...CLONE }, value, "CLONE_");

/** An environment would bury the call, so strace only counts it. */
const environment: Spelling = (count) => (count === 0n ? "[]" : `/* ${count} ${count === 1n ? "var" : "vars"} */`);

/**
 * How each argument of a call is spelled, a list of strings by its length. An argument not listed is a plain number,
 * string, list or structure.
 */
const SPELLINGS: Partial<Record<Step["call"], readonly (Spelling | undefined)[]>> = {
  openat: [...fdOrPath, spellOpen, octal],
  openat2: [...fdOrPath],
  mkdirat: [...fdOrPath, octal],
  mknodat: [...fdOrPath, spellMode, spellDevice],
  symlinkat: [undefined, directory],
  unlinkat: [...fdOrPath, at],
  readlinkat: [...fdOrPath],
  renameat2: [...fdOrPath, directory],
  fchownat: [...fdOrPath, undefined, undefined, at],
  fchmodat: [...fdOrPath, octal],
  fchmod: [undefined, octal],
  faccessat2: [...fdOrPath, undefined, at],
  mount: [undefined, undefined, undefined, flags(MS, "MS_")],
  umount2: [undefined, flags(MNT, "MNT_")],
  open_tree: [...fdOrPath, (value) => spellFlags(treeFlags, value, "")],
  move_mount: [...fdOrPath, directory, undefined, flags(MOVE_MOUNT, "MOVE_MOUNT_")],
  fsopen: [undefined, flags(FSOPEN, "FSOPEN_")],
  fsconfig: [undefined, one(FSCONFIG, "FSCONFIG_")],
  fsmount: [undefined, flags(FSMOUNT, "FSMOUNT_"), spellMountAttr],
  mount_setattr: [...fdOrPath, at],
  unshare: [flags(CLONE, "CLONE_")],
  setns: [undefined, flags(CLONE, "CLONE_")],
  prctl: [one(PR, "PR_")],
  seccomp: [one(SECCOMP, "SECCOMP_"), flags(SECCOMP_FILTER_FLAG, "SECCOMP_FILTER_FLAG_")],
  landlock_create_ruleset: [undefined, undefined, flags(LANDLOCK_CREATE_RULESET, "LANDLOCK_CREATE_RULESET_")],
  landlock_add_rule: [undefined, one(LANDLOCK_RULE, "LANDLOCK_RULE_")],
  keyctl: [one(KEYCTL, "KEYCTL_")],
  fcntl: [undefined, one(F, "F_")],
  close_range: [
    undefined,
    (value) => (value === 0xffffffffn ? "~0U" : String(value)),
    flags(CLOSE_RANGE, "CLOSE_RANGE_"),
  ],
  memfd_create: [undefined, flags(MFD, "MFD_")],
  execve: [undefined, undefined, environment],
  execveat: [...fdOrPath, undefined, environment, at],
  pipe2: [undefined, flags({ CLOEXEC: O.CLOEXEC, NONBLOCK: O.NONBLOCK }, "O_")],
  dup3: [undefined, undefined, flags({ CLOEXEC: O.CLOEXEC }, "O_")],
  socketpair: [one(AF, "AF_"), spellSocket],
  socket: [one(AF, "AF_"), spellSocket],
  ioctl: [undefined, one(IOCTL, "")],
  prlimit64: [undefined, one(RLIMIT, "RLIMIT_")],
  umask: [octal],
  bpf: [one(BPF, "BPF_")],
};

// open_tree mixes flags of two families, each with its own prefix.
const treeFlags = {
  OPEN_TREE_CLONE: OPEN_TREE.CLONE,
  OPEN_TREE_CLOEXEC: OPEN_TREE.CLOEXEC,
  AT_EMPTY_PATH: AT.EMPTY_PATH,
  AT_RECURSIVE: AT.RECURSIVE,
  AT_SYMLINK_NOFOLLOW: AT.SYMLINK_NOFOLLOW,
};

function spellSocket(value: bigint): string {
  const type = spellOne({ STREAM: 1, DGRAM: 2, RAW: 3, SEQPACKET: 5 }, value & 0xfn, "SOCK_");
  const more = spellFlags({ NONBLOCK: SOCK.NONBLOCK, CLOEXEC: SOCK.CLOEXEC }, value & ~0xfn, "SOCK_");
  return more === "0" ? type : `${type}|${more}`;
}

/** Seals are an argument of one fcntl command only. */
export const spellSeals = flags(SEAL, "F_SEAL_");

const LONGEST = 160;

/** `"a\nb"` in C's spelling, shortened like strace does when it is longer than anybody reads. */
function quote(text: string): string {
  const shown = text.length > LONGEST ? text.slice(0, LONGEST) : text;
  return `${JSON.stringify(shown)}${shown === text ? "" : "..."}`;
}

function spellRef({ reg }: Ref, known: Registers): string {
  return known[reg] === undefined ? `$${reg}` : `${known[reg]}<${reg}>`;
}

function spellString(value: string | Text, known: Registers): string {
  if (typeof value === "string") return quote(value);
  return quote(
    value.text.map((part) => (typeof part === "string" ? part : (known[part.reg] ?? `$${part.reg}`))).join(""),
  );
}

/** So would a long list of arguments. */
function spellStrings(values: (string | Text)[], known: Registers): string {
  const shown = values.slice(0, 12).map((value) => spellString(value, known));
  return `[${shown.join(", ")}${values.length > shown.length ? `, /* ${values.length - shown.length} more */` : ""}]`;
}

function spellBytes(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString("utf8");
  if (/^[\x20-\x7e\n\t]*$/.test(text)) return quote(text);
  return `/* ${bytes.length} bytes */`;
}

function spellField(field: Field, known: Registers): string {
  const { value } = field;
  if (field.spell && (typeof value === "number" || typeof value === "bigint")) return field.spell(BigInt(value));
  return spellArg(value, known);
}

function spellArg(arg: Arg, known: Registers, spelling?: Spelling): string {
  if (arg === null) return "NULL";
  if (typeof arg === "number" || typeof arg === "bigint") return spelling ? spelling(BigInt(arg)) : String(arg);
  if (typeof arg === "string") return quote(arg);
  if (arg instanceof Uint8Array) return spellBytes(arg);
  if ("reg" in arg) return spellRef(arg, known);
  if ("text" in arg) return spellString(arg, known);
  if ("strings" in arg) return spelling ? spelling(BigInt(arg.strings.length)) : spellStrings(arg.strings, known);
  if ("out" in arg) return `[${arg.out.map((reg) => spellRef({ reg }, known)).join(", ")}]`;
  if ("room" in arg) return `/* room for ${arg.room} bytes */`;
  // A field without a name is padding.
  const named = arg.struct.filter((field) => field.name !== "");
  return `{${named.map((field) => `${field.name}=${spellField(field, known)}`).join(", ")}}`;
}

/** The call of a step: `mount("proc", "/proc", "proc", MS_NOSUID|MS_NODEV, NULL)`. Registers are spelled `$name`. */
export function spellCall(step: Step): string {
  return spellWith({}, step);
}

/** The same with the registers that are known, as strace has it with `-y`: `fchdir(5<rootfs>)`. */
export function spellWith(known: Registers, step: Step): string {
  const spellings = spellingsOf(step);
  return `${step.call}(${step.args.map((arg, index) => spellArg(arg, known, spellings[index])).join(", ")})`;
}

/** What prctl's further arguments mean depends on the first. */
function spellingsOf({ call, args }: Step): readonly (Spelling | undefined)[] {
  const spellings = SPELLINGS[call] ?? [];
  if (call !== "prctl") return spellings;
  const capability = one(CAP, "CAP_");
  if (args[0] === PR.CAPBSET_DROP) return [...spellings, capability];
  if (args[0] === PR.CAP_AMBIENT) return [...spellings, one(PR_CAP_AMBIENT, "PR_CAP_AMBIENT_"), capability];
  return spellings;
}
