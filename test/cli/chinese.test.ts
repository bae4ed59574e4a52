import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { chineseFor } from "../../src/cli/show/chinese/catalogue.ts";
import { DOCTOR } from "../../src/cli/show/chinese/doctor.ts";

describe("a catalogue", () => {
  const CATALOGUE = { plain: "简单", "a {} of {}": "{1} 的 {0}", "{}: so": "{}：就这样" };

  test.each([
    ["plain", "简单"],
    ["a cup of tea", "tea 的 cup"],
    ["a plain of tea", "tea 的 简单"],
    ["plain: so", "简单：就这样"],
    ["other", undefined],
  ])("%s is %s", (english, chinese) => {
    expect(chineseFor(english, [CATALOGUE])).toBe(chinese);
  });
});

/** What people are told: literals with a space in them, and the findings' names. */
function sentencesOf(source: string): string[] {
  const code = source.replace(/^\s*(?:\/\/|\/?\*).*$/gm, "").replace(/^import [^;]*;/gm, "");
  const literals = [...code.matchAll(/"((?:[^"\\\n]|\\.)*)"|'([^'\n]*)'|`([^`]*)`/g)];
  const named = [...code.matchAll(/\bok\("([^"]+)"/g)].map(([, text]) => text!);
  const texts = literals.map(
    ([, double, single, template]) => double ?? single ?? template!.replace(/\$\{[^}]*\}/g, "X"),
  );
  return [...texts.filter((text) => text.trim().includes(" ")), ...named];
}

/** What only programs see, and the kernel. */
const NOT_SAID = [
  /^(is there|do calls|the parent has seen|a program that ends)/,
  /^X \(Linux X\)$/,
  /^X+ …$/,
  /^X: X$/,
  /^it is$/,
];

test("doctor says everything in Chinese, too", () => {
  const folder = join(import.meta.dirname, "../../src/10-containers/doctor");
  const said = readdirSync(folder).flatMap((name) => sentencesOf(readFileSync(join(folder, name), "utf8")));
  const missing = said.filter((text) => !NOT_SAID.some((pattern) => pattern.test(text)) && !chineseFor(text, [DOCTOR]));
  expect(said.length).toBeGreaterThan(60);
  expect(missing).toEqual([]);
});
