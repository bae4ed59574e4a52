import { execFileSync } from "node:child_process";
import {
  chmodSync,
  closeSync,
  ftruncateSync,
  lchownSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { copyLayers, listXattrs, setTimes, setXattr } from "../../src/05-overlay/index.ts";
import { ensureImage, loadArchive, unpackImage } from "../../src/06-images/index.ts";
import { LayerWriter } from "../../src/06-images/layer.ts";
import { TarReader } from "../../src/06-images/tar.ts";
import { needs } from "../support/needs.ts";
import { makeLayout, tarOf, temporaryFolder, type Written } from "./archives.ts";

function unpack(archive: Buffer, piece = 65_536): string {
  const layer = temporaryFolder();
  const writer = new LayerWriter(layer, { owners: true, devices: true, below: [] });
  try {
    const reader = new TarReader(writer);
    for (let at = 0; at < archive.length; at += piece) reader.push(archive.subarray(at, at + piece));
    reader.end();
    writer.finish();
  } finally {
    writer.close();
  }
  return layer;
}

function tar(folder: string, ...options: string[]): Buffer {
  const words = ["-C", folder, "--numeric-owner", ...options, "-cf", "-", "."];
  return execFileSync("tar", words, { maxBuffer: 1 << 28 });
}

/** Kind, mode, owner, size, blocks on disk, links, seconds and path of everything; then contents and attributes. */
function described(folder: string, { seconds = 9 } = {}): string {
  const format = String.raw`%y %m %U:%G %s %n %T@ %P -> %l\n`;
  const lines = execFileSync("find", [folder, "-printf", format], { encoding: "latin1" }).split("\n");
  const cut = lines.map((line) => line.replace(/(\.\d+) /, (_, fraction) => `${fraction.slice(0, seconds + 1)} `));
  const sums = execFileSync("sh", ["-c", "find . -type f -size -2G -exec sha256sum {} +"], {
    cwd: folder,
    encoding: "latin1",
  });
  const devices = execFileSync("sh", ["-c", "find . ! -type f ! -type d ! -type l -exec stat -c '%n %t %T' {} +"], {
    cwd: folder,
    encoding: "latin1",
  });
  const all = readdirSync(folder, { recursive: true, encoding: "latin1" });
  const xattrs = all.map((name) => `${name} ${listXattrs(`${folder}/${name}`).sort()}`);
  return [...cut, ...sums.split("\n"), ...devices.split("\n"), ...xattrs].sort().join("\n");
}

const blocks = (folder: string, name: string) => statSync(join(folder, name)).blocks;

/** Something of everything that a layer may hold. */
function makeTree(): string {
  const folder = temporaryFolder();
  const at = (name: string) => join(folder, name);
  mkdirSync(at("dir"), { mode: 0o1751 });
  mkdirSync(at("read-only"));
  writeFileSync(at("dir/file"), "content\n".repeat(1000));
  linkSync(at("dir/file"), at("hard"));
  symlinkSync("../nowhere", at("dir/soft"));
  symlinkSync("l".repeat(180), at("long-link"));
  mkdirSync(at(`${"d".repeat(100)}/${"e".repeat(100)}`), { recursive: true });
  writeFileSync(at(`${"d".repeat(100)}/${"e".repeat(100)}/${"f".repeat(120)}`), "long");
  writeFileSync(Buffer.from(`${folder}/odd\xff\xfe\nname`, "latin1"), "odd");
  writeFileSync(at("empty"), "");
  writeFileSync(at("read-only/in"), "x", { mode: 0o4755 });
  execFileSync("mkfifo", [at("fifo")]);
  execFileSync("mknod", [at("char"), "c", "5", "300"]);
  execFileSync("mknod", [at("block"), "b", "259", "70000"]);
  for (const [name, uid] of [
    ["dir/file", 3_000_000],
    ["dir/soft", 12],
    ["empty", 65_534],
  ] as const)
    lchownSync(at(name), uid, uid + 1);
  setXattr(at("read-only/in"), "security.capability", Buffer.from("0100000280000000000000000000000000000000", "hex"));
  setXattr(at("dir/file"), "user.note", "a=b\nc");
  chmodSync(at("read-only"), 0o555);
  for (const name of ["dir/file", "dir/soft", "dir", "read-only"])
    setTimes(at(name), { atimeNs: 0n, mtimeNs: 1_234_567_890_123_456_789n });
  setTimes(at("empty"), { atimeNs: 0n, mtimeNs: -5_000_000_000n });
  return folder;
}

describe("what GNU tar packs is unpacked as it was", needs("program:tar"), () => {
  test("in the POSIX format: owners, modes, times to the nanosecond, links, attributes, devices, any name", () => {
    const tree = makeTree();
    expect(described(unpack(tar(tree, "--format=posix", "--xattrs", "--xattrs-include=*")))).toBe(described(tree));
  });

  test("in GNU's format, which has no attributes and whole seconds", () => {
    const tree = makeTree();
    const unpacked = unpack(tar(tree, "--format=gnu"));
    const plain = (folder: string) => described(folder, { seconds: 0 }).replaceAll(/ (security|user)\.[\w.,]+/g, " ");
    expect(plain(unpacked)).toBe(plain(tree));
  });

  test("a global header is about all that follow", () => {
    const folder = temporaryFolder();
    for (const name of ["a", "b"]) {
      writeFileSync(join(folder, name), name);
      // What a file's own header says more precisely would count.
      setTimes(join(folder, name), { atimeNs: 0n, mtimeNs: 0n });
    }
    const archive = tar(
      folder,
      "--format=posix",
      "--pax-option=globexthdr.name=g,mtime=1000000000.5,uid=77,comment=hi",
    );
    const layer = unpack(archive);
    for (const name of ["a", "b"])
      expect(statSync(join(layer, name))).toMatchObject({ mtimeMs: 1_000_000_000_500, uid: 77 });
  });

  test.each([
    ["--format=gnu"],
    ["--format=posix", "--sparse-version=0.0"],
    ["--format=posix", "--sparse-version=0.1"],
    ["--format=posix", "--sparse-version=1.0"],
  ])("files with holes, which stay holes: %s %s", (...options) => {
    const folder = temporaryFolder();
    makeSparse(join(folder, "few"), 3, 20_000_000);
    makeSparse(join(folder, "many"), 90, 9_000_000);
    makeSparse(join(folder, "none"), 0, 5_000_000);
    makeSparse(join(folder, "huge"), 1, 9_000_000_000);
    writeFileSync(join(folder, "plain"), "plain");
    const archive = tar(folder, "-S", ...options);
    expect(archive.length).toBeLessThan(1_000_000);
    for (const piece of [511, 65_536]) {
      const layer = unpack(archive, piece);
      expect(described(layer, { seconds: 0 })).toBe(described(folder, { seconds: 0 }));
      for (const name of ["few", "many", "none", "huge"]) expect(blocks(layer, name)).toBeLessThan(2000);
      expect(readFileSync(join(layer, "plain"), "utf8")).toBe("plain");
    }
  });
});

describe("what umoci unpacks", needs("program:umoci"), () => {
  test("is what we unpack, of several layers too", async () => {
    const first = tar(makeTree(), "--format=posix", "--xattrs", "--xattrs-include=*");
    const second = tarOf([
      { name: "dir/.wh..wh..opq" },
      { name: "dir/new", content: "new", mtime: 1_500_000_000 },
      { name: ".wh.hard" },
      { name: "read-only/in", content: "changed", mode: 0o644 },
    ]);
    const root = temporaryFolder();
    await loadArchive(root, makeLayout([first, second], { name: "x.example/tree:1" }).directory);
    const layers = await unpackImage(root, await ensureImage(root, "x.example/tree:1"));
    const [ours, theirs] = [join(temporaryFolder(), "ours"), join(temporaryFolder(), "bundle")];
    mkdirSync(ours);
    copyLayers(layers, ours);
    execFileSync("umoci", ["unpack", "--image", `${root}/images:x.example/tree:1`, theirs], { stdio: "ignore" });
    expect(described(ours)).toBe(described(join(theirs, "rootfs")));
  });
});

function makeSparse(path: string, pieces: number, size: number): void {
  const fd = openSync(path, "w");
  for (let index = 0; index < pieces; index++) writeSync(fd, `piece ${index}`.repeat(100), index * 98_304 + 7);
  ftruncateSync(fd, size);
  closeSync(fd);
}

describe("what says where content belongs, and lies", () => {
  const sparse = (pax: Record<string, string>, content = "abcd"): Written[] => [{ name: "f", content, pax }];
  const version1 = { "GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.name": "f" };
  const text = (...numbers: (number | string)[]) => `${numbers.join("\n")}\n`.padEnd(512, "\0");
  const cases: [string, Written[], RegExp][] = [
    ["backwards", sparse({ "GNU.sparse.size": "100", "GNU.sparse.map": "50,2,10,2" }), /makes no sense/],
    ["beyond the end", sparse({ "GNU.sparse.size": "10", "GNU.sparse.map": "8,4" }), /makes no sense/],
    ["for less than there is", sparse({ "GNU.sparse.size": "100", "GNU.sparse.map": "0,2" }), /makes no sense/],
    ["for more than there is", sparse({ "GNU.sparse.size": "100", "GNU.sparse.map": "0,2,5,9" }), /makes no sense/],
    ["half", sparse({ "GNU.sparse.size": "100", "GNU.sparse.map": "0,4,5" }), /makes no sense/],
    ["with a negative offset", sparse({ "GNU.sparse.size": "100", "GNU.sparse.map": "-4,4" }), /makes no sense/],
    ["of no size", sparse({ "GNU.sparse.map": "0,4" }), /makes no sense/],
    ["of a version there isn't", sparse({ "GNU.sparse.major": "2", "GNU.sparse.minor": "0" }), /nobody knows/],
    ["as no text", sparse({ ...version1, "GNU.sparse.realsize": "9" }, "x".repeat(600)), /makes no sense/],
    ["as text without end", sparse({ ...version1, "GNU.sparse.realsize": "9" }, text(9, 1)), /makes no sense/],
    [
      "as text of a million",
      sparse({ ...version1, "GNU.sparse.realsize": "9" }, text(1_000_000)),
      /more than 65536 pieces/,
    ],
    [
      "in 8 EB",
      sparse({ "GNU.sparse.size": "9000000000000000", "GNU.sparse.map": "8000000000000000,4" }),
      /EFBIG|EINVAL|too large/,
    ],
  ];
  test.each(cases)("is refused: %s", (_, entries, message) => {
    const unpacking = () => unpack(tarOf(entries));
    expect(unpacking).toThrow(expect.objectContaining({ name: "UserError", message: expect.stringMatching(message) }));
  });

  test("holes at both ends and text in front", () => {
    const pax = { ...version1, "GNU.sparse.realsize": "20" };
    const layer = unpack(tarOf([{ name: "x", content: `${text(2, 3, 2, 9, 2)}abcd`, pax }]));
    expect(readFileSync(join(layer, "f"), "latin1")).toBe(`\0\0\0ab${"\0".repeat(4)}cd${"\0".repeat(9)}`);
  });
});
