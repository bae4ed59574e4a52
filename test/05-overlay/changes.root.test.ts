import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Overlay } from "../../src/05-overlay/index.ts";
import { changesOf, changesOfCopy, copyLayers, makeWhiteout } from "../../src/05-overlay/index.ts";
import { makeStack, runInOverlay } from "./stack.ts";

/** Two layers: the upper one deletes a file of the lower one, replaces a directory and adds to another. */
const FIRST = `mkdir -p etc/ssl lib/old tmp; echo 1 > etc/passwd; echo 1 > etc/ssl/key; echo 1 > lib/old/a; echo 1 > lib/old/b
  echo 1 > gone; ln -s etc/passwd link; mkdir empty; echo 1 > "sp ace"`;
const SECOND = "rm gone; rm -r lib/old; mkdir lib/old; echo 2 > lib/old/b; echo 2 > lib/new; mv tmp var";

/** What a container may do, and what `docker diff` prints for it. */
const CASES: [does: string, script: string, prints: string[]][] = [
  ["adds a file", "echo x > lib/x", ["C /lib", "A /lib/x"]],
  ["adds a directory", "mkdir -p a/b; echo x > a/b/c", ["A /a", "A /a/b", "A /a/b/c"]],
  ["writes a file", "echo x > etc/ssl/key", ["C /etc", "C /etc/ssl", "C /etc/ssl/key"]],
  ["changes a mode", "chmod 600 etc/passwd", ["C /etc", "C /etc/passwd"]],
  ["changes a directory's mode", "chmod 700 empty", ["C /empty"]],
  ["deletes a file", "rm etc/passwd", ["C /etc", "D /etc/passwd"]],
  ["deletes a directory", "rm -r etc/ssl", ["C /etc", "D /etc/ssl"]],
  ["renames", "mv etc/passwd etc/moved", ["C /etc", "A /etc/moved", "D /etc/passwd"]],
  ["renames a directory", "mv lib/old lib/older", ["C /lib", "D /lib/old", "A /lib/older", "A /lib/older/b"]],
  [
    "replaces a directory's contents",
    "rm -r etc/ssl; mkdir etc/ssl; echo x > etc/ssl/cert",
    ["C /etc", "C /etc/ssl", "A /etc/ssl/cert", "D /etc/ssl/key"],
  ],
  ["puts a directory in a file's place", "rm link; mkdir link; echo x > link/in", ["C /link", "A /link/in"]],
  ["puts a file in a directory's place", "rm -r etc; echo x > etc", ["C /etc"]],
  ["points a link elsewhere", "ln -sfn lib link", ["C /link"]],
  ["makes and deletes a file", "echo x > new; rm new; echo x > lib/new2; rm lib/new2", []],
  ["uses odd names", 'rm "sp ace"; echo > "äö"', ["D /sp ace", "A /äö"]],
  ["does nothing", "cat etc/passwd lib/old/b >/dev/null; ls -R . >/dev/null", []],
];

function twoLayers(): Overlay {
  const stack = makeStack(2);
  execFileSync("sh", ["-c", FIRST], { cwd: stack.lower[0] });
  // The second layer is what an overlay on the first one keeps: real whiteouts, real opaque directories.
  runInOverlay({ ...stack, lower: [stack.lower[0]!], upper: stack.lower[1]! }, SECOND);
  return stack;
}

const print = (changes: { kind: string; path: string }[]) => changes.map(({ kind, path }) => `${kind} ${path}`);

describe.each(CASES)("a container that %s", (_, script, prints) => {
  test("is told from its upper directory", () => {
    const stack = twoLayers();
    runInOverlay(stack, script);
    expect(print(changesOf(stack.upper, stack.lower))).toEqual(prints);
  });

  test("is told from its copy", () => {
    const { lower, at } = twoLayers();
    copyLayers(lower, at);
    execFileSync("sh", ["-c", script], { cwd: at });
    expect(print(changesOfCopy(at, lower))).toEqual(prints);
  });
});

describe("changes", () => {
  test("a whiteout of what no layer has is none", () => {
    const { upper, lower } = makeStack(1);
    makeWhiteout(`${upper}/never-was`);
    expect(changesOf(upper, lower)).toEqual([]);
  });

  test("through three layers, a name deleted in the second and made again in the third is an old one", () => {
    const stack = twoLayers();
    const third = makeStack(1);
    runInOverlay({ ...third, lower: stack.lower }, "echo 3 > gone");
    const lower = [...stack.lower, third.upper];
    const fourth = { ...makeStack(0), lower };
    runInOverlay(fourth, "echo 4 > gone; rm -r lib/old");
    expect(print(changesOf(fourth.upper, lower))).toEqual(["C /gone", "C /lib", "D /lib/old"]);
    expect(existsSync(`${fourth.upper}/gone`)).toBe(true);
  });
});
