// A bed is one machine the tests ran on: this host as root, this host as a user, the cgroup v2 guest. Each bed leaves out
// what it can't offer, so no single bed shows that a test works. This reporter says at the end what was left out and why,
// and writes what happened to each test into `$BED_RESULTS/$BED.json`; scripts/union.mjs lays those files over each other.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Reporter, SerializedError, TestCase, TestModule } from "vitest/node";

/** What became of one test in one bed. One that passed only when it was tried again says how it failed before. */
export type Outcome = { state: "passed" | "failed"; before?: string } | { state: "left out"; reason: string };

export default class implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly SerializedError[]): void {
    const outcomes = new Map(modules.flatMap(outcomesOf));
    errors.forEach((_, index) => {
      outcomes.set(`(outside of any test) ${index + 1}`, { state: "failed" });
    });
    writeBed(outcomes);
    for (const line of leftOutLines(outcomes)) console.log(line);
    console.log(closingLine(outcomes));
  }
}

function outcomesOf(module: TestModule): [string, Outcome][] {
  const file = module.relativeModuleId;
  const tests = [...module.children.allTests()].map((test): [string, Outcome] => [nameOf(file, test), outcomeOf(test)]);
  // A file that can't be imported, or whose hook failed, has no failed test of its own.
  const isBroken = module.errors().length > 0 || (!module.ok() && tests.every(([, { state }]) => state !== "failed"));
  return isBroken ? [...tests, [file, { state: "failed" }]] : tests;
}

function nameOf(file: string, test: TestCase): string {
  return `${file} > ${test.fullName}`;
}

function outcomeOf(test: TestCase): Outcome {
  const result = test.result();
  const reason = test.module.meta().leftOut ?? test.meta().leftOut;
  if (reason) return { state: "left out", reason };
  if (result.state === "skipped") return { state: "left out", reason: result.note ?? "no reason given" };
  // A test that is still pending when all is over was never finished.
  if (result.state !== "passed") return { state: "failed" };
  if (!test.diagnostic()?.flaky) return { state: "passed" };
  return { state: "passed", before: result.errors?.[0]?.message ?? "" };
}

function writeBed(outcomes: Map<string, Outcome>): void {
  const { BED_RESULTS: folder, BED: bed = "host" } = process.env;
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${bed}.json`), `${JSON.stringify(Object.fromEntries(outcomes), null, 1)}\n`);
}

function leftOutLines(outcomes: Map<string, Outcome>): string[] {
  const counts = new Map<string, number>();
  for (const outcome of outcomes.values()) {
    if (outcome.state === "left out") counts.set(outcome.reason, (counts.get(outcome.reason) ?? 0) + 1);
  }
  return [...counts].map(([reason, count]) => `Left out: ${count} ${count === 1 ? "test" : "tests"}, ${reason}`);
}

/** Alone on its line and plain, for programs that count: "12 passed, 0 failed, 3 skipped". */
function closingLine(outcomes: Map<string, Outcome>): string {
  const states = [...outcomes.values()].map(({ state }) => state);
  const count = (wanted: Outcome["state"]) => states.filter((state) => state === wanted).length;
  return `${count("passed")} passed, ${count("failed")} failed, ${count("left out")} skipped`;
}
