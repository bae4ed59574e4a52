// From rules to a program: OCI `linux.seccomp` in, classic BPF out.
//
// A list of comparisons, one for each call that is allowed, is walked to its end for each that isn't. We write a tree:
//
//   architecture ──► number, halved until it lies between two neighbours ──► its rules' arguments ──► verdict
//
// Neighbours with one verdict are one stretch, so 380 calls make some hundred leaves and seven comparisons find any.
// (Since 5.11 the kernel runs the program for every number once, when it is loaded, and never again for those that are
// allowed whatever their arguments. What a tree saves is that loading, and every refusal.)

import { UserError } from "../01-syscalls/index.ts";
import { type Architecture, BITS, isArchitecture, nativeArchitecture, TOKEN, X32_BIT } from "./architecture.ts";
import { type Label, OP, Program, WORD } from "./bpf.ts";
import { writeTest } from "./compare.ts";
import { type CallRules, type Profile, readProfile, VERDICT } from "./rules.ts";
import type { LinuxSeccomp } from "./seccomp.ts";
import { syscallNumbers } from "./syscalls-table.ts";

/** Numbers from `first` up to the next stretch's first: the program goes on at `label`. */
interface Stretch {
  first: number;
  label: Label;
}

/**
 * The filter as an array of `struct sock_filter`. A call of an architecture that the profile doesn't list kills the
 * thread, as with libseccomp; a name that an architecture doesn't have is passed over. Throws UserError.
 */
export function compileFilter(seccomp: LinuxSeccomp, native: Architecture = nativeArchitecture()): Uint8Array {
  const profile = readProfile(seccomp);
  const program = new Program();
  let first = program.verdict(VERDICT.SCMP_ACT_KILL_THREAD);
  // Written backwards: the machine's own architecture comes last, and so is asked about first.
  for (const architectures of byToken(seccomp, native).reverse()) {
    const tree = writeTree(program, stretches(program, profile, architectures));
    const yes = program.load(WORD.NUMBER, tree);
    first = program.test({ word: WORD.ARCHITECTURE, op: OP.JEQ, k: TOKEN[architectures[0]!], yes, no: first });
  }
  return program.bytes(first);
}

/** The profile's architectures and the native one, which leads; those that share a token are together. */
function byToken({ architectures = [] }: LinuxSeccomp, native: Architecture): Architecture[][] {
  const unknown = architectures.find((name) => !/^SCMP_ARCH_\w+$/.test(name));
  if (unknown !== undefined) throw new UserError(`unknown architecture "${unknown}"`);
  const groups = new Map<number, Architecture[]>();
  // Others than those we have tables for are other machines': no program of theirs runs here.
  for (const name of new Set([native, ...architectures.filter(isArchitecture)])) {
    groups.set(TOKEN[name], [...(groups.get(TOKEN[name]) ?? []), name]);
  }
  return [...groups.values()];
}

function stretches(program: Program, profile: Profile, architectures: Architecture[]): Stretch[] {
  const all = architectures.flatMap((architecture) => stretchesOf(program, profile, architecture));
  // A profile that doesn't list x32 is asked all the same, as x32 has x86-64's token.
  const isWithoutX32 = architectures.includes("SCMP_ARCH_X86_64") && !architectures.includes("SCMP_ARCH_X32");
  if (isWithoutX32) all.push({ first: X32_BIT, label: program.verdict(VERDICT.SCMP_ACT_KILL_THREAD) });
  all.sort((a, b) => a.first - b.first);
  return all.filter(({ label }, index) => label !== all[index - 1]?.label);
}

function stretchesOf(program: Program, profile: Profile, architecture: Architecture): Stretch[] {
  const otherwise = program.verdict(profile.otherwise);
  const starts = new Map([[architecture === "SCMP_ARCH_X32" ? X32_BIT : 0, otherwise]]);
  const decided = [...syscallNumbers(architecture)].filter(([name]) => profile.calls.has(name));
  decided.sort(([, a], [, b]) => a - b);
  for (const [name, number] of decided) {
    const label = writeRules(profile.calls.get(name)!, { program, bits: BITS[architecture], otherwise });
    starts.set(number, label).set(number + 1, otherwise);
  }
  const last = decided.at(-1);
  if (last) starts.set(last[1] + 1, program.verdict(profile.unknown));
  return [...starts].map(([first, label]) => ({ first, label }));
}

/** Halves the stretches until one is left. The accumulator holds the number. */
function writeTree(program: Program, all: Stretch[]): Label {
  if (all.length === 1) return all[0]!.label;
  const middle = all.length >> 1;
  const above = writeTree(program, all.slice(middle));
  const below = writeTree(program, all.slice(0, middle));
  return program.branch(OP.JGE, all[middle]!.first, above, below);
}

/** Backwards again: what is tried last is written first. */
function writeRules(
  { always, tests }: CallRules,
  { program, bits, otherwise }: { program: Program; bits: 32 | 64; otherwise: Label },
): Label {
  if (always !== undefined) return program.verdict(always);
  return tests.reduceRight((no, { args, verdict }) => {
    const matched = program.verdict(verdict);
    return args.reduceRight((yes, test) => writeTest(test, { program, bits, yes, no }), matched);
  }, otherwise);
}
