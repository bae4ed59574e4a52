import { expect, test } from "vitest";
import { randomId, randomName, shortId } from "../../src/10-containers/names.ts";

test("randomId: 64 hexadecimal digits, each time others", () => {
  const ids = Array.from({ length: 100 }, randomId);
  expect(ids.every((id) => /^[0-9a-f]{64}$/.test(id))).toBe(true);
  expect(new Set(ids).size).toBe(100);
});

test("shortId: what Docker shows", () => {
  expect(shortId("0123456789abcdef")).toBe("0123456789ab");
});

test("randomName: two words that make a valid name, most of them different", () => {
  const names = Array.from({ length: 500 }, () => randomName());
  expect(names.filter((name) => !/^[a-z]+_[a-z]+$/.test(name))).toEqual([]);
  expect(new Set(names).size).toBeGreaterThan(400);
});

test("randomName: with a digit once a name was taken", () => {
  expect(randomName(1)).toMatch(/^[a-z]+_[a-z]+\d$/);
});
