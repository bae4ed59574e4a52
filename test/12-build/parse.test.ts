import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { UserError } from "../../src/01-syscalls/index.ts";
import { expandText, expandWord, expandWords } from "../../src/12-build/expand.ts";
import { readStatement } from "../../src/12-build/instructions/table.ts";
import { placeAt, readLines, sourceOf } from "../../src/12-build/lines.ts";
import { readRecipe, wantedStage } from "../../src/12-build/stages.ts";
import { splitWords } from "../../src/12-build/words.ts";

const linesOf = (text: string) => readLines(sourceOf("Dockerfile", text));
const textsOf = (text: string) => linesOf(text).map((line) => line.text);
const given = (buildArgs: Record<string, string> = {}) => ({
  buildArgs: new Map(Object.entries(buildArgs)),
  platform: { os: "linux", architecture: "arm64", variant: "v8" },
});
const recipeOf = (text: string, args = {}) => readRecipe(sourceOf("Dockerfile", text), given(args));

function mistakeOf(text: string): string {
  try {
    const recipe = recipeOf(text);
    return `no mistake in ${recipe.stages.length} stages`;
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    const { message, hint } = error as UserError;
    return hint === undefined ? message : `${message}\n  Hint: ${hint}`;
  }
}

describe("lines", () => {
  test("go on behind a backslash, whatever comments and empty lines are in between", () => {
    expect(textsOf("RUN a \\\n  # no\n\n  b \\\t\n c\nRUN d\\\\\n")).toEqual(["RUN a   b  c", "RUN d\\\\"]);
  });

  test("end with the file, also after a backslash", () => expect(textsOf("RUN a \\")).toEqual(["RUN a"]));

  test("have another sign for going on if the first of them says so", () => {
    expect(textsOf("# escape=`\nRUN c:\\\nRUN a `\n b")).toEqual(["RUN c:\\", "RUN a  b"]);
    expect(textsOf("# a comment\n# escape=`\nRUN a \\\n b")).toEqual(["RUN a  b"]);
  });

  test("may begin with a byte order mark, and end as on Windows", () => {
    expect(textsOf("\uFEFFFROM a\r\nRUN b\r\n")).toEqual(["FROM a", "RUN b"]);
  });

  test("know where each part of them was", () => {
    const [line] = linesOf("# c\n  RUN a \\\n   bcd");
    expect(placeAt(line!, line!.text.indexOf("a"))).toMatchObject({ line: 2, column: 7 });
    expect(placeAt(line!, line!.text.indexOf("bcd"))).toMatchObject({ line: 3, column: 4 });
  });

  test("take their here-documents with them: several, indented, quoted", () => {
    const text = "RUN <<A cat <<-'B' > x\na $x\nA\n\tb # no comment\n\tB\nCOPY <<C /c\nC\nCMD x";
    const [run, copy, cmd] = linesOf(text);
    expect(run!.heredocs).toEqual([
      { name: "A", expands: true, content: "a $x\n" },
      { name: "B", expands: false, content: "b # no comment\n" },
    ]);
    expect([run!.first, run!.last, copy!.heredocs[0]!.content, cmd!.text]).toEqual([1, 5, "", "CMD x"]);
  });

  test("may end as on Windows, and a here-document's then still do", () => {
    const [run, cmd] = linesOf("RUN <<-A cat > x\r\n\ta\r\n\r\n\tA\r\nCMD x\r\n");
    expect([run!.heredocs[0]!.content, run!.last, cmd!.text]).toEqual(["a\r\n\r\n", 4, "CMD x"]);
  });

  test("are no here-documents where a shell has none", () => {
    const counts = linesOf('RUN ["a", "<<b"]\nRUN a <<< b').map((line) => line.heredocs.length);
    expect(counts).toEqual([0, 0]);
  });
});

describe("words", () => {
  test("are split at spaces outside of quotes, and keep them", () => {
    const words = splitWords(`a "b c" 'd\\' e\\ f g"h i"j`, 0, "\\").map((word) => word.text);
    expect(words).toEqual(["a", '"b c"', "'d\\'", "e\\ f", 'g"h i"j']);
  });
});

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: that is what a Dockerfile has.
describe("variables", () => {
  const values: Record<string, string> = { x: "value", empty: "", path: "/a/b.tar.gz", two: "1 2" };
  const lookup = (name: string) => values[name];

  test.each([
    ["$x ${x}s $xs", "value values "],
    ["${x:-d} ${empty:-d} ${empty-d} ${none-d} ${none:-${x}}", "value d  d value"],
    ["${x:+d} ${empty:+d} ${empty+d} ${none+d}", "d  d "],
    ["${x:?no} ${empty?no}", "value "],
    ["${path#*/} ${path##*/}", "a/b.tar.gz b.tar.gz"],
    ["${path%.*} ${path%%.*} ${path%/?.tar.gz}", "/a/b.tar /a/b /a"],
    ["${path/a/A} ${path//[/x}", "/A/b.tar.gz /a/b.tar.gz"],
    ["${path//\\//:} ${x//?/-}", ":a:b.tar.gz -----"],
    ['\\$x \'$x\' "$x" "\\$x" "\\n"', "$x $x value $x \\n"],
    ["a\\ b \"c d\"'e'", "a b c de"],
    ["$", "$"],
  ])("%s is %s", (word, expected) => expect(expandWord(word, lookup, "\\")).toBe(expected));

  test("may be several words where those are asked for, unless they are quoted", () => {
    expect(expandWords('$two/tcp "$two"', lookup, "\\")).toEqual(["1", "2/tcp", "1 2"]);
  });

  test("in a text leave quotes alone", () => {
    expect(expandText(`it's "$x" \\$x \\n`, lookup, "\\")).toBe(`it's "value" $x \\n`);
  });

  test.each([
    ["${none:?is needed}", "none: is needed"],
    ["${x", "missing '}'"],
    ["${x^}", "unsupported modifier"],
    ["'x", "single-quote"],
    ['"x', "double-quote"],
  ])("%s is refused", (word, problem) => expect(() => expandWord(word, lookup, "\\")).toThrow(problem));

  test("before FROM: a default may use one before it, and --build-arg goes before defaults", () => {
    const text = "ARG V=1 W=${V}2\nFROM img:${W} AS a\nFROM $TARGETARCH$TARGETVARIANT";
    const { stages } = recipeOf(text, { V: "9" });
    expect(stages.map(({ base }) => base)).toEqual([{ image: "img:92" }, { image: "arm64v8" }]);
  });
});
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: that is what a Dockerfile has.

describe("a mistake", () => {
  test("is pointed at, and what was meant is guessed", () => {
    expect(mistakeOf("FROM a\n\n  FORM b")).toMatchInlineSnapshot(`
      "Dockerfile:3: unknown instruction: FORM
         3 |   FORM b
           |   ^^^^
        Hint: did you mean FROM?"
    `);
    expect(mistakeOf("FROM a\nCOPY --form=x \\\n  --chmd=1 a b")).toMatchInlineSnapshot(`
      "Dockerfile:2: unknown flag: --form (COPY)
         2 | COPY --form=x \\
           |      ^^^^^^^^
        Hint: did you mean --from?"
    `);
    expect(mistakeOf("FROM a\nHEALTHCHECK \\\n --interval=5 CMD x")).toMatchInlineSnapshot(`
      "Dockerfile:3: interval "5" is no duration
         3 |  --interval=5 CMD x
           |             ^"
    `);
  });

  test.each([
    ["RUN x", "FROM has to come first"],
    ["ARG x", "no stages"],
    ["FROM", "FROM requires at least one argument"],
    ["FROM a b", "FROM requires either one or three arguments"],
    ["FROM a AS 1x", "invalid name for build stage"],
    ["FROM a AS scratch", "invalid name for build stage"],
    ["FROM --platform=x/y/z/w a", "unknown operating system"],
    ["FROM $" + "{x:?unknown}", "x: unknown"],
    ["FROM a\nENV x", "ENV must have two arguments"],
    ["FROM a\nENV x=1 y", "can't find = in"],
    ["FROM a\nLABEL =x", "names can not be blank"],
    ["FROM a\nCOPY a", "COPY requires at least two arguments"],
    ["FROM a\nCOPY --link=maybe a b", "expecting boolean value"],
    ["FROM a\nADD --checksum a b", "Missing a value on flag"],
    ["FROM a\nCOPY --from=a --from=b a b", "Duplicate flag"],
    ["FROM a\nRUN", "RUN requires at least one argument"],
    ["FROM a\nRUN --mount=type=ssh x", "ssh mounts are not supported"],
    ["FROM a\nRUN --mount=type=cash,target=/x y", "unsupported mount type"],
    ["FROM a\nRUN --mount=type=cache,tagret=/x y", "unexpected key 'tagret'"],
    ["FROM a\nRUN --mount=type=cache x", "cache mounts need a target"],
    ["FROM a\nRUN --network=bridge x", "invalid network mode"],
    ["FROM a\nRUN --security=insecure x", "is not allowed"],
    ["FROM a\nRUN <<EOF\nx", "unterminated heredoc"],
    ["FROM a\nSHELL sh", "JSON form"],
    ["FROM a\nSTOPSIGNAL a b", "STOPSIGNAL requires exactly one argument"],
    ["FROM a\nHEALTHCHECK PING x", "Unknown type"],
    ["FROM a\nHEALTHCHECK --retries=-1 CMD x", "--retries"],
    ["FROM a\nHEALTHCHECK NONE x", "takes no arguments"],
    ["FROM a\nONBUILD ONBUILD RUN x", "Chaining ONBUILD"],
    ["FROM a\nONBUILD FROM x", "isn't allowed as an ONBUILD trigger"],
    ["# escape=x\nFROM a", "invalid escape token"],
    ["# escape=`\n# escape=`\nFROM a", "only one escape"],
  ])("%j is one: %s", (text, problem) => expect(mistakeOf(text)).toContain(problem));

  test("in a target is guessed, too", () => {
    const wrong = () => wantedStage(recipeOf("FROM a AS build"), "biuld");
    expect(wrong).toThrow(expect.objectContaining({ hint: "did you mean build?" }) as Error);
  });
});

describe("whatever is written", () => {
  const keywords = ["FROM", "RUN", "COPY", "ENV", "ARG", "HEALTHCHECK", "ONBUILD", "SHELL", "--from=", "--mount="];
  const signs = [
    " ",
    "\n",
    "\\",
    "\\\n",
    "#",
    "=",
    "$x",
    "$" + "{",
    "}",
    ":-",
    "##",
    "%%",
    "//",
    "'",
    '"',
    "[",
    "]",
    ",",
  ];
  const others = ["type=cache,target=/x", "<<E", "E\n", "a", "/", "\t", "\u00e9", "\0"];
  const text = fc
    .array(fc.constantFrom(...keywords, ...signs, ...others), { maxLength: 40 })
    .map((all) => all.join(""));

  test("is understood, or refused as a mistake with a line of the file", () => {
    const isFair = (dockerfile: string) => {
      try {
        for (const line of linesOf(dockerfile)) readStatement(line);
        recipeOf(`FROM a\n${dockerfile}`);
      } catch (error) {
        expect(error).toBeInstanceOf(UserError);
        const [, line = ""] = /^Dockerfile:(\d+): /.exec((error as Error).message) ?? [];
        expect(Number(line)).toBeGreaterThan(0);
        expect(Number(line)).toBeLessThanOrEqual(dockerfile.split("\n").length + 1);
      }
    };
    fc.assert(fc.property(text, isFair), { numRuns: 3000 });
  });

  test("a word in quotes means itself", () => {
    const isItself = (word: string) => {
      const quoted = `"${word.replaceAll(/["\\$]/g, "\\$&")}"`;
      expect(expandWord(quoted, () => "no", "\\")).toBe(word.replaceAll("\0", " "));
    };
    fc.assert(fc.property(fc.string(), isItself));
  });

  test("words put together again are the line", () => {
    const areWhole = (line: string) => {
      const words = splitWords(line, 0, "\\").map((word) => word.text);
      expect(words.join("").replaceAll(/\s/g, "")).toBe(line.replaceAll(/\s/g, ""));
    };
    fc.assert(fc.property(text, areWhole));
  });
});
