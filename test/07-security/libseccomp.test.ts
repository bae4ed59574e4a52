// Docker, runc and crun have their filters made by libseccomp. Whatever it says of a call, ours must say too.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Architecture, TOKEN, X32_BIT } from "../../src/07-security/architecture.ts";
import { compileFilter } from "../../src/07-security/compile.ts";
import { defaultProfile } from "../../src/07-security/profile.ts";
import { readProfile } from "../../src/07-security/rules.ts";
import type { LinuxSeccomp } from "../../src/07-security/seccomp.ts";
import { OPERATORS } from "../../src/07-security/seccomp.ts";
import { syscallNumbers } from "../../src/07-security/syscalls-table.ts";
import { needs } from "../support/needs.ts";
import { generator, randomRule, randomValue } from "./random.ts";
import { type Call, simulate } from "./simulate.ts";

const ALL: Architecture[] = ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"];

/** How libseccomp itself names architectures: x32 isn't the kernel's token there. */
const NUMBER = { ...TOKEN, SCMP_ARCH_X32: 0x4000003e };

/** What libseccomp 2.5.4 knows by name ends here; 335 and 336 of x86-64 came later. */
const NEWEST_IT_KNOWS = 448;
const LATER = [335, 336];

/** To these the C library of 32-bit x86 has a second way, through one call with the real one's number in an argument. */
const MULTIPLEXED =
  /^(accept4?|bind|connect|get(peer|sock)name|[gs]etsockopt|listen|recv(from|mm?sg)?|send(to|mm?sg)?|shutdown|socket(pair)?|(msg|sem|shm)\w+)$/;

describe("libseccomp", needs("x64", "program:cc", "libseccomp"), () => {
  const folder = mkdtempSync(join(tmpdir(), "mini-docker-test-"));
  const fixture = join(folder, "libseccomp");

  beforeAll(() => {
    const source = new URL("libseccomp.c", import.meta.url).pathname;
    const { status, stderr } = spawnSync("cc", ["-o", fixture, source, "-lseccomp"], { encoding: "utf8" });
    expect(status, stderr).toBe(0);
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  function theirs(seccomp: LinuxSeccomp): Uint8Array {
    const { stdout, status } = spawnSync(fixture, { input: asLines(seccomp), maxBuffer: 1 << 24 });
    expect(status).toBe(0);
    return new Uint8Array(stdout);
  }

  test.each([
    ["no capability", []],
    ["CAP_SYS_ADMIN", ["CAP_SYS_ADMIN"]],
    ["CAP_SYS_PTRACE and CAP_SYS_TIME", ["CAP_SYS_PTRACE", "CAP_SYS_TIME"]],
  ])("agrees with us on every call of the default profile with %s", (_, capabilities) => {
    const profile = defaultProfile({ capabilities, architecture: "SCMP_ARCH_X86_64" });
    const values = [0n, 8n, 37n, 38n, 39n, 40n, 41n, 46n, 0x20000n, 0x20008n, 0x7e020000n, 0xffffffffn];
    const both = { ours: compileFilter(profile, "SCMP_ARCH_X86_64"), theirs: theirs(profile) };
    expect(disagreements(both, calls(ALL, values))).toEqual([]);
  });

  test("agrees with us on a hundred profiles of random rules", () => {
    const random = generator(7);
    for (let round = 0; round < 100; round++) {
      const { profile, values } = randomProfile(random);
      const both = { ours: compileFilter(profile, "SCMP_ARCH_X86_64"), theirs: theirs(profile) };
      const asked = calls(ALL, values, 40);
      expect(disagreements(both, asked), inspect(profile, { depth: null })).toEqual([]);
    }
  });
});

function disagreements(programs: { ours: Uint8Array; theirs: Uint8Array }, asked: Call[]): string[] {
  return asked.flatMap((call) => {
    const [ours, theirs] = [simulate(programs.ours, call), simulate(programs.theirs, call)];
    const spelled = `${call.number} of ${call.architecture.toString(16)} (${call.args?.join(", ")})`;
    return ours === theirs ? [] : [`${spelled}: ours 0x${ours.toString(16)}, libseccomp's 0x${theirs.toString(16)}`];
  });
}

/** Each number up to `last` with each value, and its neighbours, as every argument; with and without something in the high half. */
function calls(architectures: Architecture[], values: bigint[], last = NEWEST_IT_KNOWS): Call[] {
  const around = values.flatMap((value) => [value - 1n, value, value + 1n]).map((value) => BigInt.asUintN(64, value));
  const args = around.flatMap((value) => [value, value ^ (1n << 32n)]).map((value) => Array<bigint>(6).fill(value));
  return architectures.flatMap((architecture) => {
    const first = architecture === "SCMP_ARCH_X32" ? X32_BIT : 0;
    const numbers = Array.from({ length: last + 1 }, (_, index) => first + index);
    const left = numbers.filter((number) => !LATER.includes(number) && !isMultiplexed(architecture, number));
    return left.flatMap((number) => args.map((args) => ({ number, architecture: TOKEN[architecture], args })));
  });
}

function isMultiplexed(architecture: Architecture, wanted: number): boolean {
  if (architecture !== "SCMP_ARCH_X86") return false;
  const found = [...syscallNumbers(architecture)].find(([, number]) => number === wanted);
  return found !== undefined && (MULTIPLEXED.test(found[0]) || found[0] === "socketcall" || found[0] === "ipc");
}

/** A profile in the language of libseccomp.c, with what runc does before it asks libseccomp done. */
function asLines({ syscalls = [], architectures = [], ...defaults }: LinuxSeccomp): string {
  const { otherwise } = readProfile({ ...defaults });
  const lines = [`d ${otherwise}`, ...architectures.map((name) => `a ${NUMBER[name as Architecture]}`)];
  for (const rule of syscalls) {
    const { otherwise: action } = readProfile({ defaultAction: rule.action, defaultErrnoRet: rule.errnoRet ?? 1 });
    const tests = (rule.args ?? []).map(({ index, op, value, valueTwo = 0 }) => {
      return `${index} ${OPERATORS.indexOf(op) + 1} ${value} ${valueTwo}`;
    });
    if (action !== otherwise) lines.push(...rule.names.map((name) => `r ${action} ${name} ${tests.join(" ")}`));
  }
  return `${lines.join("\n")}\n`;
}

/**
 * One rule a call: of several about one argument libseccomp 2.5.4 forgets halves (at least 0x700000001, or at most 1, lets
 * 0x80000000 through). Those are compared with what they mean, in compile.test.ts.
 */
function randomProfile(random: (below: number) => number): { profile: LinuxSeccomp; values: bigint[] } {
  const names = ["read", "write", "close", "poll", "lseek", "ioctl", "readv", "access"];
  const values = Array.from({ length: 3 }, () => randomValue(random));
  const syscalls = names.map((name) => randomRule(random, name, values));
  return { profile: { defaultAction: "SCMP_ACT_ERRNO", defaultErrnoRet: 38, architectures: ALL, syscalls }, values };
}
