// What nobody thought of: random input, shrunk by fast-check to the smallest that fails. Each property is that there is an
// answer or a UserError, and never a bug, nor anything outside of the layer.

import { lstatSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { UserError } from "../../src/01-syscalls/index.ts";
import { parseConfig } from "../../src/06-images/config.ts";
import { historyOf } from "../../src/06-images/history.ts";
import { familiarName, fullName, MEDIA, parsePlatform, parseReference } from "../../src/06-images/index.ts";
import { LayerWriter } from "../../src/06-images/layer.ts";
import { storeName } from "../../src/06-images/load-oci.ts";
import { choosePlatform, parseIndex, parseManifest, partsOf } from "../../src/06-images/manifest.ts";
import { removeTree } from "../../src/06-images/remove-tree.ts";
import { Picture } from "../../src/06-images/seen.ts";
import { TarReader, type TarSink } from "../../src/06-images/tar.ts";
import type { TarEntry } from "../../src/06-images/tar-header.ts";
import { TarPacker } from "../../src/06-images/tar-pack.ts";
import { tarOf, temporaryFolder, type Written } from "./archives.ts";

// The same input each time, unless somebody wants to look further: FUZZ_TIMES=100 FUZZ_SEED=7.
const times = Number(process.env.FUZZ_TIMES ?? 1);
fc.configureGlobal({ seed: Number(process.env.FUZZ_SEED ?? 1) });

/** What `work` returns, or undefined where it refuses as it should. */
function orRefused<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

describe("a reference", () => {
  const letters = [..."abzAZ019._-/:@[]*?%~ \n\0é", "sha256:", "localhost", "docker.io", "library/", "a".repeat(64)];
  const typed = fc.array(fc.constantFrom(...letters), { maxLength: 12 }).map((parts) => parts.join(""));

  test("that is taken has one full name, which stands for itself, and so does the short one", () => {
    fc.assert(
      fc.property(fc.oneof(typed, fc.string()), (text) => {
        const reference = orRefused(() => parseReference(text));
        if (!reference) return;
        const full = fullName(reference);
        expect(parseReference(full)).toEqual(reference);
        expect(fullName(parseReference(familiarName(full)))).toBe(full);
        expect(full).toMatch(/^[\w.:[\]-]+\/[a-z0-9._/-]+(:[\w.-]+)?(@sha\d+:[0-9a-f]+)?$/);
        expect(full.split(/[/:@]/)).not.toContain("..");
      }),
      { numRuns: 3000 * times },
    );
  });

  test("and a platform", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        orRefused(() => parsePlatform(text));
      }),
      { numRuns: 1000 * times },
    );
  });
});

describe("JSON", () => {
  const digest = `sha256:${"a".repeat(64)}`;
  const descriptor = { mediaType: MEDIA.MANIFEST, digest, size: 1, platform: { os: "linux", architecture: "amd64" } };
  const good = {
    schemaVersion: 2,
    manifests: [{ ...descriptor, annotations: { "org.opencontainers.image.ref.name": "x:1" } }],
    config: { ...descriptor, mediaType: MEDIA.CONFIG },
    layers: [descriptor],
    created: "2024-01-01T00:00:00Z",
    os: "linux",
    architecture: "amd64",
    rootfs: { type: "layers", diff_ids: [digest] },
    history: [{ created: "x", created_by: "y", comment: "z", empty_layer: false }],
  };

  /** The good one, with anything in the place of some part of it. */
  const spoiled = fc
    .tuple(fc.array(fc.nat(7), { maxLength: 5 }), fc.oneof(fc.jsonValue(), fc.constantFrom(null, [], {}, "", -1, [[]])))
    .map(([way, value]) => spoil(structuredClone(good), way, value));

  function spoil(object: unknown, [step, ...way]: number[], value: unknown): unknown {
    if (step === undefined || typeof object !== "object" || object === null) return value;
    const keys = Object.keys(object);
    const key = keys[step % Math.max(1, keys.length)];
    if (key === undefined) return value;
    Object.assign(object, { [key]: spoil((object as Record<string, unknown>)[key], way, value) });
    return object;
  }

  test("of manifests and configs is what we go on to use, or refused", () => {
    fc.assert(
      fc.property(fc.oneof(spoiled, fc.jsonValue()), (value) => {
        const bytes = Buffer.from(JSON.stringify(value));
        const manifest = orRefused(() => parseManifest(bytes, "it"));
        const index = orRefused(() => parseIndex(bytes, "it"));
        const config = orRefused(() => parseConfig(bytes, "it"));
        for (const mediaType of [MEDIA.INDEX, MEDIA.MANIFEST, "x"])
          orRefused(() => partsOf(bytes, { mediaType, digest }));
        orRefused(() => index && choosePlatform(index, { os: "linux", architecture: "arm64", variant: "v8" }));
        for (const entry of index?.manifests ?? []) orRefused(() => storeName(entry, "folder"));
        for (const step of config ? historyOf({ config, layers: manifest?.layers ?? [] }) : []) {
          expect(step.createdBy.replaceAll("x", "")).toBeTypeOf("string");
        }
        for (const variable of config?.config?.Env ?? []) expect(variable).toBeTypeOf("string");
      }),
      { numRuns: 3000 * times },
    );
  });

  test("that is none is refused", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => void orRefused(() => parseIndex(bytes, "it"))),
      { numRuns: 500 * times },
    );
  });
});

describe("an archive", () => {
  const names = ["a", "b", "c", "..", ".", "", ".wh.a", ".wh..wh..opq", ".wh..wh.x", ".wh..", "\xff\n"];
  const path = fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
  const link = fc
    .tuple(fc.constantFrom("", "/", "../", "../../../", "/proc/self/"), path)
    .map((parts) => parts.join(""));
  const entry: fc.Arbitrary<Written> = fc.record({
    name: fc.oneof({ weight: 9, arbitrary: path }, { weight: 1, arbitrary: link }),
    type: fc.constantFrom("0", "0", "1", "1", "2", "2", "5", "5", "6", "3"),
    link,
    content: fc.constantFrom("", "x", "y".repeat(700)),
    mode: fc.constantFrom(0, 0o755, 0o4755, 0o1777),
  });
  const entries = fc.array(entry, { minLength: 1, maxLength: 12 });

  test("of any entries is unpacked inside of the layer, and explored", () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "a"), "outside");
    symlinkSync("a", join(folder, "b"));
    const look = () =>
      readdirSync(folder)
        .filter((name) => name !== "layer")
        .sort()
        .map((name) => {
          const { ino, nlink, mode, size, ctimeNs } = lstatSync(join(folder, name), { bigint: true });
          return [name, ino, nlink, mode, size, ctimeNs].join(" ");
        });
    const before = look();
    fc.assert(
      fc.property(entries, fc.array(entry, { maxLength: 3 }), (first, second) => {
        const layers = [first, second].map((_, index) => join(folder, "layer", String(index)));
        removeTree(join(folder, "layer"));
        for (const layer of layers) mkdirSync(layer, { recursive: true });
        orRefused(() => unpackInto(layers[0]!, tarOf(first), []));
        orRefused(() => unpackInto(layers[1]!, tarOf(second), [layers[0]!]));
        expect(look()).toEqual(before);
        orRefused(() => explore([tarOf(first), tarOf(second)]));
      }),
      { numRuns: 300 * times },
    );
  });

  function unpackInto(layer: string, archive: Buffer, below: string[]): void {
    const writer = new LayerWriter(layer, { owners: true, devices: true, below });
    try {
      read(archive, writer);
      writer.finish();
    } finally {
      writer.close();
    }
  }

  function read(archive: Buffer, sink: TarSink, piece = archive.length || 1): void {
    const reader = new TarReader(sink);
    for (let at = 0; at < archive.length; at += piece) reader.push(archive.subarray(at, at + piece));
    reader.end();
  }

  function explore(archives: Buffer[]): void {
    const picture = new Picture();
    for (const archive of archives) {
      picture.begin();
      read(archive, { entry: (one) => picture.add(one), content: () => {}, hole: () => {}, done: () => {} });
    }
    for (const layer of archives.keys()) {
      expect(picture.wastedBytesOf(layer)).toBeLessThanOrEqual(picture.bytesOf(layer));
      expect(picture.wastedBytesOf(layer)).toBeGreaterThanOrEqual(0);
    }
  }

  test("with bytes changed anywhere is read or refused", () => {
    const archive = tarOf([
      { name: "a", content: "content", pax: { path: "d/e", "SCHILY.xattr.user.a": "b", mtime: "1.5" } },
      { name: "s", content: "abcd", pax: { "GNU.sparse.size": "100", "GNU.sparse.map": "0,2,50,2" } },
      { name: "l", type: "2", link: "a" },
    ]);
    const change = fc.tuple(fc.nat(archive.length - 1), fc.nat(255), fc.boolean());
    const told = () => {
      const all: TarEntry[] = [];
      return { all, entry: (one: TarEntry) => void all.push(one), content: () => {}, hole: () => {}, done: () => {} };
    };
    fc.assert(
      fc.property(
        fc.array(change, { minLength: 1, maxLength: 6 }),
        fc.constantFrom(1, 100, 512, 5000),
        (changes, piece) => {
          const changed = Buffer.from(archive);
          for (const [at, value] of changes) changed[at] = value;
          for (const [at, , mends] of changes) if (mends) mend(changed, at - (at % 512));
          const sink = told();
          orRefused(() => read(changed, sink, piece));
          for (const { size, uid, gid } of sink.all)
            for (const number of [size, uid, gid]) expect(number >= 0).toBe(true);
        },
      ),
      { numRuns: 2000 * times },
    );
  });

  /** As if whoever changed the header had known what he was doing. */
  function mend(archive: Buffer, at: number): void {
    const block = archive.subarray(at, at + 512);
    block.fill(32, 148, 156);
    const sum = block.reduce((total, byte) => total + byte, 0);
    block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  }

  test("that we write is read as what was written", () => {
    const bytes = fc
      .uint8Array({ maxLength: 40 })
      .map((array) => Buffer.from(array).toString("latin1").replaceAll("\0", "0"));
    const written = fc.record({
      name: fc
        .oneof(bytes, fc.string({ unit: "grapheme-ascii", minLength: 90, maxLength: 300 }))
        .map((text) => `n${text}n`),
      linkName: bytes.map((text) => `l${text}`),
      uid: fc.nat(0xfffffffe),
      gid: fc.nat(0xfffffffe),
      mode: fc.nat(0o7777),
      seconds: fc.integer({ min: -(2 ** 31), max: 2 ** 33 }),
      value: fc.uint8Array({ maxLength: 30 }),
      content: fc.uint8Array({ maxLength: 1100 }),
    });
    fc.assert(
      fc.property(written, ({ seconds, value, content, ...given }) => {
        const xattrs = new Map([["user.a", Buffer.from(value)]]);
        const rest = { mtimeNs: BigInt(seconds) * 1_000_000_000n, major: 0, minor: 0, xattrs };
        const entry: TarEntry = { type: "file", size: content.length, ...given, ...rest };
        const pieces: Buffer[] = [];
        const packer = new TarPacker((piece) => void pieces.push(Buffer.from(piece)));
        packer.entry(entry);
        packer.content(Buffer.from(content));
        packer.done();
        packer.end();
        const found: TarEntry[] = [];
        const contents: Buffer[] = [];
        read(Buffer.concat(pieces), {
          entry: (one) => void found.push(one),
          content: (piece) => void contents.push(Buffer.from(piece)),
          done: () => {},
        });
        expect(found).toEqual([entry]);
        expect(Buffer.concat(contents).equals(Buffer.from(content))).toBe(true);
      }),
      { numRuns: 500 * times },
    );
  });
});
