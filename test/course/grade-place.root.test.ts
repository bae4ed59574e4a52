// The folder of a check is deleted, and what was mounted in it is not.

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { stateBefore, takeAway } from "../../src/course/grade/leftovers.ts";
import { hostPlace } from "../../src/course/grade/place.ts";
import { plantedFor } from "../../src/course/grade/planted.ts";
import { needs } from "../support/needs.ts";

/** A place in a temporary folder that is called by a link, with somebody's file mounted in a folder of that name. */
function placeWithMount(name: string) {
  const home = realpathSync(mkdtempSync(join(tmpdir(), "place-")));
  const [real, link, theirs] = ["real", "link", "theirs"].map((each) => join(home, each)) as [string, string, string];
  mkdirSync(real);
  symlinkSync(real, link);
  mkdirSync(theirs);
  writeFileSync(join(theirs, "work"), "of weeks");
  const before = process.env.TMPDIR;
  process.env.TMPDIR = link;
  const place = hostPlace({ state: join(home, "state") });
  if (before === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = before;
  const target = join(place.folder, name);
  mkdirSync(target);
  const state = stateBefore(place);
  execFileSync("mount", ["--bind", theirs, target]);
  onTestFinished(() => {
    try {
      execFileSync("umount", ["-l", target], { stdio: "ignore" });
    } catch {
      // It is gone, as it should be.
    }
    rmSync(home, { recursive: true });
  });
  return { place, target, state, work: join(theirs, "work") };
}

describe("a check's folder", needs("root"), () => {
  test("stays while something is mounted in it", async () => {
    const { place, target, work } = placeWithMount("left");
    await expect(place.close()).rejects.toThrow(`${place.folder} stays`);
    expect(existsSync(work)).toBe(true);
    execFileSync("umount", [target]);
    await place.close();
    expect(existsSync(place.folder)).toBe(false);
  });

  test("goes when what was mounted in it is taken away, whatever the name", async () => {
    const { place, state, work } = placeWithMount("left ö\tover");
    await takeAway(state, { place, planted: plantedFor({ id: "x", probe: [] }), moments: [] });
    await place.close();
    expect([existsSync(place.folder), existsSync(work)]).toEqual([false, true]);
  });
});
