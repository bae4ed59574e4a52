import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { findId } from "../../src/10-containers/container.ts";

const root = mkdtempSync(join(tmpdir(), "ids-"));
const roots = { root, state: root };
const ids = ["a1b2", "a1c3", "b000"].map((start) => start.padEnd(64, "0"));
for (const id of ids) mkdirSync(join(root, "containers", id), { recursive: true });
mkdirSync(join(root, "names"));
symlinkSync(ids[0]!, join(root, "names", "web"));
symlinkSync(ids[1]!, join(root, "names", "b0"));
symlinkSync("f".repeat(64), join(root, "names", "gone"));
afterAll(() => rmSync(root, { recursive: true }));

test.each([
  ["a whole id", ids[0]!, 0],
  ["a name", "web", 0],
  ["a name with the slash that inspect shows", "/web", 0],
  ["the beginning of one id", "a1b", 0],
  ["the beginning of one id only", "b", 2],
  ["a name, before the beginning of an id", "b0", 1],
])("%s is found", (_, wanted, index) => {
  expect(findId(roots, wanted)).toBe(ids[index]);
});

test.each([
  ["the beginning of several", "a1", "Multiple IDs found with provided prefix: a1"],
  ["nothing", "", "No such container: "],
  ["the name of a container that is gone", "gone", "No such container: gone"],
  ["what is neither", "web2", "No such container: web2"],
  ["a path", "../containers", "No such container: ../containers"],
])("%s is not", (_, wanted, message) => {
  expect(() => findId(roots, wanted)).toThrow(message);
});
