import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { recordWatch } from "../../src/10-containers/explain/record.ts";

const folder = mkdtempSync(join(tmpdir(), "mini-docker-record-"));
afterAll(() => rmSync(folder, { recursive: true }));

const record = (path: string) => recordWatch({ path, command: ["run"], image: "base" });

test("a recording takes no other thing's place: a rename would", () => {
  expect(() => record("/dev/null")).toThrow("cannot record to /dev/null: it is not a file");
  expect(() => record(folder)).toThrow("it is not a file");
});

test("where it can't be written is said before anything runs", () => {
  expect(() => record(join(folder, "no/such"))).toThrow(/^cannot record to /);
});

test("a file may be replaced", () => {
  const path = join(folder, "old.json");
  writeFileSync(path, "old");
  expect(() => record(path)).not.toThrow();
});
