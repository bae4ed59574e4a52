import { describe, expect, test } from "vitest";
import { rangesOf } from "../../src/03-namespaces/index.ts";

describe("rangesOf: what /etc/subuid gives a user", () => {
  const text = "ann:100000:65536\n1000:300000:10\n# a word\nbob:1:1\nann:x:5\nann:5:0\n\nann:400000:1\n";

  test("by name and by number, in as many lines as there are", () => {
    expect(rangesOf(text, "ann", 1000)).toEqual([
      { first: 100000, count: 65536 },
      { first: 300000, count: 10 },
      { first: 400000, count: 1 },
    ]);
  });

  test("and nobody else's", () => {
    expect(rangesOf(text, "an", 100)).toEqual([]);
    expect(rangesOf("", "ann", 1000)).toEqual([]);
  });
});
