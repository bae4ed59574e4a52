import { expect, test } from "vitest";
import { resolveUser } from "../../src/10-containers/spec/user.ts";

const files = {
  passwd: [
    "root:x:0:0:root:/root:/bin/sh",
    "daemon:x:1:1::/usr/sbin:/bin/false",
    "bob:x:1000:1000:Bob:/home/bob:/bin/sh",
    "twin:x:1000:7::/home/twin:",
    "+::::::",
    "",
  ].join("\n"),
  group: ["root:x:0:", "daemon:x:1:", "wheel:x:10:bob,root", "audio:x:29:bob", "bob:x:1000:"].join("\n"),
};

const user = (spec: string, add: string[] = []) => resolveUser(files, spec, add);

test("nobody asked for: root, with the groups that list root", () => {
  expect(user("")).toEqual({ uid: 0, gid: 0, additionalGids: [0, 10], home: "/root" });
});

test("a name and its number are the same person: group, memberships, home", () => {
  const bob = { uid: 1000, gid: 1000, additionalGids: [1000, 10, 29], home: "/home/bob" };
  expect(user("bob")).toEqual(bob);
  expect(user("1000")).toEqual(bob);
  expect(user("bob:")).toEqual(bob);
});

test("an explicit group takes the place of all memberships", () => {
  expect(user("1000:10")).toEqual({ uid: 1000, gid: 10, additionalGids: [10], home: "/home/bob" });
  expect(user(":audio")).toEqual({ uid: 0, gid: 29, additionalGids: [29], home: "/root" });
});

test("a number without an entry means itself, in group 0 and at home in /", () => {
  expect(user("77777")).toEqual({ uid: 77777, gid: 0, additionalGids: [0], home: "/" });
  expect(user("77777:88888")).toEqual({ uid: 77777, gid: 88888, additionalGids: [88888], home: "/" });
});

test("groups to add come on top, names and numbers, each once", () => {
  expect(user("daemon", ["audio", "99", "29"]).additionalGids).toEqual([1, 29, 99]);
});

test("an image without the files knows numbers only", () => {
  const none = { passwd: undefined, group: undefined };
  expect(resolveUser(none, "5:6")).toEqual({ uid: 5, gid: 6, additionalGids: [6], home: "/" });
  expect(resolveUser(none, "")).toEqual({ uid: 0, gid: 0, additionalGids: [0], home: "/" });
  expect(() => resolveUser(none, "root")).toThrow("unable to find user root: no matching entries in passwd file");
});

test.each([
  ["nobody", [], "unable to find user nobody: no matching entries in passwd file"],
  ["5:nogrp", [], "unable to find group nogrp: no matching entries in group file"],
  ["0", ["nope"], "unable to find group nope: no matching entries in group file"],
  ["99999999999", [], "uids and gids must be in range 0-2147483647"],
  ["-5", [], "uids and gids must be in range 0-2147483647"],
  ["0:-1", [], "uids and gids must be in range 0-2147483647"],
])("Docker's refusal of %j, adding %j", (spec, add, refusal) => {
  expect(() => user(spec, add)).toThrow(refusal);
});
