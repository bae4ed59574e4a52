import { expect, test } from "vitest";
import { alignTabs, table } from "../../src/cli/show/table.ts";
import { displayWidth, truncate } from "../../src/cli/show/width.ts";

test("table: three spaces behind the widest cell, ten columns at least, the last as it is", () => {
  expect(table(["A", "LONG HEADING", "B"], [["x", "y", "zzzzz"]])).toBe(
    "A         LONG HEADING   B\nx         y              zzzzz\n",
  );
});

test("alignTabs: a line with fewer cells does not widen what it has not", () => {
  expect(alignTabs("a\tb\nonly one and it is long\n")).toBe("a         b\nonly one and it is long\n");
});

test("displayWidth: two columns for wide characters, none for accents and colours", () => {
  expect(["abc", "中文", "한글", "ｗ", "e\u0301", "\x1b[31mred\x1b[0m", "🚀", "é"].map(displayWidth)).toEqual([
    3, 4, 4, 2, 1, 3, 2, 1,
  ]);
});

test("truncate: to columns, not to characters", () => {
  expect(truncate("sleep 1000", 20)).toBe("sleep 1000");
  expect(truncate("a very long command line", 10)).toBe("a very lo…");
  expect(truncate("中文名字很长", 7)).toBe("中文名…");
});
