// Root in the lab does its worst. Nothing outside may change, and throwing the lab away brings a new one in a moment.

import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import { closeLab, type Lab, openLab, resetLab } from "../../src/course/lab.ts";
import { temporaryRoots } from "../support/engine.ts";
import { needs } from "../support/needs.ts";
import { ATTACKS, outside } from "./attacks.ts";

/** How long each took, in milliseconds. */
const resets: number[] = [];

describe("whoever is root in the lab", needs("userns"), () => {
  test.each(ATTACKS)("%s, and nothing outside changes", { timeout: 240_000 }, async (_, script) => {
    const workshop = mkdtempSync(join(tmpdir(), "workshop-"));
    writeFileSync(join(workshop, "mine.ts"), "kept\n");
    const roots = temporaryRoots();
    const wish = { workshop };
    onTestFinished(() => closeLab(roots, wish));
    const lab = await openLab(roots, wish);
    const before = outside(workshop);

    await attack(lab, script, workshop);
    expect(outside(workshop)).toEqual(before);

    const began = performance.now();
    const fresh = await resetLab(roots, wish);
    const tookMs = performance.now() - began;
    expect(await fresh.run(["mini-docker", "run", "--rm", "base", "echo", "works"])).toEqual({
      exitCode: 0,
      output: "works\n",
    });
    resets.push(tookMs);
    await fresh.close();
    expect(outside(workshop)).toEqual(before);
  });
});

test("a new lab is there in under a second", needs("userns", "speed"), () => {
  const sorted = resets.sort((one, other) => one - other).map(Math.round);
  console.log(`resets took ${sorted.join(" ")} ms`);
  // A machine that is busy with something else makes some of them wait.
  expect(sorted[sorted.length >> 1]).toBeLessThan(1000);
});

/** The shell of the attack may die of it, or never end. */
async function attack(lab: Lab, script: string, workshop: string): Promise<void> {
  const shell = await lab.exec(["sh", "-c", script], { env: { WORKSHOP: workshop } });
  await Promise.race([shell.ended, sleep(20_000)]);
}
