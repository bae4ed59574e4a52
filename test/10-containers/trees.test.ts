import { execFileSync } from "node:child_process";
import { existsSync, lstatSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { openRoot } from "../../src/02-rootfs/index.ts";
import { TarReader } from "../../src/06-images/tar.ts";
import type { TarEntry } from "../../src/06-images/tar-header.ts";
import { TarPacker } from "../../src/06-images/tar-pack.ts";
import { WITHIN } from "../../src/10-containers/copy/descriptors.ts";
import { FilePlacer } from "../../src/10-containers/copy/place-file.ts";
import { TreePlacer } from "../../src/10-containers/copy/place-tree.ts";
import { TreeWalk } from "../../src/10-containers/copy/walk-tree.ts";

const top = mkdtempSync(join(tmpdir(), "trees-"));
afterAll(() => {
  // Not even the owner takes files out of a folder that may not be written to.
  execFileSync("chmod", ["-R", "u+rwx", top]);
  rmSync(top, { recursive: true });
});

let count = 0;
function folder(script = ""): string {
  const path = join(top, String(count++));
  mkdirSync(path);
  execFileSync("sh", ["-c", script], { cwd: path });
  return path;
}

/** Everything that a copy should keep, one line a file. */
function listing(path: string): string[] {
  const format = "%P %y %m %s %n %T@ %l\\n";
  const lines = execFileSync("find", [".", "-mindepth", "1", "!", "-type", "d", "-printf", format], { cwd: path });
  const folders = execFileSync("find", [".", "-mindepth", "1", "-type", "d", "-printf", "%P %m %T@\\n"], { cwd: path });
  return `${lines.toString("latin1")}${folders.toString("latin1")}`.split("\n").sort();
}

const LONG = "n".repeat(150);
const TREE = `mkdir -p s/empty s/${LONG}/${LONG}; echo 1 > s/a; ln s/a s/b; ln -s /etc/passwd s/link; chmod 4751 s/a
  mkfifo s/fifo; printf x > "s/$(printf 'caf\\351')"; echo deep > s/${LONG}/${LONG}/f; chmod 700 s/empty; : > s/none
  touch -d '2001-02-03 04:05:06.789012345' s/${LONG}/${LONG}/f; touch -d '2001-02-03' s/empty; mkdir s/ro; echo > s/ro/f
  chmod 500 s/ro; head -c 3000000 /dev/urandom > s/large`;

function place(into: string, tell: (placer: TreePlacer) => void): void {
  const placer = new TreePlacer({ fd: openRoot(into), path: "", resolve: WITHIN.strict }, { devices: false });
  tell(placer);
  placer.finish();
  placer.close();
}

describe("a tree that is told and placed", () => {
  test("is the same again: names that are no UTF-8, links, modes, times, contents", () => {
    const [from, to] = [folder(TREE), folder()];
    place(to, (placer) => new TreeWalk(placer).tell(openRoot(join(from, "s")), "s"));
    expect(listing(to)).toEqual(listing(from));
    expect(readFileSync(join(to, "s/large")).equals(readFileSync(join(from, "s/large")))).toBe(true);
  });

  test("is the same after it was an archive, which GNU tar reads as well", () => {
    const [from, to, theirs] = [folder(TREE), folder(), folder()];
    const pieces: Buffer[] = [];
    const packer = new TarPacker((bytes) => pieces.push(Buffer.from(bytes)));
    new TreeWalk(packer).tell(openRoot(join(from, "s")), "s");
    packer.end();
    const archive = Buffer.concat(pieces);
    place(to, (placer) => new TarReader(placer).push(archive));
    execFileSync("tar", ["xpf", "-"], { cwd: theirs, input: archive });
    // Archives count in seconds.
    const seconds = (path: string) => listing(path).map((line) => line.replace(/(\d{10}|9811\d{5})\.\d+/, "$1"));
    expect(seconds(to)).toEqual(seconds(from));
    expect(seconds(theirs)).toEqual(seconds(from));
  });

  test("as contents is what is in it", () => {
    const [from, to] = [folder("mkdir s; echo 1 > s/a; mkdir s/d"), folder()];
    place(to, (placer) => new TreeWalk(placer).tellContents(openRoot(join(from, "s")), ""));
    expect(listing(to)).toEqual(listing(join(from, "s")));
  });
});

const entry = (name: string, more: Partial<TarEntry> = {}): TarEntry => ({
  type: "file",
  name,
  linkName: "",
  mode: 0o644,
  uid: 0,
  gid: 0,
  size: 0,
  mtimeNs: 0n,
  major: 0,
  minor: 0,
  xattrs: new Map(),
  ...more,
});

function placeEntries(into: string, ...entries: TarEntry[]): void {
  place(into, (placer) => {
    for (const one of entries) {
      placer.entry(one);
      placer.done();
    }
  });
}

describe("what is placed never leaves its folder", () => {
  const outside = folder("echo untouched > file; mkdir dir");

  test.each([
    ["through a name that climbs", [entry("../escaped")]],
    ["through a climb in the middle", [entry("a/../../escaped")]],
    ["through a link that it brought", [entry("l", { type: "symlink", linkName: outside }), entry("l/escaped")]],
    ["through a link that was there", [entry("there/escaped")]],
    ["through a folder that is a link", [entry("there", { type: "directory" }), entry("there/escaped")]],
    ["as a hard link to what is outside", [entry("h", { type: "link", linkName: "there/file" })]],
    ["as a hard link that climbs", [entry("h", { type: "link", linkName: "../x" })]],
  ])("%s", (_, entries) => {
    const into = folder(`ln -s ${outside} there`);
    expect(() => placeEntries(into, ...entries)).toThrow();
    expect(existsSync(join(outside, "escaped"))).toBe(false);
    expect(existsSync(join(top, "escaped"))).toBe(false);
  });

  test("an absolute name begins at the folder", () => {
    const into = folder();
    placeEntries(into, entry("/etc/x"));
    expect(existsSync(join(into, "etc/x"))).toBe(true);
  });

  test("a link of a file's name gives way, and is not followed", () => {
    const into = folder(`ln -s ${outside}/file f; ln -s ${outside}/file g`);
    placeEntries(into, entry("f"), entry("g", { type: "symlink", linkName: "elsewhere" }));
    expect(readFileSync(join(outside, "file"), "utf8")).toBe("untouched\n");
    expect(lstatSync(join(into, "f")).isFile()).toBe(true);
  });

  test("files and folders don't take each other's place", () => {
    const into = folder("mkdir d; echo > f");
    expect(() => placeEntries(into, entry("d"))).toThrow('cannot overwrite directory "d" with non-directory');
    expect(() => placeEntries(into, entry("f", { type: "directory" }))).toThrow(
      'cannot overwrite non-directory "f" with directory',
    );
  });

  test("devices are left out", () => {
    const into = folder();
    placeEntries(into, entry("disk", { type: "block", major: 8 }));
    expect(existsSync(join(into, "disk"))).toBe(false);
  });
});

test("over a file that is open, its name stays what it is", () => {
  const into = folder("echo long content > file; ln -s file link; ln file other");
  writeFileSync(join(top, "new"), "new");
  const fd = openSync(join(into, "link"), "w");
  new TreeWalk(new FilePlacer(fd, { devices: false })).tell(openSync(join(top, "new"), "r"), "");
  expect(lstatSync(join(into, "link")).isSymbolicLink()).toBe(true);
  expect(readFileSync(join(into, "other"), "utf8")).toBe("new");
});
