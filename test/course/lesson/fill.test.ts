import { expect, test } from "vitest";
import { filled } from "../../../src/course/lesson/fill.ts";
import { cutSymbol } from "../../../src/course/lesson/symbol.ts";

const TS = `// On top.
import { x } from "y";

/** Does it. */
export async function first(
  a: string,
): Promise<void> {
  if (a) return;

  await x(a);
}

/** Not exported. */
const LIST = [
  1,
];
type Short = string;
// A word about it,
// in two lines.
export interface Named {
  name: string;
}
`;

const C = `#define MOST 12
#define TWO(a) \\
  (a + a)

static int known(int a);

/* Adds. */
static __attribute__((noreturn)) void known(int a,
                                            int b) {
  quit(a + b);
}

struct pair {
  int a;
};
`;

test.each([
  ["first", "/** Does it. */\nexport async function first(", "  await x(a);\n}"],
  ["LIST", "/** Not exported. */\nconst LIST = [", "  1,\n];"],
  ["Short", "type Short = string;", "type Short = string;"],
  ["Named", "// A word about it,\n// in two lines.\nexport interface Named {", "  name: string;\n}"],
])("%s is cut out of TypeScript with the comment above it", (symbol, begin, end) => {
  const cut = cutSymbol(TS, symbol)!;
  expect([cut.slice(0, begin.length), cut.slice(-end.length)]).toEqual([begin, end]);
});

test.each([
  ["MOST", "#define MOST 12"],
  ["TWO", "#define TWO(a) \\\n  (a + a)"],
  [
    "known",
    `/* Adds. */
static __attribute__((noreturn)) void known(int a,
                                            int b) {
  quit(a + b);
}`,
  ],
  ["pair", "struct pair {\n  int a;\n};"],
])("%s is cut out of C", (symbol, text) => {
  expect(cutSymbol(C, symbol)).toBe(text);
});

test("what isn't declared isn't found, nor what only begins like it", () => {
  expect([cutSymbol(TS, "fir"), cutSymbol(TS, "x"), cutSymbol(C, "quit")]).toEqual([undefined, undefined, undefined]);
});

const LESSON = "# T\n\n```ts a.ts#b\nold\n```\n\nText.\n\n```console\n$ x\n```\n\n```ts reveal a.ts#c\nleaked\n```\n";

test("fences get the code they name; what the exercise asks for is not in the text", () => {
  const asked: string[] = [];
  const text = filled(LESSON, ({ source }) => {
    asked.push(`${source.path}#${source.symbol}`);
    return "new\n  code";
  });
  expect(text).toBe(LESSON.replace("old", "new\n  code").replace("leaked\n", ""));
  expect(asked).toEqual(["a.ts#b", "a.ts#c"]);
  expect(filled(text, () => "new\n  code")).toBe(text);
});

test("a symbol that is gone is said with its line", () => {
  const gone = () => {
    throw new Error("a.ts has no b");
  };
  expect(() => filled(LESSON, gone)).toThrow("3: a.ts has no b");
});
