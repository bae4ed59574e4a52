// Rules nobody would think of, the same in every run.

import type { Operator, SyscallRule } from "../../src/07-security/seccomp.ts";

export type Random = (below: number) => number;

/** In the order of libseccomp's numbers, from 1. */
export const OPERATORS: Operator[] = [
  "SCMP_CMP_NE",
  "SCMP_CMP_LT",
  "SCMP_CMP_LE",
  "SCMP_CMP_EQ",
  "SCMP_CMP_GE",
  "SCMP_CMP_GT",
  "SCMP_CMP_MASKED_EQ",
];

/** Allows `name` depending on some of its first three arguments, compared with some of the values. */
export function randomRule(random: Random, name: string, values: bigint[]): SyscallRule {
  const oneOf = <T>(list: T[]): T => list[random(list.length)]!;
  const indexes = [0, 1, 2].filter(() => random(2) === 0);
  const args = indexes.map((index) => {
    return { index, op: oneOf(OPERATORS), value: oneOf(values), valueTwo: oneOf(values) };
  });
  return { names: [name], action: "SCMP_ACT_ALLOW", args };
}

/** 64 bits whose halves are often equal to another value's, and often at an edge. */
export function randomValue(random: Random): bigint {
  const half = () => BigInt([0, 1, 7, 0x80000000, 0xffffffff, random(2 ** 32)][random(6)]!);
  return (half() << 32n) | half();
}

/** xorshift */
export function generator(seed: number): Random {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}
