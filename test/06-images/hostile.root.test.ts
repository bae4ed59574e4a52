// Images that were made to do harm, put through the whole way: into the store and out as directories. Each is refused or
// contained; around the store lies a tree that nothing may touch.

import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { beforeEach, describe, expect, test } from "vitest";
import { copyLayers, getXattr } from "../../src/05-overlay/index.ts";
import { decompress } from "../../src/06-images/decompress.ts";
import {
  ensureImage,
  exploreImage,
  importArchive,
  listImages,
  loadArchive,
  MEDIA,
  unpackImage,
} from "../../src/06-images/index.ts";
import { TarReader } from "../../src/06-images/tar.ts";
import { dockerArchive, makeLayout, sha256, tarOf, temporaryFolder, type Written, writeIndex } from "./archives.ts";

const file = (name: string, content: string | Buffer = "evil"): Written => ({ name, content });
const dir = (name: string): Written => ({ name, type: "5", mode: 0o755 });
const symlink = (name: string, link: string): Written => ({ name, type: "2", link });
const hardlink = (name: string, link: string): Written => ({ name, type: "1", link });

let around: string;
let root: string;
let before: string[];

beforeEach(() => {
  around = temporaryFolder();
  root = join(around, "store/of/images");
  mkdirSync(join(around, "canary/etc"), { recursive: true });
  mkdirSync(root, { recursive: true });
  for (const name of ["secret", "etc/passwd"])
    writeFileSync(join(around, "canary", name), "untouched", { mode: 0o640 });
  symlinkSync("etc/passwd", join(around, "canary/link"));
  before = lookAround();
});

/** Everything outside of the store, with all that a write to it would change. */
function lookAround(): string[] {
  // Not into the store: what is in there has links to anywhere.
  const canary = readdirSync(join(around, "canary"), { recursive: true, encoding: "utf8" });
  const shallow = [".", "store", "store/of"].flatMap((name) => [
    name,
    ...readdirSync(join(around, name)).map((inner) => join(name, inner)),
  ]);
  const names = [...new Set([...shallow, ...canary.map((name) => join("canary", name))])].filter(
    (name) => name !== "store/of/images",
  );
  return names.sort().map((name) => {
    const { ino, mode, nlink, size, mtimeNs, ctimeNs } = lstatSync(join(around, name), { bigint: true });
    return [name, ino, mode, nlink, size, mtimeNs, ctimeNs].join(" ");
  });
}

/** The unpacked layers of an image of these, lowest first. */
async function unpack(...layers: Buffer[]): Promise<string[]> {
  await loadArchive(root, makeLayout(layers, { name: "x.example/evil:1" }).directory);
  return unpackImage(root, await ensureImage(root, "x.example/evil:1"));
}

/** Whatever it said: what is outside is as it was, and nothing half-made is left. */
async function attack(...layers: Written[][]): Promise<Error | undefined> {
  const error = await unpack(...layers.map((entries) => tarOf(entries.map(reaching)))).then(
    () => undefined,
    (error: Error) => error,
  );
  expect(lookAround()).toEqual(before);
  expect(readdirSync(join(root, "tmp"))).toEqual([]);
  return error;
}

/** From where a layer is unpacked to where the canary is. */
const climb = "../".repeat(6);

/** The same as an absolute path, which is known only later. */
const OUT = "OUT/";
const reaching = (entry: Written): Written => {
  return entry.link === undefined ? entry : { ...entry, link: entry.link.replace(/^OUT/, around) };
};

describe("a layer that wants out", () => {
  const attacks: [string, Written[][]][] = [
    ["by ..", [[file("../canary/secret")]]],
    ["by many ..", [[file(`${climb}${"x/../".repeat(50)}canary/secret`)]]],
    ["by .. in the middle", [[dir("d"), file("d/../../../canary/secret")]]],
    ["by .. in pax", [[{ name: "ok", pax: { path: "../../canary/secret" } }]]],
    ["by a link and then through it", [[symlink("l", `${climb}`), file("l/canary/secret")]]],
    [
      "by a chain of links",
      [[symlink("a", ".."), symlink("b", "a/.."), symlink("c", "b/../.."), file("c/canary/secret")]],
    ],
    [
      "by a link that a later directory entry takes for its own",
      [[symlink("l", "../../.."), dir("l"), file("l/secret")]],
    ],
    ["by a directory that becomes a link", [[dir("d"), file("d/x"), symlink("d", "../../.."), file("d/secret")]]],
    ["by a link to a link made later", [[symlink("l", "m/canary"), symlink("m", "../../../../.."), file("l/secret")]]],
    ["by a hard link to outside", [[hardlink("h", "../../../canary/secret"), file("h")]]],
    ["by a hard link through a link", [[symlink("l", `${climb}canary`), hardlink("h", "l/secret"), file("h")]]],
    ["by a hard link to a link, then opened", [[symlink("l", `${climb}canary/secret`), hardlink("h", "l"), file("h")]]],
    ["by the mode of what a link leads to", [[symlink("l", `${climb}canary`), { ...dir("l/"), mode: 0o777 }]]],
    ["by a link of the layer below", [[symlink("l", `${climb}canary`)], [file("l/secret")]]],
    ["by a hard link to the layer below", [[file("f")], [hardlink("h", "f"), file("h")]]],
    ["by a whiteout of ..", [[file(".wh...")]]],
    ["by a whiteout through a link", [[symlink("l", `${climb}canary`), file("l/.wh.secret")]]],
    ["by an opaque mark through a link", [[symlink("l", `${climb}canary`), file("l/.wh..wh..opq")]]],
    ["by an absolute link and then through it", [[symlink("l", `${OUT}canary`), file("l/secret")]]],
    ["by a directory below an absolute link", [[symlink("l", `${OUT}canary`), dir("l/new"), file("l/new/x")]]],
    ["by an absolute link of the layer below", [[symlink("l", `${OUT}canary`)], [file("l/secret")]]],
    [
      "by a whiteout through an absolute link",
      [[symlink("l", `${OUT}canary`), file("l/.wh.secret"), file("l/.wh.new")]],
    ],
    ["by an opaque mark through an absolute link", [[symlink("l", `${OUT}canary`), file("l/.wh..wh..opq")]]],
    ["by a hard link through an absolute link", [[symlink("l", `${OUT}canary`), hardlink("h", "l/secret"), file("h")]]],
    ["by a fifo through an absolute link", [[symlink("l", `${OUT}canary`), { name: "l/p", type: "6" }]]],
    [
      "by a directory's mode through an absolute link",
      [[symlink("l", `${OUT}canary`), { ...dir("l/etc"), mode: 0o777 }]],
    ],
    ["by /proc", [[symlink("l", "/proc/self/cwd"), file("l/x")]]],
    [
      "by a device over a link",
      [[symlink("l", `${climb}canary/secret`), { name: "l", type: "3", major: 1, minor: 3 }]],
    ],
  ];
  test.each(attacks)("%s", async (_, layers) => {
    const error = await attack(...layers);
    if (error) expect(error.name, error.stack).toBe("UserError");
  });

  test("by an absolute name or link stays in its own root", async () => {
    const [layer] = await unpack(
      tarOf([file(join(around, "canary/secret")), symlink("l", around), file("l/canary/x")]),
    );
    expect(lookAround()).toEqual(before);
    expect(readFileSync(join(layer!, around, "canary/secret"), "utf8")).toBe("evil");
    expect(existsSync(join(layer!, around, "canary/x"))).toBe(true);
  });
});

describe("a layer with something odd", () => {
  test("a file where a directory was, and back", async () => {
    const layers = await unpack(
      tarOf([dir("d"), file("d/old")]),
      tarOf([file("d", "file")]),
      tarOf([dir("d"), file("d/new")]),
    );
    const merged = (count: number) => {
      const folder = join(temporaryFolder(), "merged");
      mkdirSync(folder);
      copyLayers(layers.slice(0, count), folder);
      return folder;
    };
    expect(readdirSync(join(merged(1), "d"))).toEqual(["old"]);
    expect(readFileSync(join(merged(2), "d"), "utf8")).toBe("file");
    expect(readdirSync(join(merged(3), "d"))).toEqual(["new"]);
  });

  test("names of any bytes", async () => {
    const names = ["new\nline", "\xff\xfe\x80", "\x1b[31m", "-rf", "*", " ", "a\\b", "'\"$(id)`"];
    const [layer] = await unpack(tarOf(names.map((name) => file(name))));
    expect(readdirSync(layer!, "latin1").sort()).toEqual(names.sort());
  });

  test.each([".wh.", ".wh..", ".wh...", "d/.wh...", ".wh.x/y", "d/.wh.x/y/z"])("the whiteout %s", async (name) => {
    const error = await attack([dir("d"), file(name)]);
    expect(error).toMatchObject({ name: "UserError", message: expect.stringMatching(/no whiteout|below a whiteout/) });
  });

  test("whiteouts of whiteouts are bookkeeping, and stay out", async () => {
    const [layer] = await unpack(
      tarOf([file(".wh..wh.x"), dir(".wh..wh.plnk"), file(".wh..wh.plnk/1.2"), file("kept")]),
    );
    expect(readdirSync(layer!)).toEqual(["kept"]);
  });

  test("set-user-ID and capabilities are out of everybody's reach but the image's", async () => {
    const capability = Buffer.from("0100000280000000000000000000000000000000", "hex");
    const pax = { "SCHILY.xattr.security.capability": capability };
    const [layer] = await unpack(tarOf([{ name: "su", mode: 0o6755, content: "x", pax }]));
    expect(statSync(join(layer!, "su")).mode & 0o7777).toBe(0o6755);
    expect(getXattr(join(layer!, "su"), "security.capability")).toEqual(capability);
    expect(statSync(join(layer!, "../..")).mode & 0o077).toBe(0);
  });

  test("a hundred thousand entries", async () => {
    const entries = Array.from({ length: 100_000 }, (_, index) => hardlink(`d${index % 1000}/l${index}`, "f"));
    const id = await importArchive(root, pieces(tarOf([file("f"), ...entries])));
    const explored = await exploreImage(root, await ensureImage(root, id));
    expect(explored.layers[0]!.entries.length).toBe(100_001);
  });
});

async function* pieces(bytes: Buffer, length = 1 << 20): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

/** As numbers that are no octal text: the first bit set, and the number in two's complement. */
const NEGATIVE = Buffer.alloc(12, 0xff);
const HUGE = Buffer.alloc(12, 0xff).fill(0x80, 0, 1);

describe("a layer that lies about its size", () => {
  const refused: [string, Buffer, RegExp][] = [
    ["with a file longer than the archive", tarOf([{ ...file("f"), size: 5000 }, file("g")]), /unexpected EOF/],
    ["with a file that swallows the next", tarOf([{ ...file("f", "x".repeat(1024)), size: 100 }]), /checksum|EOF/],
    ["with a negative size", tarOf([{ ...file("f"), sizeField: NEGATIVE }]), /no file has such a size/],
    ["with a size beyond any file", tarOf([{ ...file("f"), sizeField: HUGE }]), /a number that no file can have/],
    [
      "with a size in pax beyond any file",
      tarOf([{ ...file("f"), pax: { size: "99999999999999999999" } }]),
      /no number/,
    ],
    [
      "with a negative header",
      tarOf([{ name: "f", type: "x" as "0", sizeField: NEGATIVE }]),
      /no file has such a size/,
    ],
    [
      "with headers without end",
      Buffer.concat(Array.from({ length: 9 }, () => paxOf(900_000))),
      /more than 4 MB before an entry/,
    ],
  ];
  test.each(refused)("%s", async (_, layer, message) => {
    await expect(unpack(layer)).rejects.toMatchObject({ name: "UserError", message: expect.stringMatching(message) });
    expect(readdirSync(join(root, "tmp"))).toEqual([]);
    expect(readdirSync(join(root, "layers"))).toEqual([]);
  });
});

function paxOf(length: number): Buffer {
  const record = (total: number) => `${total} comment=${"x".repeat(total - String(total).length - 10)}\n`;
  return tarOf([{ name: "pax", type: "x" as "0", content: record(length) }], { end: false });
}

describe("a layer that is packed to harm", () => {
  const layer = tarOf([file("f", "content")]);

  test("and cut", async () => {
    const pack = (bytes: Buffer) => gzipSync(bytes).subarray(0, 60);
    await loadArchive(
      root,
      makeLayout([layer], { name: "x.example/cut:1", pack, mediaType: MEDIA.LAYER_GZIP }).directory,
    );
    const image = await ensureImage(root, "x.example/cut:1");
    await expect(unpackImage(root, image)).rejects.toThrow("the archive is cut short or damaged");
    expect(readdirSync(join(root, "layers"))).toEqual([]);
  });

  test.each<[string, Buffer, RegExp]>([
    ["garbage", Buffer.from("garbage"), /cut short or damaged/],
    ["another archive", gzipSync(tarOf([file("g")])), /does not contain what its image promises/],
  ])("with %s behind its end", async (_, more, message) => {
    const pack = (bytes: Buffer) => Buffer.concat([gzipSync(bytes), more]);
    await loadArchive(
      root,
      makeLayout([layer], { name: "x.example/more:1", pack, mediaType: MEDIA.LAYER_GZIP }).directory,
    );
    await expect(unpackImage(root, await ensureImage(root, "x.example/more:1"))).rejects.toThrow(message);
    expect(readdirSync(join(root, "layers"))).toEqual([]);
  });

  test("ten gigabytes of zeros in ten megabytes: little of it is unpacked", async () => {
    const member = gzipSync(Buffer.alloc(64 << 20));
    let bytes = 0;
    const unpacking = async () => {
      for await (const piece of decompress(repeated(member, 160))) bytes += piece.length;
    };
    await expect(unpacking).rejects.toThrow("it unpacks to more than 200 times its size, and to more than a gigabyte");
    expect(bytes).toBeLessThan(2e9);
  });

  async function* repeated(member: Buffer, times: number): AsyncGenerator<Buffer> {
    for (let count = 0; count < times; count++) yield member;
  }
});

describe("JSON that was made to harm", () => {
  const layer = tarOf([file("f")]);
  const storedFiles = () => (existsSync(join(root, "images")) ? readdirSync(join(root, "images/blobs/sha256")) : []);

  const refused = async (load: Promise<unknown>, message: RegExp | string) => {
    await expect(load).rejects.toMatchObject({ name: "UserError", message: expect.stringMatching(message) });
    expect(storedFiles()).toEqual([]);
    expect(readdirSync(join(root, "tmp"))).toEqual([]);
    expect(lookAround()).toEqual(before);
  };

  /** A blob of the layout, and its descriptor. */
  function put(directory: string, value: object, mediaType: string) {
    const bytes = Buffer.from(JSON.stringify(value));
    writeFileSync(join(directory, "blobs/sha256", sha256(bytes).slice(7)), bytes);
    return { mediaType, digest: sha256(bytes), size: bytes.length };
  }

  test("a config with other layers than the manifest", async () => {
    const { directory, manifest } = makeLayout([layer]);
    const path = join(directory, "blobs/sha256", manifest.slice(7));
    const { config, layers } = JSON.parse(readFileSync(path, "utf8"));
    for (const list of [[], [...layers, ...layers]]) {
      writeIndex(directory, [put(directory, { schemaVersion: 2, config, layers: list }, MEDIA.MANIFEST)]);
      await refused(loadArchive(root, directory), /its config lists 1 layers, and its manifest [02]/);
    }
    const two = [layer, tarOf([file("g")])];
    const archive = dockerArchive(["x"], two);
    const [Config] = /[0-9a-f]{64}\.json/.exec(archive.toString("latin1"))!;
    const list = Buffer.from(JSON.stringify([{ Config, RepoTags: null, Layers: [`${"0".repeat(64)}/layer.tar`] }]));
    await refused(
      loadArchive(root, pieces(dockerArchive(["x"], two, { "manifest.json": list }))),
      /it has other layers/,
    );
  });

  test.each<[string, object]>([
    ["Env", { config: { Env: "PATH=/" } }],
    ["Cmd", { config: { Cmd: [1] } }],
    ["Labels", { config: { Labels: ["a"] } }],
    ["created", { created: 5 }],
    ["history", { history: [{ created_by: {} }] }],
    ["os", { os: ["linux"] }],
  ])("a config whose %s makes no sense", async (field, config) => {
    await refused(loadArchive(root, makeLayout([layer], { config }).directory), `its ${field} makes no sense`);
  });

  test.each<[string, object]>([
    ["a size below zero", { size: -1 }],
    ["a name that is no text", { annotations: { "org.opencontainers.image.ref.name": 5 } }],
    ["a platform that is none", { platform: { os: 1, architecture: "amd64" } }],
    ["a digest that is a path", { digest: "sha256:../../../../canary/secret" }],
  ])("an index with %s", async (_, change) => {
    const { directory, manifest } = makeLayout([layer]);
    writeIndex(directory, [{ mediaType: MEDIA.MANIFEST, digest: manifest, size: 1, ...change }]);
    await refused(loadArchive(root, directory), /is no image index|invalid digest/);
  });

  test("an index of indexes, each listed twice, thirty deep", async () => {
    const { directory, manifest } = makeLayout([layer]);
    const { length: size } = readFileSync(join(directory, "blobs/sha256", manifest.slice(7)));
    let entry = { mediaType: MEDIA.MANIFEST as string, digest: manifest, size };
    for (let depth = 0; depth < 30; depth++) {
      entry = put(directory, { schemaVersion: 2, manifests: [entry, entry], depth }, MEDIA.INDEX);
    }
    writeIndex(directory, [{ ...entry, annotations: { "org.opencontainers.image.ref.name": "x.example/deep:1" } }]);
    await loadArchive(root, directory);
    expect(storedFiles().length).toBe(33);
    await expect(ensureImage(root, "x.example/deep:1")).rejects.toThrow(/no matching manifest|is no image manifest/);
    expect(listImages(root)).toEqual([]);
  });

  test("an index of indexes, a thousand deep", async () => {
    const { directory, manifest } = makeLayout([layer]);
    const { length: size } = readFileSync(join(directory, "blobs/sha256", manifest.slice(7)));
    const platform = { os: "linux", architecture: process.arch === "arm64" ? "arm64" : "amd64" };
    let entry = { mediaType: MEDIA.MANIFEST as string, digest: manifest, size };
    for (let depth = 0; depth < 1000; depth++) {
      entry = put(directory, { schemaVersion: 2, manifests: [{ ...entry, platform }] }, MEDIA.INDEX);
    }
    writeIndex(directory, [entry]);
    await loadArchive(root, directory);
    await expect(ensureImage(root, "app")).rejects.toThrow("is no image manifest");
  });

  test("an index of a gigabyte, one that never ends, one that waits for ever", async () => {
    const { directory } = makeLayout([layer]);
    truncateSync(join(directory, "index.json"), 2 ** 30);
    await refused(loadArchive(root, directory), "index.json is larger than any image needs: 1073741824 bytes");
    for (const name of ["zero", "null"]) {
      const layout = join(temporaryFolder(), "layout");
      mkdirSync(layout);
      symlinkSync(`/dev/${name}`, join(layout, "index.json"));
      await refused(loadArchive(root, layout), "index.json is no file");
    }
  });

  test("an archive of more files than any image has", async () => {
    const names = Array.from({ length: 20_001 }, (_, index) => symlink(`l${index}`, "x"));
    await refused(loadArchive(root, pieces(tarOf(names))), "it has more than 20000 files: no image has");
  });
});

test("TarReader: a sparse file is only for who can make holes", () => {
  const reader = new TarReader({ entry: () => {}, content: () => {}, done: () => {} });
  const pax = { "GNU.sparse.size": "9000000000000000", "GNU.sparse.map": "0,0" };
  expect(() => reader.push(tarOf([{ name: "f", pax }]))).toThrow("a sparse file, which is not supported here");
});
