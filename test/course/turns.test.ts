// As many checks at once as there are processors.

import { mkdtempSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { takeTurn } from "../../src/course/turns.ts";

test("who comes when all turns are taken waits for one, or gives up when told to", async () => {
  const roots = { state: mkdtempSync(join(tmpdir(), "turns-")) };
  const { signal } = new AbortController();
  const turns = await Promise.all(Array.from({ length: availableParallelism() }, () => takeTurn(roots, signal)));

  const impatient = AbortSignal.timeout(100);
  await expect(takeTurn(roots, impatient)).rejects.toThrow("timeout");

  let isIn = false;
  const waiting = takeTurn(roots, signal).then((turn) => {
    isIn = true;
    return turn;
  });
  await new Promise((resolve) => setTimeout(resolve, 120));
  expect(isIn).toBe(false);
  turns.pop()!.close();
  for (const turn of [await waiting, ...turns]) turn.close();
});
