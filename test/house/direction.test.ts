// The order of the folders is the order of the course: what a stage uses, an earlier lesson has built.

import { describe, expect, test } from "vitest";
import { contentOf, type Import, importsOf, sources, stageOf } from "./tree.ts";

const imports = sources.flatMap(importsOf);
const told = (offenders: Import[]) => offenders.map(({ path, target }) => `${path} imports ${target}`);

describe("imports", () => {
  test("go from a stage to itself and to lower numbers only", () => {
    const upward = imports.filter(({ path, target }) => Number(stageOf(target)) > Number(stageOf(path)));
    expect(told(upward)).toEqual([]);
  });

  test("never go from a stage to the command line or the course", () => {
    const inward = imports.filter(
      ({ path, target }) => stageOf(path) !== undefined && /^src\/(cli|course)\//.test(target),
    );
    expect(told(inward)).toEqual([]);
  });

  test("never leave src", () => {
    const outward = imports.filter(({ target }) =>
      /^(\.\.|native|scripts|test|bench|lessons|playground)(\/|$)/.test(target),
    );
    expect(told(outward)).toEqual([]);
  });

  test.each([
    ["koffi", /^src\/01-syscalls\//],
    ["commander", /^src\/cli\//],
    ["chalk", /^src\/cli\//],
    ["marked", /^src\/course\//],
  ])("of %s are where they belong", (name, home) => {
    const strays = imports.filter(({ path, target }) => target === name && !home.test(path));
    expect(told(strays)).toEqual([]);
  });

  test("of packages are of those the package depends on, and each of those is imported", () => {
    const { dependencies } = JSON.parse(contentOf("package.json")) as { dependencies: Record<string, string> };
    const isPackage = ({ target }: Import) => !target.startsWith("node:") && !target.startsWith("src/");
    const imported = new Set(imports.filter(isPackage).map(({ target }) => target));
    expect([...imported].sort()).toEqual(Object.keys(dependencies).sort());
  });
});
