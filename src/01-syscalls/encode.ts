// Lays a plan out as the bytes the launcher maps and runs (native/program.h draws the same picture).
//
//   header │ steps of `before` │ steps of `inside` │ steps of `after` │ heap: strings, structures, patches │ relocations
//
// Two kinds of numbers can't be known here. Addresses: the launcher maps the bytes wherever it likes, so every pointer
// is written as an offset, and the list of relocations says where the base has to be added. Results: a descriptor that
// an earlier step will return; each step lists patches that write it into place just before the call.

import { ERRNO } from "./errno.ts";
import { callNumber } from "./numbers.ts";
import type { Arg, Field, Ref, Register, Step, Text } from "./step.ts";

export const MAGIC = 0x31504b4d; // "MKP1"
export const HEADER_SIZE = 48;
export const STEP_SIZE = 96;

export const PATCH = { WORD: 1, HALF: 2, DECIMAL: 3, OUT: 4 } as const;
export const PROGRAM_FLAG = { TRACE: 1, STEPPING: 2 } as const;

const LONGEST_DECIMAL = 20;
const FIELD_SIZE = { u8: 1, u16: 2, u32: 4, u64: 8, pointer: 8 } as const;

export interface Patch {
  kind: number;
  at: number;
  register: number;
  /** DECIMAL only: how many bytes follow the number and move behind it. */
  rest: number;
}

/** A growing byte array with the relocations and registers found so far. */
class Layout {
  bytes: Buffer;
  size = 0;
  relocations: number[] = [];
  registers = new Map<Register, number>();

  constructor(registers: Iterable<Register>, room: number) {
    this.bytes = Buffer.allocUnsafeSlow(room);
    for (const name of registers) this.registers.set(name, this.registers.size);
  }

  /** Reserves zeroed room and returns its offset. */
  reserve(length: number, alignment = 8): number {
    const at = Math.ceil(this.size / alignment) * alignment;
    if (at + length > this.bytes.length) this.grow(at + length);
    this.bytes.fill(0, this.size, at + length);
    this.size = at + length;
    return at;
  }

  private grow(needed: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.bytes.length * 2));
    this.bytes.copy(larger, 0, 0, this.size);
    this.bytes = larger;
  }

  store(bytes: Uint8Array | string): number {
    const source = typeof bytes === "string" ? Buffer.from(`${bytes}\0`) : bytes;
    const at = this.reserve(source.length);
    this.bytes.set(source, at);
    return at;
  }

  pointer(at: number, target: number): void {
    this.bytes.writeBigUInt64LE(BigInt(target), at);
    this.relocations.push(at);
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

/** The program's bytes. `known` names the registers that have values from the start, `flags` are PROGRAM_FLAG. */
export function encode(lists: Lists, flags = 0, known: Register[] = ["control", "pid"]): Buffer {
  const layout = new Layout(known, 65536);
  const { before, inside, after = [] } = lists;
  layout.reserve(HEADER_SIZE);
  const offsets = [before, inside, after].map((steps) => ({ steps, at: layout.reserve(steps.length * STEP_SIZE) }));
  for (const { steps, at } of offsets) {
    steps.forEach((step, index) => {
      encodeStep(layout, step, at + index * STEP_SIZE);
    });
  }
  const relocations = layout.reserve(layout.relocations.length * 4);
  layout.relocations.forEach((at, index) => {
    layout.bytes.writeUInt32LE(at, relocations + index * 4);
  });
  const header = [MAGIC, layout.size, flags, layout.relocations.length, relocations, layout.registers.size];
  const places = offsets.flatMap(({ steps, at }) => [at, steps.length]);
  [...header, ...places].forEach((word, index) => {
    layout.bytes.writeUInt32LE(word >>> 0, index * 4);
  });
  return layout.bytes.subarray(0, layout.size);
}

/**
 * One step on its own, with every register already replaced by its value: what `perform` needs.
 * Returns its arguments as bytes at `args`, where addresses have to be added, and where the kernel leaves registers.
 */
export function encodeCall(step: Step): { bytes: Buffer; args: number; relocations: number[]; patches: Patch[] } {
  const layout = new Layout([], 1024);
  const args = layout.reserve(6 * 8);
  const patches = encodeArgs(layout, step, args);
  return { bytes: layout.bytes, args, relocations: layout.relocations, patches };
}

function encodeArgs(layout: Layout, step: Step, at: number): Patch[] {
  const patches: Patch[] = [];
  step.args.forEach((arg, index) => {
    encodeArg(layout, arg, at + index * 8, patches);
  });
  return patches;
}

function encodeStep(layout: Layout, step: Step, at: number): void {
  const patches = encodeArgs(layout, step, at);
  // A register is defined by the step only once its own arguments are read.
  const as = step.as === undefined ? -1 : layout.define(step.as);
  const list = encodePatches(layout, patches);
  const { bytes } = layout;
  bytes.writeBigInt64LE(BigInt(step.atLeast ?? 0), at + 48);
  bytes.writeUInt32LE(callNumber(step.call), at + 56);
  bytes.writeInt32LE(as, at + 60);
  bytes.writeUInt32LE(list, at + 64);
  bytes.writeUInt32LE(patches.length, at + 68);
  encodeErrnos(bytes, step.allow ?? [], at + 72, 8);
  encodeErrnos(bytes, step.retry ?? [], at + 88, 4);
}

function encodePatches(layout: Layout, patches: Patch[]): number {
  const list = layout.reserve(patches.length * 16);
  patches.forEach(({ kind, at, register, rest }, index) => {
    [kind, at, register, rest].forEach((word, place) => {
      layout.bytes.writeUInt32LE(word, list + index * 16 + place * 4);
    });
  });
  return list;
}

function encodeErrnos(bytes: Buffer, names: readonly (keyof typeof ERRNO)[], at: number, most: number): void {
  if (names.length > most) throw new Error(`a step names at most ${most} errors, not ${names.join(" ")}`);
  names.forEach((name, index) => {
    bytes.writeUInt16LE(ERRNO[name], at + index * 2);
  });
}

/** Writes one argument into its eight bytes at `at`; whatever it points to goes to the heap. */
function encodeArg(layout: Layout, arg: Arg, at: number, patches: Patch[]): void {
  if (arg === null) return;
  if (typeof arg === "number" || typeof arg === "bigint") {
    layout.bytes.writeBigInt64LE(BigInt.asIntN(64, BigInt(arg)), at);
  } else if (typeof arg === "string" || arg instanceof Uint8Array) {
    layout.pointer(at, layout.store(arg));
  } else if ("reg" in arg) {
    patches.push({ kind: PATCH.WORD, at, register: layout.read(arg.reg), rest: 0 });
  } else if ("text" in arg) {
    layout.pointer(at, encodeText(layout, arg, patches));
  } else if ("strings" in arg) {
    layout.pointer(at, encodeStrings(layout, arg.strings, patches));
  } else if ("out" in arg) {
    layout.pointer(at, encodeOut(layout, arg.out, patches));
  } else if ("room" in arg) {
    layout.pointer(at, layout.reserve(arg.room));
  } else {
    layout.pointer(at, encodeStruct(layout, arg.struct, patches));
  }
}

/** The literal parts back to back, with room for the numbers. The last number is patched in first, so offsets hold. */
function encodeText(layout: Layout, { text }: Text, patches: Patch[]): number {
  const literal = Buffer.from(`${text.map((part) => (typeof part === "string" ? part : "")).join("")}\0`);
  const numbers: { offset: number; ref: Ref }[] = [];
  let offset = 0;
  for (const part of text) {
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
  let size = 0;
  const places = fields.map((field) => {
    const width = FIELD_SIZE[field.type];
    const offset = Math.ceil(size / width) * width;
    size = offset + width;
    return { field, offset };
  });
  const at = layout.reserve(size);
  for (const { field, offset } of places) encodeField(layout, field, at + offset, patches);
  return at;
}

function encodeField(layout: Layout, { type, value }: Field, at: number, patches: Patch[]): void {
  if (type === "u64" || type === "pointer") {
    encodeArg(layout, value, at, patches);
  } else if (typeof value === "object" && value !== null && "reg" in value && type === "u32") {
    patches.push({ kind: PATCH.HALF, at, register: layout.read(value.reg), rest: 0 });
  } else if (typeof value === "number" || typeof value === "bigint") {
    const width = FIELD_SIZE[type];
    layout.bytes.writeUIntLE(Number(BigInt.asUintN(width * 8, BigInt(value))), at, width);
  } else {
    throw new Error(`a ${type} field holds a number, or a register where it is 32 bits wide`);
  }
}
