import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { getXattr, isOpaque, isWhiteout } from "../../src/05-overlay/index.ts";
import { LayerWriter } from "../../src/06-images/layer.ts";
import { TarReader } from "../../src/06-images/tar.ts";
import { needs } from "../support/needs.ts";
import { tarOf, temporaryFolder, type Written } from "./archives.ts";

/** A folder with `layer` in it and `outside` beside it. */
function unpack(entries: Written[], options: Unpacking = {}): string {
  const { layer, error } = tryUnpack(tarOf(entries), options);
  if (error) throw error;
  return layer;
}

interface Unpacking {
  owners?: boolean;
  below?: string[];
  piece?: number;
}

function tryUnpack(tar: Buffer, options: Unpacking = {}): { layer: string; error?: Error } {
  const layer = join(temporaryFolder(), "layer");
  mkdirSync(layer);
  writeFileSync(join(layer, "../outside"), "untouched");
  try {
    unpackInto(layer, tar, options);
    return { layer };
  } catch (error) {
    return { layer, error: error as Error };
  }
}

function unpackInto(layer: string, tar: Buffer, { owners = true, below = [], piece = 1 << 20 }: Unpacking): void {
  const writer = new LayerWriter(layer, { owners, devices: owners, below });
  try {
    const reader = new TarReader(writer);
    for (let at = 0; at < tar.length; at += piece) reader.push(tar.subarray(at, at + piece));
    reader.end();
    writer.finish();
  } finally {
    writer.close();
  }
}

/** As if whoever changed the header had known what he was doing. */
function rightChecksum(block: Buffer): void {
  block.fill(32, 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
}

const file = (name: string, content = "x"): Written => ({ name, content });
const dir = (name: string): Written => ({ name, type: "5", mode: 0o755 });
const symlink = (name: string, link: string): Written => ({ name, type: "2", link });
const hardlink = (name: string, link: string): Written => ({ name, type: "1", link });
const read = (layer: string, name: string) => readFileSync(join(layer, name), "utf8");

describe("an unpacked layer keeps", () => {
  test("owners, modes and times, of directories too", () => {
    const layer = unpack([
      { name: "d", type: "5", mode: 0o1711, uid: 10, gid: 20, mtime: 1_000_000_000 },
      { name: "d/f", content: "x", mode: 0o4755, uid: 1000, gid: 2000, mtime: 1_100_000_000 },
      { name: "d/l", type: "2", link: "nowhere", uid: 3, gid: 4, mtime: 1_200_000_000 },
      { name: "d/precise", pax: { mtime: "1500000000.123456789", uid: "3000000", gid: "7" } },
    ]);
    expect(statSync(join(layer, "d"))).toMatchObject({ mode: 0o41711, uid: 10, gid: 20, mtimeMs: 1e12 });
    expect(statSync(join(layer, "d/f"))).toMatchObject({ mode: 0o104755, uid: 1000, gid: 2000, mtimeMs: 1.1e12 });
    expect(lstatSync(join(layer, "d/l"))).toMatchObject({ uid: 3, gid: 4, mtimeMs: 1.2e12 });
    expect(statSync(join(layer, "d/precise"), { bigint: true })).toMatchObject({
      mtimeNs: 1500000000123456789n,
      uid: 3000000n,
      gid: 7n,
    });
  });

  test("hard links as one file, symbolic links as they are written", () => {
    const layer = unpack([
      file("a", "same"),
      dir("d"),
      hardlink("d/b", "a"),
      symlink("abs", "/etc/passwd"),
      symlink("up", "../../x"),
    ]);
    expect(statSync(join(layer, "a")).ino).toBe(statSync(join(layer, "d/b")).ino);
    expect(readlinkSync(join(layer, "abs"))).toBe("/etc/passwd");
    expect(readlinkSync(join(layer, "up"))).toBe("../../x");
  });

  test("devices and fifos", () => {
    const layer = unpack([
      { name: "null", type: "3", major: 1, minor: 3, mode: 0o666 },
      { name: "loop", type: "4", major: 7, minor: 300, mode: 0o660 },
      { name: "pipe", type: "6", mode: 0o600 },
    ]);
    expect(lstatSync(join(layer, "null"))).toMatchObject({ mode: 0o20666, rdev: (1 << 8) | 3 });
    expect(lstatSync(join(layer, "loop"))).toMatchObject({
      mode: 0o60660,
      rdev: (7 << 8) | (300 & 0xff) | ((300 & ~0xff) << 12),
    });
    expect(lstatSync(join(layer, "pipe")).isFIFO()).toBe(true);
  });

  test("file capabilities, whose bytes are no text, and other attributes", () => {
    // cap_setuid is bit 7: a byte that is no UTF-8. linux/capability.h, struct vfs_cap_data.
    const capability = Buffer.from("0100000280000000000000000000000000000000", "hex");
    const pax = { "SCHILY.xattr.security.capability": capability, "SCHILY.xattr.user.note": "a=b\nc" };
    const layer = unpack([{ name: "newuidmap", content: "x", mode: 0o755, uid: 5, pax }]);
    expect(getXattr(join(layer, "newuidmap"), "security.capability")).toEqual(capability);
    expect(getXattr(join(layer, "newuidmap"), "user.note")?.toString()).toBe("a=b\nc");
  });

  test("long names, GNU's and POSIX's, and names that are no UTF-8", () => {
    const long = `${"d".repeat(120)}/${"f".repeat(200)}`;
    const layer = unpack([
      { name: "short", content: "pax", pax: { path: `pax-${long}` } },
      { name: "odd\xff\xfe\n", content: "bytes" },
      { name: "short-link", type: "2", link: "short", pax: { linkpath: long } },
    ]);
    expect(read(layer, `pax-${long}`)).toBe("pax");
    expect(readFileSync(Buffer.from(`${layer}/odd\xff\xfe\n`, "latin1"), "utf8")).toBe("bytes");
    expect(readlinkSync(join(layer, "short-link"))).toBe(long);
  });

  test("all of it, in whatever pieces it arrives", () => {
    const entries = [
      dir("d"),
      file("d/a", "a".repeat(1500)),
      { ...file("d/b", ""), pax: { path: "d/c" } },
      file("e", "e".repeat(512)),
    ];
    for (const piece of [1, 7, 511, 512, 513, 4096]) {
      const layer = unpack(entries, { piece });
      expect(read(layer, "d/a")).toBe("a".repeat(1500));
      expect(readdirSync(join(layer, "d"))).toEqual(["a", "c"]);
      expect(read(layer, "e")).toBe("e".repeat(512));
    }
  });

  test("what a directory that it only implies is like in the layers below", () => {
    const below = unpack([
      { name: "etc", type: "5", mode: 0o700, uid: 8, gid: 9 },
      dir("etc/deep"),
      symlink("link", "/"),
    ]);
    const layer = unpack([file("etc/deep/new"), file("var/lib/x"), file("link/y")], { below: [below] });
    expect(statSync(join(layer, "etc"))).toMatchObject({ mode: 0o40700, uid: 8, gid: 9 });
    expect(statSync(join(layer, "var/lib"))).toMatchObject({ mode: 0o40755, uid: 0 });
    expect(lstatSync(join(layer, "link")).isDirectory()).toBe(true);
  });
});

describe("deletions become overlay's marks", () => {
  test("a whiteout, an opaque directory; AUFS's own bookkeeping is dropped", () => {
    const layer = unpack([
      file(".wh.gone"),
      dir("d"),
      file("d/.wh..wh..opq"),
      file("d/kept"),
      file(".wh..wh.aufs"),
      dir(".wh..wh.plnk"),
    ]);
    expect(isWhiteout(lstatSync(join(layer, "gone")))).toBe(true);
    expect(isOpaque(join(layer, "d"), "trusted")).toBe(true);
    expect(isOpaque(join(layer, "d"), "user")).toBe(true);
    expect(readdirSync(layer).sort()).toEqual(["d", "gone"]);
    expect(readdirSync(join(layer, "d"))).toEqual(["kept"]);
  });

  test("a whiteout never deletes what its own layer has, whichever comes first", () => {
    const [first, second] = [file("d/own"), file(".wh.d")];
    for (const entries of [
      [dir("d"), first, second],
      [second, dir("d"), first],
    ]) {
      const layer = unpack(entries);
      expect(read(layer, "d/own")).toBe("x");
      expect(isOpaque(join(layer, "d"), "trusted")).toBe(true);
    }
    expect(read(unpack([file("f"), file(".wh.f")]), "f")).toBe("x");
    expect(read(unpack([file(".wh.f"), file("f")]), "f")).toBe("x");
  });

  test.each([".wh.", ".wh..", ".wh...", "d/.wh..."])("%s is no whiteout of anything", (name) => {
    expect(() => unpack([dir("d"), file(name)])).toThrow("it is no whiteout of anything");
  });
});

describe("a later entry takes an earlier one's place", () => {
  test.each<[string, Written[], string]>([
    ["a file a file's", [file("n", "old"), file("n", "new")], "file"],
    ["a file a directory's", [dir("n"), file("n/in"), file("n", "new")], "file"],
    ["a file a symbolic link's, without following it", [file("t", "old"), symlink("n", "t"), file("n", "new")], "file"],
    ["a directory a file's", [file("n"), dir("n"), file("n/in")], "dir"],
    ["a directory a symbolic link's", [dir("t"), symlink("n", "t"), dir("n"), file("n/in")], "dir"],
    ["a symbolic link a directory's", [dir("n"), file("n/in"), symlink("n", "t")], "link"],
  ])("%s", (_, entries, kind) => {
    const layer = unpack(entries);
    const stats = lstatSync(join(layer, "n"));
    expect({ file: stats.isFile(), dir: stats.isDirectory(), link: stats.isSymbolicLink() }).toMatchObject({
      [kind]: true,
    });
    if (kind === "file") expect(read(layer, "n")).toBe("new");
    if (kind === "dir") expect(readdirSync(join(layer, "n"))).toEqual(["in"]);
  });

  test("and a directory that is replaced by the very last entry", () => {
    const layer = unpack([dir("a"), dir("a/b"), file("a/b/c"), file("a/b", "new")]);
    expect(read(layer, "a/b")).toBe("new");
  });

  test("and what comes below a replaced directory does not go to where that one was", () => {
    const layer = unpack([
      dir("a"),
      dir("a/b"),
      file("a/b/old"),
      symlink("a", "c"),
      dir("c"),
      dir("c/b"),
      file("a/b/new"),
    ]);
    expect(readdirSync(join(layer, "c/b"))).toEqual(["new"]);
  });
});

describe("nothing is written outside of the layer", () => {
  const refused: [string, Written[], RegExp][] = [
    ["a name that climbs", [file("../outside", "evil")], /may not/],
    ["a name that climbs in the middle", [dir("d"), file("d/../../outside", "evil")], /may not/],
    ["a pax name that climbs", [{ name: "ok", content: "evil", pax: { path: "../outside" } }], /may not/],
    ["a name with a NUL", [{ name: "ok", content: "evil", pax: { path: "a\0b" } }], /may not/],
    ["a way through a link that climbs", [symlink("up", ".."), file("up/outside", "evil")], /./],
    ["a way through a link to a file", [file("f"), symlink("l", "f"), file("l/x", "evil")], /no directory/],
    ["a way through a link to itself", [symlink("l", "l"), file("l/x", "evil")], /no directory/],
    ["a hard link that climbs", [hardlink("h", "../outside"), file("h", "evil")], /may not/],
    ["a hard link through a link", [symlink("up", ".."), hardlink("h", "up/outside")], /ENOENT/],
    ["a hard link to what is absent", [hardlink("h", "/etc/passwd")], /not in the layer/],
    ["a sparse file that makes no sense", [{ name: "s", type: "S" }], /makes no sense/],
    ["an unknown type", [{ name: "v", type: "V" }], /not supported/],
    ["a name that is too long", [{ name: "ok", pax: { path: "n".repeat(256) } }], /may not/],
  ];
  test.each(refused)("%s", (_, entries, message) => {
    const { layer, error } = tryUnpack(tarOf(entries));
    if (error) expect(error).toMatchObject({ name: "UserError", message: expect.stringMatching(message) });
    expect(read(layer, "../outside")).toBe("untouched");
    expect(readdirSync(join(layer, "..")).sort()).toEqual(["layer", "outside"]);
  });

  test("absolute names and links mean the layer's own root", () => {
    const layer = unpack([
      { name: "/etc/abs", content: "in the layer" },
      symlink("jump", "/etc"),
      file("jump/through", "in the layer"),
      symlink("top", "/"),
      file("top/also", "in the layer"),
      symlink("deep", "../../../../../../../../etc"),
      file("deep/up", "in the layer"),
    ]);
    expect(readdirSync(join(layer, "etc")).sort()).toEqual(["abs", "through", "up"]);
    expect(read(layer, "also")).toBe("in the layer");
  });

  test("a link to a process's descriptors is not followed", () => {
    expect(() => unpack([symlink("p", "/proc/self/root"), file("p/tmp/x", "evil")])).toThrow("no directory");
  });

  test("a hard link to a symbolic link links the link", () => {
    const layer = unpack([symlink("s", "/etc/passwd"), hardlink("h", "s"), file("h", "new")]);
    expect(read(layer, "h")).toBe("new");
    expect(readlinkSync(join(layer, "s"))).toBe("/etc/passwd");
  });

  test("overlay's own attributes stay out: they could show hidden files", () => {
    const names = [
      "trusted.overlay.redirect",
      "trusted.overlay.metacopy",
      "trusted.overlay.opaque",
      "user.overlay.opaque",
    ];
    const pax = Object.fromEntries(names.map((name) => [`SCHILY.xattr.${name}`, "y"]));
    const layer = unpack([
      { ...dir("d"), pax },
      { ...file("f"), pax },
    ]);
    for (const name of names) {
      expect(getXattr(join(layer, "d"), name)).toBeUndefined();
      expect(getXattr(join(layer, "f"), name)).toBeUndefined();
    }
  });
});

describe("without owners", () => {
  test("files are ours, devices are left out, whiteouts work all the same", () => {
    const layer = unpack(
      [{ ...file("f"), uid: 1000 }, { name: "null", type: "3", major: 1, minor: 3 }, file(".wh.gone")],
      { owners: false },
    );
    expect(statSync(join(layer, "f")).uid).toBe(process.getuid?.());
    expect(readdirSync(layer).sort()).toEqual(["f", "gone"]);
  });
});

describe("a damaged archive", () => {
  const whole = tarOf([dir("d"), file("d/f", "x".repeat(3000))]);
  const feed = (tar: Buffer) => {
    const reader = new TarReader({ entry: () => {}, content: () => {}, done: () => {} });
    reader.push(tar);
    reader.end();
  };

  test("that is cut is told from one that ends", () => {
    feed(whole);
    feed(whole.subarray(0, whole.length - 1024));
    for (const length of [100, 600, 1024 + 511, 1024 + 512, 4000])
      expect(() => feed(whole.subarray(0, length))).toThrow("unexpected EOF");
  });

  test("is told by its checksum", () => {
    const changed = Buffer.from(whole);
    changed[0]! ^= 1;
    expect(() => feed(changed)).toThrow("checksum");
  });

  test("with an owner or a time that can't be", () => {
    expect(() => unpack([{ ...file("f"), pax: { uid: "4294967295" } }])).toThrow("no user or group has such a number");
    expect(() => unpack([{ ...file("f"), pax: { gid: "-1" } }])).toThrow("no number where one belongs");
    const layer = unpack([
      { ...file("f"), pax: { mtime: "999999999999999.5" } },
      { ...file("g"), pax: { mtime: "-1.5" } },
    ]);
    expect(statSync(join(layer, "g"), { bigint: true }).mtimeNs).toBe(-1500000000n);
  });

  test(
    "with any byte changed is unpacked, or refused for what it is: never a bug, never outside",
    needs("speed"),
    () => {
      const entries = [
        dir("d"),
        file("d/f", "x"),
        symlink("d/l", "f"),
        hardlink("h", "d/f"),
        file(".wh.w"),
        dir("d/e"),
      ];
      const original = tarOf([...entries, { ...file("p"), pax: { path: "d/e/long", "SCHILY.xattr.user.a": "b" } }]);
      for (let round = 0; round < 400; round++) {
        const tar = Buffer.from(original);
        const block = 512 * ((round * 7) % (tar.length / 512));
        tar[block + ((round * 131) % 500)]! ^= 1 << (round % 8);
        rightChecksum(tar.subarray(block, block + 512));
        const { layer, error } = tryUnpack(tar);
        if (error) expect(error.name, String(error.stack)).toBe("UserError");
        expect(read(layer, "../outside")).toBe("untouched");
        expect(readdirSync(join(layer, "..")).sort()).toEqual(["layer", "outside"]);
      }
    },
  );

  test("that asks for a gigabyte of memory is refused", () => {
    expect(() => feed(tarOf([{ name: "n", type: "x" as "0", size: 1 << 30 }]))).toThrow("more than 1 MB");
  });
});
