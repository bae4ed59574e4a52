// What is committed is finished, says the same on every machine, and tells nothing of the one it was written on.

import { describe, expect, test } from "vitest";
import { files, linesMatching } from "./tree.ts";

const text = files.filter((path) => !/\.(png|jpg|gif|webp|woff2?|tar|gz)$/.test(path));
const code = text.filter((path) => /^(src|native|scripts|test|bench)\//.test(path));
const tests = text.filter((path) => path.startsWith("test/"));

describe("no committed file", () => {
  test("names a place on the machine it was written on, or the host its packages came from", () => {
    // Put together here, so that this file is not the first to be found.
    const folders = ["wo.rk", "fa.rm"].map((name) => name.replace(".", ""));
    const hosts = ["registry.npm-js", "deb.deb-ian"].map((name) => name.replace("-", "").replace(".", "\\."));
    const places = new RegExp(`(^|[^\\w.~}-])/(${folders.join("|")})/[a-zA-Z.]|${hosts.join("|")}`);
    expect(linesMatching(text, places)).toEqual([]);
  });

  test("waits to be finished", () => {
    const marks = ["TO-DO", "FIX-ME", "XX-X", "HA-CK"].map((mark) => mark.replace("-", ""));
    expect(linesMatching(code, new RegExp(`\\b(${marks.join("|")})\\b`))).toEqual([]);
  });

  test("leaves out a test in silence: a need has a name and a reason", () => {
    expect(linesMatching(tests, /\b(it|test|describe)\.(only|skip|todo|skipIf|runIf|fails)\b/)).toEqual([]);
  });
});
