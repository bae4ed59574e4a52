import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { beforeAll, describe, expect, test } from "vitest";
import { blobPath, readBlob, writeBlob } from "../../src/06-images/blobs.ts";
import {
  collectGarbage,
  ensureImage,
  findImage,
  keepStore,
  listImages,
  loadArchive,
  MEDIA,
  removeImage,
  unpackImage,
} from "../../src/06-images/index.ts";
import { changeIndex, nameOfEntry, readIndex } from "../../src/06-images/layout.ts";
import { dockerArchive, makeLayout, sha256, tarOf, temporaryFolder } from "./archives.ts";

const layer = tarOf([{ name: "hello", content: "1" }]);
const other = tarOf([{ name: "other", content: "2" }]);
const unused = () => undefined;

async function load(root: string, tags: string[] | null, layers: Buffer[]): Promise<string> {
  const path = join(temporaryFolder(), "image.tar");
  writeFileSync(path, dockerArchive(tags, layers));
  const loaded = await loadArchive(root, path);
  return loaded[0]!.id!;
}

const blobs = (root: string): string[] => readdirSync(join(root, "images/blobs/sha256"));
const names = (root: string) => readIndex(root).map(nameOfEntry);

describe("a blob", () => {
  test("is what its name says, or an error", () => {
    const root = temporaryFolder();
    const { digest } = writeBlob(root, Buffer.from("content"), MEDIA.CONFIG);
    expect(digest).toBe(sha256("content"));
    expect(readBlob(root, digest).toString()).toBe("content");
    writeFileSync(blobPath(root, digest), "CONTENT");
    expect(() => readBlob(root, digest)).toThrow("is damaged: its content is not what its name says");
    writeBlob(root, Buffer.from("content"), MEDIA.CONFIG);
    expect(readBlob(root, digest).toString()).toBe("content");
    expect(() => readBlob(root, sha256("absent"))).toThrow("the image store lacks");
  });
});

describe("a store that somebody changed", () => {
  test.each(["manifest", "config"] as const)(
    "a changed %s is noticed, though its verification is remembered",
    async (which) => {
      const root = temporaryFolder();
      const { directory, ...digests } = makeLayout([layer]);
      await loadArchive(root, directory);
      await findImage(root, "app");
      const path = blobPath(root, digests[which]);
      const { atime, mtime } = statSync(path);
      const bytes = readFileSync(path);
      bytes[bytes.length - 3]! ^= 1;
      writeFileSync(path, bytes);
      utimesSync(path, atime, mtime);
      await expect(findImage(root, "app")).rejects.toThrow("is damaged");
    },
  );

  test("a swapped layer is not unpacked, and leaves nothing", async () => {
    const root = temporaryFolder();
    const { directory, layers } = makeLayout([layer]);
    await loadArchive(root, directory);
    writeFileSync(blobPath(root, layers[0]!), other);
    const image = await ensureImage(root, "app");
    await expect(unpackImage(root, image)).rejects.toThrow("it does not contain what its image promises");
    expect(readdirSync(join(root, "tmp"))).toEqual([]);
  });

  test("a damaged index is an error, not an empty store", async () => {
    const root = temporaryFolder();
    await load(root, ["x"], [layer]);
    writeFileSync(join(root, "images/index.json"), "{");
    await expect(findImage(root, "x")).rejects.toThrow("index.json is not valid JSON");
    expect(() => changeIndex(root, (entries) => entries)).toThrow("not valid JSON");
    expect(collectGarbage(root)).toEqual([]);
    expect(blobs(root).length).toBe(3);
  });
});

describe("findImage", () => {
  test("by name, digest, id, and a beginning of it", async () => {
    const root = temporaryFolder();
    const id = await load(root, ["docker.io/library/one:v", "localhost/two"], [layer]);
    const { digest } = await ensureImage(root, "one:v");
    for (const text of [
      "one:v",
      "library/one:v",
      `one@${digest}`,
      digest,
      id,
      id.slice(7),
      id.slice(7, 11),
      "two",
      "localhost/two:latest",
    ]) {
      expect((await findImage(root, text))?.id, text).toBe(id);
    }
    for (const text of ["one", "user/two", "other.io/one:v", "0".repeat(64), `one@${sha256("x")}`]) {
      expect(await findImage(root, text), text).toBeUndefined();
    }
  });

  test("ensureImage says in Docker's words what is missing", async () => {
    await expect(ensureImage(temporaryFolder(), "nginx")).rejects.toThrow(
      "Unable to find image 'nginx:latest' locally",
    );
  });

  test("Docker Hub's image of a name comes before localhost's", async () => {
    const root = temporaryFolder();
    await load(root, ["localhost/x"], [layer]);
    const hub = await load(root, ["x"], [other]);
    expect((await findImage(root, "x"))?.id).toBe(hub);
  });
});

describe("removeImage", () => {
  test("takes one of two names, then the image with all that is its own", async () => {
    const root = temporaryFolder();
    const id = await load(root, ["a", "b:1"], [layer, other]);
    await load(root, ["c"], [layer]);
    const image = await ensureImage(root, "a");
    await unpackImage(root, image);
    await unpackImage(root, await ensureImage(root, "c"));
    expect(removeImage(root, "a", unused)).toEqual({ untagged: ["a:latest"], deleted: [] });
    expect(await findImage(root, "b:1")).toBeDefined();

    const removed = removeImage(root, id, unused);
    expect(removed.untagged).toEqual(["b:1"]);
    expect(removed.deleted).toEqual([id, ...removed.deleted.slice(1)]);
    expect(removed.deleted.sort()).toEqual([id, image.digest, sha256(other)].sort());
    expect(names(root)).toEqual(["docker.io/library/c:latest"]);
    expect(readdirSync(join(root, process.getuid?.() === 0 ? "layers" : "layers-ownerless"))).toEqual([
      sha256(layer).slice(7),
    ]);
    expect(blobs(root).length).toBe(3);
  });

  test("refuses in Docker's words", async () => {
    const root = temporaryFolder();
    const id = await load(root, ["a", "b"], [layer]);
    const short = id.slice(7, 19);
    expect(() => removeImage(root, "nope", unused)).toThrow("No such image: nope:latest");
    expect(() => removeImage(root, short, unused)).toThrow(
      `conflict: unable to delete ${short} (must be forced) - image is referenced in multiple repositories`,
    );
    removeImage(root, "b", unused);
    expect(() => removeImage(root, "a", () => "c0ffee")).toThrow(
      `conflict: unable to remove repository reference "a" (must force) - container c0ffee is using its referenced image ${short}`,
    );
    expect(names(root)).toEqual(["docker.io/library/a:latest"]);
  });

  test("by force takes the name from an image in use, and leaves the image", async () => {
    const root = temporaryFolder();
    const id = await load(root, ["a", "b"], [layer]);
    expect(removeImage(root, id.slice(7, 20), () => "c0ffee", { force: true })).toEqual({
      untagged: ["a:latest", "b:latest"],
      deleted: [],
    });
    expect(listImages(root)).toMatchObject([{ id, repository: undefined }]);
    expect(removeImage(root, id, unused).deleted).toContain(id);
    expect(blobs(root)).toEqual([]);
  });

  test("removes a damaged image too, and then touches nothing it can't be sure of", async () => {
    const root = temporaryFolder();
    await load(root, ["a"], [layer]);
    await load(root, ["b"], [other]);
    const image = await ensureImage(root, "b");
    writeFileSync(blobPath(root, image.digest), "{}");
    expect(removeImage(root, "a", unused).deleted.length).toBe(1);
    expect(blobs(root).length).toBe(6);
    expect(removeImage(root, "b", unused)).toMatchObject({ untagged: ["b:latest"] });
    expect(blobs(root)).toEqual([]);
  });

  test("throws nothing away while somebody uses the store", async () => {
    const root = temporaryFolder();
    await load(root, ["a"], [layer]);
    const lock = keepStore(root);
    removeImage(root, "a", unused);
    expect(blobs(root).length).toBe(3);
    lock.close();
    expect(collectGarbage(root).length).toBe(3);
  });

  test("drafts of somebody who was killed go with the next clean-up", async () => {
    const root = temporaryFolder();
    mkdirSync(join(root, "tmp/killed/diff"), { recursive: true });
    writeFileSync(join(root, "tmp/killed/diff/file"), "");
    collectGarbage(root);
    expect(readdirSync(join(root, "tmp"))).toEqual([]);
  });
});

describe("several processes at once", () => {
  const project = fileURLToPath(new URL("../..", import.meta.url));
  const folder = mkdtempSync(join(tmpdir(), "program-"));
  const program = join(folder, "program.mjs");
  beforeAll(async () => {
    const source = `
      import { findImage, unpackImage } from "./src/06-images/index.ts";
      import { changeIndex, nameEntry } from "./src/06-images/layout.ts";
      const [, , root, what, text] = process.argv;
      if (what === "name") for (let i = 0; i < 40; i++) {
        changeIndex(root, (all) => nameEntry(all, { mediaType: "x", digest: "sha256:" + "0".repeat(64), size: 0 }, text + "/" + i));
      }
      if (what === "unpack") console.log((await unpackImage(root, await findImage(root, text)))[0]);`;
    const banner = { js: 'import { createRequire as _r } from "node:module"; var require = _r(import.meta.url);' };
    const stdin = { contents: source, resolveDir: project, loader: "ts" as const };
    await build({
      stdin,
      bundle: true,
      platform: "node",
      format: "esm",
      external: ["koffi"],
      banner,
      outfile: program,
      logLevel: "error",
    });
    return () => rmSync(folder, { recursive: true });
  });

  // The bundle lies elsewhere, but koffi is found here.
  const env = { ...process.env, NODE_PATH: join(project, "node_modules") };
  const start = async (...words: string[]) => {
    const child = spawn(process.execPath, [program, ...words], { stdio: ["ignore", "pipe", "inherit"], env });
    let output = "";
    child.stdout.on("data", (data) => {
      output += data;
    });
    const [code] = await once(child, "close");
    return { code, output };
  };

  test("lose no name", async () => {
    const root = temporaryFolder();
    await Promise.all(["a", "b", "c"].map((who) => start(root, "name", who)));
    expect(names(root).length).toBe(120);
  });

  test("unpack a layer once", async () => {
    const root = temporaryFolder();
    const files = Array.from({ length: 300 }, (_, index) => ({ name: `f${index}`, content: "x".repeat(index) }));
    await load(root, ["x"], [tarOf(files)]);
    const ended = await Promise.all(["x", "x", "x"].map((name) => start(root, "unpack", name)));
    expect(new Set(ended.map(({ output }) => output)).size).toBe(1);
    expect(ended.every(({ code }) => code === 0)).toBe(true);
    expect(readdirSync(ended[0]!.output.trim()).length).toBe(300);
    expect(readdirSync(join(root, "tmp"))).toEqual([]);
  });
});

test("unpackImage: a layer that is damaged ends it, and those above it leave nothing", async () => {
  const [below, damaged, above] = ["below", "damaged", "above"].map((name) =>
    tarOf([{ name, content: name }]),
  ) as Buffer[];
  const pack = (layer: Buffer) => (layer === damaged ? tarOf([{ name: "other" }]) : layer);
  const { directory } = makeLayout([below!, damaged!, above!], { pack });
  const root = temporaryFolder();
  const image = (await findImage(root, `oci:${directory}`))!;
  await expect(unpackImage(root, image)).rejects.toThrow(
    /^cannot unpack layer 2 of .* does not contain what its image promises/,
  );
  const layers = readdirSync(root).filter((name) => name.startsWith("layers"));
  expect(layers.flatMap((name) => readdirSync(join(root, name)))).toEqual([image.chainIds[0]!.slice(7)]);
  expect(readdirSync(join(root, "tmp"))).toEqual([]);
});

test("collectGarbage: what came of a blob waits a day for who goes on with it", async () => {
  const root = temporaryFolder();
  await findImage(root, `oci:${makeLayout([layer]).directory}`);
  mkdirSync(join(root, "partial"));
  const [young, old] = ["young", "old"].map((name) => join(root, "partial", name)) as [string, string];
  for (const path of [young, old]) writeFileSync(path, "half");
  const yesterday = Date.now() / 1000 - 25 * 3600;
  utimesSync(old, yesterday, yesterday);
  collectGarbage(root);
  expect(readdirSync(join(root, "partial"))).toEqual(["young"]);
});
