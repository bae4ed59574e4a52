// The arena's list: one finds in it what one has read about.

import { expect, test } from "vitest";
import { attacksNamed } from "../../src/10-containers/arena/arena.ts";

const names = (...words: string[]) => attacksNamed(words).map(({ name }) => name);

test("attacks are found by a word of their name, and by a part of their number", () => {
  expect(names("chroot")).toEqual(["leave by chroot"]);
  expect(names("cve-2019-5736", "Chroot")).toEqual(["leave by chroot", "overwrite the program that enters"]);
  expect(() => names("chroot", "no such")).toThrow('no attack is called "no such"');
});
