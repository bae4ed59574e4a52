// Comparing an argument of a system call. Arguments have 64 bits, the filter's machine has 32: each comparison is one of
// the high half and, where that doesn't decide, one of the low half. To a 32-bit program only low halves mean anything.
//
// Pointers can be compared too, but never what they point to: another thread could change that after the filter has
// looked. So a filter can see clone's flags, which are an argument, and not clone3's, which are in a structure.

import { type Label, OP, type Program, WORD } from "./bpf.ts";
import type { ArgumentTest } from "./seccomp.ts";

/** Where a test of arguments is written, how wide those are, and where the program goes on. */
export interface Place {
  program: Program;
  bits: 32 | 64;
  yes: Label;
  no: Label;
}

/** Writes the test: the program goes on at `yes` if the comparison holds and at `no` if it doesn't. */
export function writeTest(test: ArgumentTest, place: Place): Label {
  const opposite = { ...place, yes: place.no, no: place.yes };
  switch (test.op) {
    case "SCMP_CMP_EQ":
      return writeEqual(test, place);
    case "SCMP_CMP_NE":
      return writeEqual(test, opposite);
    case "SCMP_CMP_GE":
      return writeGreater(test, OP.JGE, place);
    case "SCMP_CMP_GT":
      return writeGreater(test, OP.JGT, place);
    case "SCMP_CMP_LT":
      return writeGreater(test, OP.JGE, opposite);
    case "SCMP_CMP_LE":
      return writeGreater(test, OP.JGT, opposite);
    case "SCMP_CMP_MASKED_EQ":
      return writeMaskedEqual(test, place);
  }
}

function writeEqual({ index, value }: ArgumentTest, { program, bits, yes, no }: Place): Label {
  const { low, high } = halves(value);
  const lowToo = program.test({ word: WORD.low(index), op: OP.JEQ, k: low, yes, no });
  if (bits === 32) return lowToo;
  return program.test({ word: WORD.high(index), op: OP.JEQ, k: high, yes: lowToo, no });
}

/** Greater in the high half decides; equal there, the low half does, by `op`. */
function writeGreater({ index, value }: ArgumentTest, op: typeof OP.JGE | typeof OP.JGT, place: Place): Label {
  const { program, bits, yes, no } = place;
  const { low, high } = halves(value);
  const lowDecides = program.test({ word: WORD.low(index), op, k: low, yes, no });
  if (bits === 32) return lowDecides;
  const notGreater = program.branch(OP.JEQ, high, lowDecides, no);
  return program.test({ word: WORD.high(index), op: OP.JGT, k: high, yes, no: notGreater });
}

function writeMaskedEqual({ index, value, valueTwo = 0 }: ArgumentTest, { program, bits, yes, no }: Place): Label {
  const mask = halves(value);
  const wanted = halves(BigInt(value) & BigInt(valueTwo));
  const half = (word: number, mask: number, k: number, yes: Label) =>
    mask === 0 ? yes : program.test({ word, mask, op: OP.JEQ, k, yes, no });
  const low = half(WORD.low(index), mask.low, wanted.low, yes);
  return bits === 32 ? low : half(WORD.high(index), mask.high, wanted.high, low);
}

function halves(value: number | bigint): { low: number; high: number } {
  const whole = BigInt.asUintN(64, BigInt(value));
  return { low: Number(whole & 0xffffffffn), high: Number(whole >> 32n) };
}
