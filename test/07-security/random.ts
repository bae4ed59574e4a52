// Rules nobody would think of, the same in every run.

import { OPERATORS, type SyscallRule } from "../../src/07-security/seccomp.ts";
import { randomFrom } from "../support/random.ts";

export type Random = (below: number) => number;

/** Allows `name` depending on some of its first three arguments, compared with some of the values. */
export function randomRule(random: Random, name: string, values: bigint[]): SyscallRule {
  const oneOf = <T>(list: readonly T[]): T => list[random(list.length)]!;
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

export function generator(seed: number): Random {
  const next = randomFrom(seed);
  return (below) => Math.floor(next() * below);
}
