import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { makeFolder } from "../../src/06-images/folder.ts";
import { removeTree } from "../../src/06-images/remove-tree.ts";

let folder: string;
let tree: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tree-"));
  tree = join(folder, "tree");
  mkdirSync(tree);
});
afterEach(() => {
  removeTree(folder);
});

/** Below the last folder that a path reaches, more: as a program makes it that goes on from where it stands. */
function makeDeep(top: string, levels: number): void {
  const here = process.cwd();
  process.chdir(top);
  try {
    for (let level = 0; level < levels; level++) {
      mkdirSync("a-folder-in-a-folder");
      process.chdir("a-folder-in-a-folder");
    }
    writeFileSync("end", "");
  } finally {
    process.chdir(here);
  }
}

describe("removeTree", () => {
  test("gets rid of what no path reaches", () => {
    makeDeep(tree, 1000);
    removeTree(tree);
    expect(existsSync(tree)).toBe(false);
  });

  test("of names that are no text, of links but not what they lead to, of what may not be entered", () => {
    writeFileSync(join(folder, "precious"), "");
    symlinkSync(folder, join(tree, "link"));
    writeFileSync(Buffer.from(`${tree}/\xff\xfe`, "latin1"), "");
    mkdirSync(join(tree, "closed/inner"), { recursive: true });
    chmodSync(join(tree, "closed/inner"), 0);
    chmodSync(join(tree, "closed"), 0);
    removeTree(tree);
    expect(readdirSync(folder)).toEqual(["precious"]);
  });

  test("of a file, and of nothing", () => {
    writeFileSync(join(tree, "file"), "");
    removeTree(join(tree, "file"));
    removeTree(join(tree, "file"));
    expect(readdirSync(tree)).toEqual([]);
  });
});

describe("makeFolder", () => {
  test("makes all that is missing, as often as it is asked", () => {
    makeFolder(join(tree, "a/b/c"));
    makeFolder(join(tree, "a/b/c"));
    expect(existsSync(join(tree, "a/b/c"))).toBe(true);
  });

  test("says why not", () => {
    writeFileSync(join(tree, "file"), "");
    expect(() => makeFolder(join(tree, "file/a/b"))).toThrow("ENOTDIR");
    expect(() => makeFolder("/proc/a/b")).toThrow("ENOENT");
  });
});
