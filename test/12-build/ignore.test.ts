import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { UserError } from "../../src/01-syscalls/index.ts";
import { Ignored } from "../../src/12-build/ignore.ts";
import { pathPattern } from "../../src/12-build/pattern.ts";

const ignores = (lines: string[], path: string) => new Ignored(lines).isIgnored(path);

describe(".dockerignore", () => {
  test.each([
    // pattern, ignored, not ignored
    ["a", ["a", "a/b/c"], ["b/a", "ab"]],
    ["/a/", ["a", "a/b"], ["b/a"]],
    ["*/temp*", ["x/temporary", "x/temp/y"], ["temp", "x/y/temp"]],
    ["*/*/temp*", ["x/y/temp"], ["x/temp"]],
    ["temp?", ["tempa"], ["temp", "temp/a", "tempab"]],
    ["**/*.go", ["a.go", "x/y/a.go"], ["a.goo"]],
    ["**/a/**", ["a/b", "x/a/b"], ["b/c"]],
    ["**a", ["a", "x/y/a"], ["x/ya", "ab"]],
    ["x/**", ["x/a", "x/a/b"], ["y"]],
    ["a/../b/./c", ["b/c"], ["a"]],
    ["[a-c]x[^d]", ["axe", "bxx"], ["dxe", "axd", "ax/"]],
    ["\\*", ["*"], ["a"]],
    ["a.b", ["a.b"], ["aXb"]],
    ["  a  ", ["a"], ["b"]],
  ])("%s", (pattern, ignored, others) => {
    for (const path of ignored) expect([path, ignores([pattern], path)]).toEqual([path, true]);
    for (const path of others) expect([path, ignores([pattern], path)]).toEqual([path, false]);
  });

  test("the last line that matches decides", () => {
    const lines = ["*.md", "!README*.md", "README-secret.md"];
    expect(["a.md", "README.md", "README-secret.md"].map((path) => ignores(lines, path))).toEqual([true, false, true]);
    expect(ignores(["!README.md", "*.md"], "README.md")).toBe(true);
    expect([ignores(["*", "!a/b"], "a/b/c"), ignores(["*", "!a/b"], "a/c"), ignores(["*", "!a"], "a/c")]).toEqual([
      false,
      true,
      false,
    ]);
  });

  test("comments, empty lines and the root say nothing", () => {
    expect(new Ignored(["# a", "", "   ", ".", "/"]).isEmpty).toBe(true);
  });

  test("an ignored folder is looked into only if something may be taken back", () => {
    expect(new Ignored(["a"]).judge("a")).toBe("leave");
    expect(new Ignored(["a", "!a/b"]).judge("a")).toBe("look");
    expect(new Ignored(["a", "!a/b"]).judge("c")).toBe("take");
  });

  test.each(["[", "a[", "[]a]", "\\", "!"])("%s is no pattern", (pattern) => {
    expect(() => new Ignored([pattern])).toThrow(UserError);
  });

  test("whatever stands there is a pattern or refused, and a plain name matches itself", () => {
    const line = fc.array(
      fc.constantFrom("*", "**", "?", "[", "]", "a", "-", "^", "!", "/", "\\", ".", "(", "+", "{", "|"),
    );
    const isFair = (parts: string[], path: string) => {
      try {
        new Ignored([parts.join("")]).isIgnored(path);
      } catch (error) {
        expect(error).toBeInstanceOf(UserError);
      }
    };
    fc.assert(fc.property(line, fc.string(), isFair), { numRuns: 2000 });
    const name = fc.stringMatching(/^[a-z.+(){}$|-]*[a-z][a-z.+(){}$|-]*$/);
    fc.assert(fc.property(name, (text) => void expect(ignores([text], text)).toBe(true)));
  });
});

describe("a pattern of COPY", () => {
  test("matches one name: a star stops at a slash", () => {
    expect([pathPattern("*.t?t").test("a.txt"), pathPattern("*").test("a/b"), pathPattern("**").test("ab")]).toEqual([
      true,
      false,
      true,
    ]);
  });
});
