// The way into the kernel from Node: two functions of the C library, called through koffi.
//
// `syscall` makes any system call; `posix_spawn` starts the launcher without forking this large process (glibc uses
// clone with CLONE_VM, so nothing of Node's memory is copied: posix_spawn(3), NOTES).

import { constants } from "node:fs";
import { koffi } from "./koffi.ts";

const libc = koffi.load(null);

type Word = number | bigint;

const rawSyscall = libc.func(
  "int64_t syscall(int64_t number, int64_t a, int64_t b, int64_t c, int64_t d, int64_t e, int64_t f)",
) as { (...words: Word[]): Word; async(...words: [...Word[], done: () => void]): void };

const rawSpawn = libc.func(
  "int posix_spawn(_Out_ int *pid, str path, void *actions, void *attributes, void *argv, void *env)",
) as (...args: unknown[]) => number;

const memcpy = libc.func("uintptr_t memcpy(void *to, void *from, size_t bytes)") as (...args: unknown[]) => Word;

const init = libc.func("int posix_spawn_file_actions_init(void *)") as (actions: Buffer) => number;
const destroy = libc.func("int posix_spawn_file_actions_destroy(void *)") as (actions: Buffer) => number;
const addDup2 = libc.func("int posix_spawn_file_actions_adddup2(void *, int, int)") as (...args: unknown[]) => number;
const addOpen = libc.func("int posix_spawn_file_actions_addopen(void *, int, str, int, int)") as (
  ...args: unknown[]
) => number;
const initAttributes = libc.func("int posix_spawnattr_init(void *)") as (attributes: Buffer) => number;
const setFlags = libc.func("int posix_spawnattr_setflags(void *, short)") as (...args: unknown[]) => number;
const setDefault = libc.func("int posix_spawnattr_setsigdefault(void *, void *)") as (...args: unknown[]) => number;

/** The raw result of a system call: what it returned, or -errno. Pointers are passed as addresses. */
export function syscall(number: number, args: Iterable<Word>): number {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = args;
  const result = Number(rawSyscall(number, a, b, c, d, e, f));
  return result === -1 ? -koffi.errno() : result;
}

/** The same in a thread beside this one, for a call that may take for ever. What comes of it is not told. */
export function syscallAside(number: number, args: Word[]): Promise<void> {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = args;
  return new Promise((resolve) => rawSyscall.async(number, a, b, c, d, e, f, () => resolve()));
}

/** Where a Buffer's memory is. Only for buffers made by `Buffer.allocUnsafeSlow`, which never move. */
export function addressOf(buffer: Buffer): bigint {
  return BigInt(memcpy(buffer, buffer, 0));
}

const SETSIGDEF = 0x04;
const SETSIGMASK = 0x08;
const SETSID = 0x80;

/** Bytes enough for posix_spawnattr_t (336) and posix_spawn_file_actions_t (80) of glibc and musl. */
const ROOM = 512;

let attributes: { own: Buffer; detached: Buffer } | undefined;

/** Children start with no signal ignored or blocked: Node ignores SIGPIPE, and a container must not inherit that. */
function spawnAttributes(flags: number): Buffer {
  const buffer = Buffer.allocUnsafeSlow(ROOM).fill(0);
  initAttributes(buffer);
  setFlags(buffer, flags | SETSIGDEF | SETSIGMASK);
  setDefault(buffer, Buffer.allocUnsafeSlow(128).fill(0xff));
  return buffer;
}

/** A NULL-terminated array of strings in memory; `keep` has to live as long as the address is used. */
function pointers(strings: string[]): { array: Buffer; keep: Buffer[] } {
  const array = Buffer.allocUnsafeSlow((strings.length + 1) * 8).fill(0);
  const keep = strings.map((text, index) => {
    const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text) + 1);
    bytes.write(`${text}\0`);
    array.writeBigUInt64LE(addressOf(bytes), index * 8);
    return bytes;
  });
  return { array, keep };
}

export interface Spawn {
  path: string;
  argv: string[];
  env: string[];
  /** The child's descriptor numbers: `[[ours, its], …]`. All others close. Ours must be above every one of its. */
  fds: [number, number][];
  /** Its stdin, stdout and stderr are /dev/null instead of ours. */
  nullStdio: boolean;
  /** In a session of its own: no terminal's Ctrl-C reaches it. */
  detached: boolean;
}

/** Starts a program; returns its pid or -errno. posix_spawn(3) */
export function spawn({ path, argv, env, fds, nullStdio, detached }: Spawn): number {
  attributes ??= { own: spawnAttributes(0), detached: spawnAttributes(SETSID) };
  const actions = Buffer.allocUnsafeSlow(ROOM).fill(0);
  init(actions);
  for (const its of [0, 1, 2]) {
    if (nullStdio) addOpen(actions, its, "/dev/null", constants.O_RDWR, 0);
    // Node has marked them close-on-exec. Put where it is, a descriptor loses the mark.
    else addDup2(actions, its, its);
  }
  for (const [ours, its] of fds) addDup2(actions, ours, its);
  const pid = [0];
  const [args, environment] = [pointers(argv), pointers(env)];
  const how = detached ? attributes.detached : attributes.own;
  const error = rawSpawn(pid, path, actions, how, args.array, environment.array);
  destroy(actions);
  // Named once more so that the strings are not collected before the call is over.
  return args.keep.length + environment.keep.length >= 0 && error === 0 ? pid[0]! : -error;
}
