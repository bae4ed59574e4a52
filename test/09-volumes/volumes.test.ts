import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { type Step, spellCall } from "../../src/01-syscalls/index.ts";
import {
  checkDriverOptions,
  ensureVolume,
  findVolume,
  keepVolumes,
  listVolumes,
  removeUnused,
  removeVolume,
  sourceOf,
  volumeFilesystemSteps,
  volumeFolder,
  volumeViewSteps,
} from "../../src/09-volumes/index.ts";

function temporaryRoot(): string {
  const root = mkdtempSync(join(tmpdir(), "v-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  return root;
}

const wish = (name: string, more: Record<string, Record<string, string>> = {}) => ({
  name,
  labels: {},
  options: {},
  ...more,
});
const spell = (steps: Step[]) => `\n${steps.map(spellCall).join("\n")}\n`;
const nobody = () => () => [];

describe("a volume", () => {
  test("is found by its name, as it was asked for the first time", () => {
    const root = temporaryRoot();
    const { isNew } = ensureVolume(root, wish("data", { labels: { a: "1" } }));
    const again = ensureVolume(root, wish("data", { labels: { a: "2" } }));
    expect(isNew).toBe(true);
    expect(again.isNew).toBe(false);
    expect(findVolume(root, "data").labels).toEqual({ a: "1" });
    expect(listVolumes(root).map(({ name }) => name)).toEqual(["data"]);
  });

  test.each(["a", "-data", "da/ta", "../data", "", ".", "da\nta", "x".repeat(256)])("is never called %j", (name) => {
    expect(() => ensureVolume(temporaryRoot(), wish(name))).toThrow(/^create .*(too short|invalid characters)/s);
  });

  test("that isn't there is said to be none", async () => {
    const root = temporaryRoot();
    expect(() => findVolume(root, "data")).toThrow("get data: no such volume");
    expect(() => findVolume(root, "..")).toThrow("get ..: no such volume");
    await expect(removeVolume(root, "data", nobody)).rejects.toThrow("get data: no such volume");
  });

  test("whose file was changed by hand is said to be so, and hides no other", () => {
    const root = temporaryRoot();
    for (const name of ["good", "odd"]) ensureVolume(root, wish(name));
    writeFileSync(volumeFolder(root, "odd").record, "{}");
    const told: unknown[] = [];
    expect(listVolumes(root, (error) => told.push(error)).map(({ name }) => name)).toEqual(["good"]);
    expect(String(told[0])).toContain("is not what a volume's file looks like");
  });
});

describe("removing a volume", () => {
  test("is refused while containers have it, and they are named", async () => {
    const root = temporaryRoot();
    ensureVolume(root, wish("data"));
    const removal = removeVolume(root, "data", () => () => ["aaa", "bbb"]);
    await expect(removal).rejects.toThrow(/^remove data: volume is in use - \[aaa, bbb\]$/);
    expect(findVolume(root, "data").name).toBe("data");
  });

  test("waits for who is about to use volumes", async () => {
    const root = temporaryRoot();
    ensureVolume(root, wish("data"));
    const users: string[] = [];
    const kept = keepVolumes(root);
    const removal = removeVolume(root, "data", () => () => users);
    users.push("made meanwhile");
    kept.close();
    await expect(removal).rejects.toThrow("volume is in use - [made meanwhile]");
  });

  test("takes away what others who were killed have left, and only that", async () => {
    const root = temporaryRoot();
    for (const name of ["data", "kept"]) ensureVolume(root, wish(name));
    for (const name of [".0123456789abcdef.making", ".0123456789abcdef.removing"])
      mkdirSync(join(root, "volumes", name, "_data"), { recursive: true });
    expect(await removeUnused(root, ["data", "nope"], nobody)).toEqual(["data"]);
    expect(readdirSync(join(root, "volumes"))).toEqual(["kept"]);
  });
});

describe("the local driver", () => {
  test.each([
    [{ type: "tmpfs" }, 'missing required option: "device"'],
    [{ device: "/x" }, 'missing required option: "type"'],
    [{ o: "bind" }, 'missing required option: "device"'],
    [{ tape: "1" }, 'invalid option: "tape"'],
    [{ size: "1m" }, "quota size requested but no quota support"],
    [{ type: "none", device: "x", o: "bind" }, "the device of a bind is an absolute path, not x"],
    [{ type: "none", device: "/x" }, 'type "none" is no filesystem'],
  ])("refuses %j", (options, why) => {
    expect(() => checkDriverOptions({ name: "data", options })).toThrow(`create data: ${why}`);
  });

  test("keeps files in a folder of the volume's own, in one of the host's, or in a filesystem", () => {
    const of = (options: Record<string, string>) => sourceOf("/r", { name: "data", options });
    expect(of({})).toEqual({ kind: "folder", path: "/r/volumes/data/_data", words: [], isOwn: true });
    expect(of({ type: "none", device: "/x", o: "bind,ro" })).toEqual({
      kind: "folder",
      path: "/x",
      words: ["ro"],
      isOwn: false,
    });
    expect(of({ type: "tmpfs", device: "tmpfs", o: "size=1m" })).toEqual({
      kind: "filesystem",
      type: "tmpfs",
      device: "tmpfs",
      words: ["size=1m"],
    });
  });
});

describe("a view of a volume", () => {
  test("volumeViewSteps: all of it is one call", () => {
    expect(spell(volumeViewSteps({ folder: "/r/volumes/data/_data", as: "mount" }))).toMatchInlineSnapshot(`
      "
      open_tree(AT_FDCWD, "/r/volumes/data/_data", OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC|AT_RECURSIVE)
      "
    `);
  });

  test("volumeViewSteps: what is in it is looked up beneath it, and used by descriptor", () => {
    expect(
      spell(volumeViewSteps({ folder: "/r/volumes/data/_data", subpath: "a/b", as: "mount" })),
    ).toMatchInlineSnapshot(`
        "
        openat(AT_FDCWD, "/r/volumes/data/_data", O_DIRECTORY|O_CLOEXEC|O_PATH, 0)
        openat2($volume, "a/b", {flags=O_CLOEXEC|O_PATH, mode=0, resolve=RESOLVE_NO_MAGICLINKS|RESOLVE_IN_ROOT}, 24)
        open_tree($part, "", OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC|AT_EMPTY_PATH|AT_RECURSIVE)
        close($part)
        close($volume)
        "
      `);
  });

  test("volumeFilesystemSteps: a filesystem of its own, with the driver's options", () => {
    const source = { kind: "filesystem", type: "tmpfs", device: "tmpfs", words: ["size=1m", "nosuid"] } as const;
    expect(spell(volumeFilesystemSteps({ ...source, words: [...source.words] }, "view"))).toMatchInlineSnapshot(`
      "
      fsopen("tmpfs", FSOPEN_CLOEXEC)
      fsconfig($fs, FSCONFIG_SET_STRING, "source", "tmpfs", 0)
      fsconfig($fs, FSCONFIG_SET_STRING, "size", "1m", 0)
      fsconfig($fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0)
      fsmount($fs, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID)
      "
    `);
  });
});
