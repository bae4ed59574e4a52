// Root in the lab does its worst. Nothing outside may change, and throwing the lab away brings a new one in a moment.

import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import { closeLab, type Lab, openLab, resetLab } from "../../src/course/lab.ts";
import { temporaryRoots } from "../support/engine.ts";
import { isEmulated, needs } from "../support/needs.ts";
import { ATTACKS, outside } from "./attacks.ts";

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
    console.log(`reset in ${tookMs.toFixed(0)} ms`);
    if (!isEmulated()) expect(tookMs).toBeLessThan(1000);
    await fresh.close();
    expect(outside(workshop)).toEqual(before);
  });
});

/** The shell of the attack may die of it, or never end. */
async function attack(lab: Lab, script: string, workshop: string): Promise<void> {
  const shell = await lab.exec(["sh", "-c", script], { env: { WORKSHOP: workshop } });
  await Promise.race([shell.ended, sleep(20_000)]);
}
