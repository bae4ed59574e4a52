// The arena's list: one finds in it what one has read about, and the lesson has a line for each.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ATTACKS, attacksNamed } from "../../src/10-containers/arena/arena.ts";

const names = (...words: string[]) => attacksNamed(words).map(({ name }) => name);

test("attacks are found by a word of their name, and by a part of their number", () => {
  expect(names("chroot")).toEqual(["leave by chroot"]);
  expect(names("cve-2019-5736", "Chroot")).toEqual(["leave by chroot", "overwrite the program that enters"]);
  expect(() => names("chroot", "no such")).toThrow('no attack is called "no such"');
});

/** The cells of the tables in a lesson's part about escapes. */
function rowsOf(file: string): string[][] {
  const lesson = readFileSync(join(import.meta.dirname, "../../lessons/07-security", file), "utf8");
  const rows = lesson.split("\n").filter((line) => /^\|.*\|.*\|.*\|$/.test(line));
  const cells = rows.map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  return cells.slice(cells.findIndex(([first]) => first === ATTACKS[0]!.name || first?.includes("chroot")));
}

test("lesson 07 has a line for each, in both languages", () => {
  const isEscape = ([first = ""]: string[]) => !/^(-+|attack|攻击)$/.test(first);
  const [english, chinese] = ["lesson.md", "lesson.zh.md"].map((file) => rowsOf(file).filter(isEscape));
  const lines = (rows: string[][] = []) => rows.map(([name, cve]) => `${name} ${cve}`.trim()).sort();
  expect(lines(english)).toEqual(ATTACKS.map(({ name, cve = [] }) => `${name} ${cve.join(" ")}`.trim()).sort());
  // There the names are translated; what they were published as is the same, line by line.
  expect(chinese?.map(([, cve]) => cve)).toEqual(english?.map(([, cve]) => cve));
});
