import { describe, expect, test } from "vitest";
import { spellCall } from "../../src/01-syscalls/index.ts";
import { confineSteps, landlockIn, landlockSteps, parseLandlock } from "../../src/07-security/index.ts";

describe("parseLandlock", () => {
  test("letters and a path, with commas between", () => {
    expect(parseLandlock("rx:/usr,rwx:/tmp,r:/a:b")).toEqual([
      { rights: "rx", path: "/usr" },
      { rights: "rwx", path: "/tmp" },
      { rights: "r", path: "/a:b" },
    ]);
  });

  test.each(["", "rx", "rx:usr", ":/usr", "ro:/", "rx:/,", "/usr"])("refuses %j", (text) => {
    expect(() => parseLandlock(text)).toThrow("invalid Landlock rule");
  });
});

test("landlockIn: a bundle that doesn't speak of it asks for nothing", () => {
  expect(landlockIn({ other: "rx:/" })).toBeUndefined();
  expect(landlockIn()).toBeUndefined();
  expect(() => landlockIn({ "mini-docker.landlock": "ro" })).toThrow("invalid Landlock rule");
});

describe("landlockSteps", () => {
  const calls = (text: string, abi: number) => landlockSteps({ rules: parseLandlock(text), abi }).map(spellCall);

  test("all rights are given up, and those of the rules given back, to files and to directories", () => {
    expect(calls("rx:/usr,w:/tmp", 7)).toMatchInlineSnapshot(`
      [
        "openat(AT_FDCWD, "/", O_DIRECTORY|O_CLOEXEC|O_PATH, 0)",
        "landlock_create_ruleset({handled_access_fs=LANDLOCK_ACCESS_FS_EXECUTE|LANDLOCK_ACCESS_FS_WRITE_FILE|LANDLOCK_ACCESS_FS_READ_FILE|LANDLOCK_ACCESS_FS_READ_DIR|LANDLOCK_ACCESS_FS_REMOVE_DIR|LANDLOCK_ACCESS_FS_REMOVE_FILE|LANDLOCK_ACCESS_FS_MAKE_CHAR|LANDLOCK_ACCESS_FS_MAKE_DIR|LANDLOCK_ACCESS_FS_MAKE_REG|LANDLOCK_ACCESS_FS_MAKE_SOCK|LANDLOCK_ACCESS_FS_MAKE_FIFO|LANDLOCK_ACCESS_FS_MAKE_BLOCK|LANDLOCK_ACCESS_FS_MAKE_SYM|LANDLOCK_ACCESS_FS_REFER|LANDLOCK_ACCESS_FS_TRUNCATE|LANDLOCK_ACCESS_FS_IOCTL_DEV}, 8, 0)",
        "openat2($top, "/usr", {flags=O_CLOEXEC|O_PATH, mode=0, resolve=RESOLVE_NO_SYMLINKS|RESOLVE_IN_ROOT}, 24)",
        "landlock_add_rule($ruleset, LANDLOCK_RULE_PATH_BENEATH, {allowed_access=LANDLOCK_ACCESS_FS_EXECUTE|LANDLOCK_ACCESS_FS_READ_FILE, parent_fd=$path}, 0)",
        "landlock_add_rule($ruleset, LANDLOCK_RULE_PATH_BENEATH, {allowed_access=LANDLOCK_ACCESS_FS_READ_DIR, parent_fd=$path}, 0)",
        "openat2($top, "/tmp", {flags=O_CLOEXEC|O_PATH, mode=0, resolve=RESOLVE_NO_SYMLINKS|RESOLVE_IN_ROOT}, 24)",
        "landlock_add_rule($ruleset, LANDLOCK_RULE_PATH_BENEATH, {allowed_access=LANDLOCK_ACCESS_FS_WRITE_FILE|LANDLOCK_ACCESS_FS_TRUNCATE|LANDLOCK_ACCESS_FS_IOCTL_DEV, parent_fd=$path}, 0)",
        "landlock_add_rule($ruleset, LANDLOCK_RULE_PATH_BENEATH, {allowed_access=LANDLOCK_ACCESS_FS_REMOVE_DIR|LANDLOCK_ACCESS_FS_REMOVE_FILE|LANDLOCK_ACCESS_FS_MAKE_CHAR|LANDLOCK_ACCESS_FS_MAKE_DIR|LANDLOCK_ACCESS_FS_MAKE_REG|LANDLOCK_ACCESS_FS_MAKE_SOCK|LANDLOCK_ACCESS_FS_MAKE_FIFO|LANDLOCK_ACCESS_FS_MAKE_BLOCK|LANDLOCK_ACCESS_FS_MAKE_SYM|LANDLOCK_ACCESS_FS_REFER, parent_fd=$path}, 0)",
        "landlock_restrict_self($ruleset, 0)",
      ]
    `);
  });

  test("a right that the kernel doesn't know is in no call: REFER came with 2, TRUNCATE with 3, IOCTL_DEV with 5", () => {
    const later = (abi: number) =>
      calls("rwx:/tmp", abi)
        .join()
        .match(/REFER|TRUNCATE|IOCTL_DEV/g) ?? [];
    const known = [1, 2, 3, 4, 5, 7].map((abi) => [...new Set(later(abi))].sort());
    const all = ["IOCTL_DEV", "REFER", "TRUNCATE"];
    expect(known).toEqual([[], ["REFER"], all.slice(1), all.slice(1), all, all]);
  });

  test("they come first of what confines, while root may still do so", () => {
    const landlock = { rules: parseLandlock("rx:/"), abi: 7 };
    const steps = confineSteps({ user: { uid: 1, gid: 1 }, landlock, seccomp: { filter: new Uint8Array(8) } });
    expect(steps.map(({ call }) => call).slice(0, 2)).toEqual(["openat", "landlock_create_ruleset"]);
    expect(steps.map(({ call }) => call).slice(-4)).toEqual(["seccomp", "setgroups", "setresgid", "setresuid"]);
  });
});
