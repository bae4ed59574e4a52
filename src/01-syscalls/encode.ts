// Lays a plan out as the bytes the launcher maps and runs (native/program.h draws the same picture).
//
//   header │ steps of `before` │ steps of `inside` │ steps of `after` │ heap: strings, structures, patches │ relocations
//
// Two kinds of numbers can't be known here. Addresses: the launcher maps the bytes wherever it likes, so every pointer
// is written as an offset, and the list of relocations says where the base has to be added. Results: a descriptor that
// an earlier step will return; each step lists patches that write it into place just before the call.

import { bindText, type Registers } from "./bind.ts";
import { ERRNO } from "./errno.ts";
import { callNumber } from "./numbers.ts";
import type { Arg, Field, Ref, Register, Step, Text } from "./step.ts";

export const MAGIC = 0x31504b4d; // "MKP1"
export const HEADER_SIZE = 48;
export const STEP_SIZE = 96;

export const PATCH = { WORD: 1, HALF: 2, DECIMAL: 3, OUT: 4 } as const;
export const PROGRAM_FLAG = { TRACE: 1, STEPPING: 2 } as const;

const PATCH_SIZE = 16;
const LONGEST_DECIMAL = 20;
const FIELD_SIZE = { u8: 1, u16: 2, u32: 4, u64: 8, pointer: 8 } as const;

export interface Patch {
  kind: number;
  at: number;
  register: number;
  /** DECIMAL only: how many bytes follow the number and move behind it. */
  rest: number;
}

/**
 * A growing array of bytes, zero where nothing was put, with the pointers and registers found so far. Numbers are
 * little-endian, as on every machine we run on, and at multiples of their size: a word is 8 bytes, a half 4.
 */
class Layout {
  bytes: Buffer;
  halves: Int32Array;
  size = 0;
  relocations: number[] = [];
  registers = new Map<Register, number>();
  /** Registers whose values are known already: they are put where they are used, like any number. */
  readonly known: Registers;
  private readonly texts = new Map<string, number>();

  constructor(room: number, defined: Register[], known: Registers) {
    this.bytes = Buffer.alloc(room);
    this.halves = new Int32Array(this.bytes.buffer);
    this.known = known;
    for (const name of defined) this.define(name);
  }

  /** Reserves zeroed room at a multiple of eight and returns its offset. */
  reserve(length: number): number {
    const at = (this.size + 7) & ~7;
    if (at + length > this.bytes.length) this.grow(at + length);
    this.size = at + length;
    return at;
  }

  private grow(needed: number): void {
    const larger = Buffer.alloc((Math.max(needed, this.bytes.length * 2) + 7) & ~7);
    larger.set(this.bytes);
    this.bytes = larger;
    this.halves = new Int32Array(larger.buffer);
  }

  putHalf(at: number, value: number): void {
    this.halves[at >> 2] = value;
  }

  putWord(at: number, value: number | bigint): void {
    const isBig = typeof value === "bigint";
    this.putHalf(at, isBig ? Number(BigInt.asIntN(32, value)) : value);
    this.putHalf(at + 4, isBig ? Number(BigInt.asIntN(32, value >> 32n)) : Math.floor(value / 2 ** 32));
  }

  putPointer(at: number, target: number): void {
    this.putHalf(at, target);
    this.relocations.push(at);
  }

  putPatch(at: number, { kind, at: where, register, rest }: Patch): void {
    this.putHalf(at, kind);
    this.putHalf(at + 4, where);
    this.putHalf(at + 8, register);
    this.putHalf(at + 12, rest);
  }

  /** The same text is stored once: the kernel reads it, and writes only where a step has room for it. */
  storeText(text: string): number {
    const stored = this.texts.get(text);
    if (stored !== undefined) return stored;
    // No character needs more than three bytes for each of its units in a string.
    const at = this.reserve(3 * text.length + 1);
    this.size = at + this.bytes.write(text, at) + 1;
    this.texts.set(text, at);
    return at;
  }

  storeBytes(bytes: Uint8Array): number {
    const at = this.reserve(bytes.length);
    this.bytes.set(bytes, at);
    return at;
  }

  define(name: Register): number {
    const number = this.registers.get(name) ?? this.registers.size;
    this.registers.set(name, number);
    return number;
  }

  read(name: Register): number {
    const number = this.registers.get(name);
    if (number === undefined) throw new Error(`a step uses $${name} before any step has set it`);
    return number;
  }
}

/** What `encode` takes: the lists of one launch. `after` is what the launcher does after the child is split off. */
export interface Lists {
  before: Step[];
  inside: Step[];
  after?: Step[];
}

/** The program's bytes. `flags` are PROGRAM_FLAG; registers that are `known` become the numbers they hold. */
export function encode({ before, inside, after = [] }: Lists, flags = 0, known: Registers = {}): Buffer {
  const layout = new Layout(65536, ["control", "pid"], known);
  layout.reserve(HEADER_SIZE);
  const lists = [before, inside, after].map((steps) => ({ steps, at: layout.reserve(steps.length * STEP_SIZE) }));
  for (const { steps, at } of lists) {
    steps.forEach((step, index) => {
      encodeStep(layout, step, at + index * STEP_SIZE);
    });
  }
  const relocations = layout.reserve(layout.relocations.length * 4);
  layout.halves.set(layout.relocations, relocations >> 2);
  const header = [MAGIC, layout.size, flags, layout.relocations.length, relocations, layout.registers.size];
  layout.halves.set([...header, ...lists.flatMap(({ steps, at }) => [at, steps.length])]);
  return layout.bytes.subarray(0, layout.size);
}

/**
 * One step on its own, with a value for every register it reads: what `perform` needs. Returns its arguments as bytes
 * at `args`, where addresses have to be added, and where the kernel leaves registers.
 */
export function encodeCall(step: Step, known: Registers): { bytes: Buffer; relocations: number[]; patches: Patch[] } {
  const layout = new Layout(512, [], known);
  const patches = encodeArgs(layout, step, layout.reserve(6 * 8));
  return { bytes: layout.bytes, relocations: layout.relocations, patches };
}

function encodeArgs(layout: Layout, step: Step, at: number): Patch[] {
  const patches: Patch[] = [];
  step.args.forEach((arg, index) => {
    encodeArg(layout, arg, at + index * 8, patches);
  });
  return patches;
}

function encodeStep(layout: Layout, step: Step, at: number): void {
  const { call, as, atLeast, allow, retry } = step;
  const patches = encodeArgs(layout, step, at);
  // Most steps have none of these, and the room is zero already.
  if (atLeast !== undefined) layout.putWord(at + 48, atLeast);
  layout.putHalf(at + 56, callNumber(call));
  // A register is defined by the step only once its own arguments are read.
  layout.putHalf(at + 60, as === undefined ? -1 : layout.define(as));
  if (patches.length > 0) encodePatches(layout, patches, at + 64);
  if (allow) encodeErrnos(layout, allow, at + 72, 8);
  if (retry) encodeErrnos(layout, retry, at + 88, 4);
}

function encodePatches(layout: Layout, patches: Patch[], at: number): void {
  const list = layout.reserve(patches.length * PATCH_SIZE);
  patches.forEach((patch, index) => {
    layout.putPatch(list + index * PATCH_SIZE, patch);
  });
  layout.putHalf(at, list);
  layout.putHalf(at + 4, patches.length);
}

function encodeErrnos(layout: Layout, names: readonly (keyof typeof ERRNO)[], at: number, most: number): void {
  if (names.length > most) throw new Error(`a step names at most ${most} errors, not ${names.join(" ")}`);
  names.forEach((name, index) => {
    layout.bytes.writeUInt16LE(ERRNO[name], at + index * 2);
  });
}

/** Writes one argument into its eight bytes at `at`; whatever it points to goes to the heap. */
function encodeArg(layout: Layout, arg: Arg, at: number, patches: Patch[]): void {
  if (arg === null || arg === 0) return;
  if (typeof arg === "number" || typeof arg === "bigint") layout.putWord(at, arg);
  else if (typeof arg === "object" && "reg" in arg) encodeRef(layout, arg, at, patches);
  else layout.putPointer(at, encodeTarget(layout, arg, patches));
}

function encodeRef(layout: Layout, { reg }: Ref, at: number, patches: Patch[]): void {
  const value = layout.known[reg];
  if (value !== undefined) layout.putWord(at, value);
  else patches.push({ kind: PATCH.WORD, at, register: layout.read(reg), rest: 0 });
}

/** What a pointer points to. Returns its offset. */
function encodeTarget(layout: Layout, arg: Exclude<Arg, number | bigint | null | Ref>, patches: Patch[]): number {
  if (typeof arg === "string") return layout.storeText(arg);
  if (arg instanceof Uint8Array) return layout.storeBytes(arg);
  if ("text" in arg) return encodeText(layout, arg, patches);
  if ("strings" in arg) return encodeStrings(layout, arg.strings, patches);
  if ("out" in arg) return encodeOut(layout, arg.out, patches);
  if ("room" in arg) return layout.reserve(arg.room);
  return encodeStruct(layout, arg.struct, patches);
}

/** The literal parts back to back, with room for the numbers. The last number is patched in first, so offsets hold. */
function encodeText(layout: Layout, arg: Text, patches: Patch[]): number {
  const bound = bindText(arg, layout.known);
  if (typeof bound === "string") return layout.storeText(bound);
  const literal = Buffer.from(`${bound.text.map((part) => (typeof part === "string" ? part : "")).join("")}\0`);
  const numbers: { offset: number; ref: Ref }[] = [];
  let offset = 0;
  for (const part of bound.text) {
    if (typeof part === "string") offset += Buffer.byteLength(part);
    else numbers.push({ offset, ref: part });
  }
  const at = layout.reserve(literal.length + numbers.length * LONGEST_DECIMAL);
  layout.bytes.set(literal, at);
  let rest = literal.length;
  for (const { offset, ref } of numbers.reverse()) {
    patches.push({ kind: PATCH.DECIMAL, at: at + offset, register: layout.read(ref.reg), rest: rest - offset });
    rest += LONGEST_DECIMAL;
  }
  return at;
}

function encodeStrings(layout: Layout, strings: (string | Text)[], patches: Patch[]): number {
  const at = layout.reserve((strings.length + 1) * 8);
  strings.forEach((text, index) => {
    encodeArg(layout, text, at + index * 8, patches);
  });
  return at;
}

function encodeOut(layout: Layout, names: Register[], patches: Patch[]): number {
  const at = layout.reserve(names.length * 4);
  names.forEach((name, index) => {
    patches.push({ kind: PATCH.OUT, at: at + index * 4, register: layout.define(name), rest: 0 });
  });
  return at;
}

/** Fields in order, each aligned to its own size, as a C compiler would place them. */
function encodeStruct(layout: Layout, fields: Field[], patches: Patch[]): number {
  const offsets: number[] = [];
  let size = 0;
  for (const { type } of fields) {
    const width = FIELD_SIZE[type];
    const offset = Math.ceil(size / width) * width;
    offsets.push(offset);
    size = offset + width;
  }
  const at = layout.reserve(size);
  fields.forEach((field, index) => {
    encodeField(layout, field, at + offsets[index]!, patches);
  });
  return at;
}

function encodeField(layout: Layout, { type, value }: Field, at: number, patches: Patch[]): void {
  const known = isRef(value) ? (layout.known[value.reg] ?? value) : value;
  if (type === "u64" || type === "pointer") {
    encodeArg(layout, known, at, patches);
  } else if (type === "u32" && isRef(known)) {
    patches.push({ kind: PATCH.HALF, at, register: layout.read(known.reg), rest: 0 });
  } else if (type === "u32" && isOut(known)) {
    patches.push({ kind: PATCH.OUT, at, register: layout.define(known.out[0]!), rest: 0 });
  } else if (typeof known === "number" || typeof known === "bigint") {
    const width = FIELD_SIZE[type];
    layout.bytes.writeUIntLE(Number(BigInt.asUintN(width * 8, BigInt(known))), at, width);
  } else {
    throw new Error(`a ${type} field holds a number, or where it is 32 bits wide a register`);
  }
}

function isOut(value: Field["value"]): value is { out: Register[] } {
  return typeof value === "object" && value !== null && "out" in value;
}

function isRef(value: Field["value"]): value is Ref {
  return typeof value === "object" && value !== null && "reg" in value;
}
