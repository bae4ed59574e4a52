import { expect, test } from "vitest";
import { steady } from "../../../src/course/lesson/varying.ts";

test.each([
  ["pid", "  PID 4711 sh", "PID <pid> sh"],
  ["inode", "mnt:[4026531841]", "mnt:[<inode>]"],
  ["time", "took 1.3 ms at 12:04:31 on Nov 28", "took <time> at <time> on <time>"],
  ["size", "64M of 207.4MB, 1024 kB", "<size> of <size>, <size>"],
  ["id", "sha256:9f86d081884c7d65", "sha256:<id>"],
  ["number", "load 0.52 of 2", "load <number> of <number>"],
] as const)("%s may vary", (field, line, without) => {
  expect(steady(line, [field])).toBe(without);
});

test("nothing else may: not a word, not a field that wasn't named, not a column", () => {
  expect(steady("mnt:[4026531841]  ok ", [])).toBe("mnt:[4026531841]  ok");
  expect(steady("EPERM 12 ms", ["id"])).toBe("EPERM 12 ms");
  expect(steady("EPERM 12", ["pid"])).not.toBe(steady("EACCES 12", ["pid"]));
});
