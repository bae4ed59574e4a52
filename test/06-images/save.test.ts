import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { blobPath } from "../../src/06-images/blobs.ts";
import {
  createOutputFile,
  findImage,
  listImages,
  loadArchive,
  MEDIA,
  parsePlatform,
  type SaveOptions,
  saveImages,
  tagImage,
} from "../../src/06-images/index.ts";
import { needs } from "../support/needs.ts";
import { makeLayout, sha256, tarOf, temporaryFolder, writeIndex } from "./archives.ts";

const layer = tarOf([{ name: "hello", content: "from the first layer" }]);
const second = tarOf([{ name: "more", content: "from the second" }]);

async function storeWith(name: string | null, ...layers: Buffer[]): Promise<string> {
  const root = temporaryFolder();
  const packing = { pack: gzipSync, mediaType: MEDIA.LAYER_GZIP };
  await loadArchive(root, makeLayout(layers, { name, ...packing }).directory);
  return root;
}

/** The path of an archive of the images. */
async function save(root: string, texts: string[], options: SaveOptions = {}): Promise<string> {
  const pieces: Buffer[] = [];
  await saveImages(root, texts, (bytes) => pieces.push(Buffer.from(bytes)), options);
  const path = join(temporaryFolder(), "saved.tar");
  writeFileSync(path, Buffer.concat(pieces));
  return path;
}

const fileIn = (archive: string, name: string) => execFileSync("tar", ["xOf", archive, name], { encoding: "utf8" });
const jsonIn = (archive: string, name: string) => JSON.parse(fileIn(archive, name));
const rows = (root: string) =>
  listImages(root)
    .map(({ repository, tag, digest }) => `${repository}:${tag} ${digest}`)
    .sort();

describe("saveImages", () => {
  test("writes what loadArchive reads: all names, the same digests", async () => {
    const root = await storeWith("x.example/app:1", layer, second);
    await tagImage(root, "x.example/app:1", "other");
    await loadArchive(root, makeLayout([layer], { name: "x.example/app:2" }).directory);
    const other = temporaryFolder();
    await loadArchive(other, await save(root, ["x.example/app", "other", "x.example/app:1"]));
    expect(rows(other)).toEqual(rows(root));
    expect(rows(other).length).toBe(3);
  });

  test("is an OCI layout and Docker's archive, of the same files and nothing twice", async () => {
    const root = await storeWith("app:1", layer, second);
    await tagImage(root, "app:1", "localhost:5000/app");
    const archive = await save(root, ["app:1", "localhost:5000/app"]);
    const image = (await findImage(root, "app:1"))!;
    const [saved, ...none] = jsonIn(archive, "manifest.json");
    expect(none).toEqual([]);
    expect(saved).toEqual({
      Config: `blobs/sha256/${image.id.slice(7)}`,
      RepoTags: ["app:1", "localhost:5000/app:latest"],
      Layers: image.layers.map(({ digest }) => `blobs/sha256/${digest.slice(7)}`),
    });
    expect(jsonIn(archive, "index.json").manifests).toMatchObject([
      {
        digest: image.digest,
        annotations: {
          "io.containerd.image.name": "docker.io/library/app:1",
          "org.opencontainers.image.ref.name": "1",
        },
      },
      { digest: image.digest, annotations: { "io.containerd.image.name": "localhost:5000/app:latest" } },
    ]);
    const names = execFileSync("tar", ["tf", archive], { encoding: "utf8" }).trim().split("\n");
    expect(new Set(names).size).toBe(names.length);
    for (const path of names.filter((name) => /[0-9a-f]{64}$/.test(name))) {
      const content = execFileSync("tar", ["xOf", archive, path]);
      expect(createHash("sha256").update(content).digest("hex")).toBe(path.slice(-64));
    }
  });

  test("by its id an image has no name, and gets none after the file it is in", async () => {
    const root = await storeWith("app:1", layer);
    const { id } = (await findImage(root, "app:1"))!;
    for (const text of [id, id.slice(7, 19)]) {
      const archive = await save(root, [text]);
      expect(jsonIn(archive, "manifest.json")[0].RepoTags).toBeNull();
      const other = temporaryFolder();
      expect(await loadArchive(other, archive)).toMatchObject([{ name: undefined, id }]);
    }
  });

  test("of an image for several machines all that is there, or the one that is asked for", async () => {
    const [one, two] = [
      makeLayout([layer], { config: { architecture: "amd64" } }),
      makeLayout([second], { config: { architecture: "arm64" } }),
    ];
    execFileSync("cp", ["-r", `${two.directory}/blobs`, one.directory]);
    const manifest = (digest: string, architecture: string) => ({
      mediaType: MEDIA.MANIFEST,
      digest,
      size: statSync(join(one.directory, "blobs/sha256", digest.slice(7))).size,
      platform: { os: "linux", architecture },
    });
    const index = JSON.stringify({
      schemaVersion: 2,
      manifests: [
        manifest(one.manifest, "amd64"),
        manifest(two.manifest, "arm64"),
        { ...manifest(one.manifest, "s390x"), digest: sha256("absent") },
      ],
    });
    writeFileSync(join(one.directory, "blobs/sha256", sha256(index).slice(7)), index);
    const annotations = { "org.opencontainers.image.ref.name": "x.example/multi:1" };
    writeIndex(one.directory, [{ mediaType: MEDIA.INDEX, digest: sha256(index), size: index.length, annotations }]);
    const root = temporaryFolder();
    await loadArchive(root, one.directory);

    const all = temporaryFolder();
    await loadArchive(all, await save(root, ["x.example/multi:1"]));
    expect(rows(all)).toEqual(rows(root));
    const arm = await save(root, ["x.example/multi:1"], { platform: parsePlatform("linux/arm64") });
    const other = temporaryFolder();
    expect(await loadArchive(other, arm)).toMatchObject([{ name: "x.example/multi:1", digest: two.manifest }]);
    expect(readdirSync(join(other, "images/blobs/sha256")).length).toBe(3);
    await expect(save(root, ["x.example/multi:1"], { platform: parsePlatform("s390x") })).rejects.toThrow("lacks");
    await expect(save(root, ["x.example/multi:1"], { platform: parsePlatform("386") })).rejects.toThrow(
      "no matching manifest for linux/386",
    );
  });

  test("refuses what is unknown or damaged", async () => {
    const root = await storeWith("app:1", layer);
    await expect(save(root, ["app:1", "nope"])).rejects.toThrow("No such image: nope:latest");
    const [blob] = (await findImage(root, "app:1"))!.layers;
    writeFileSync(blobPath(root, blob!.digest), "changed");
    await expect(save(root, ["app:1"])).rejects.toThrow("is damaged: its content is not what its name says");
  });
});

describe("other programs read it", () => {
  test("skopeo, both ways", needs("program:skopeo"), async () => {
    const root = await storeWith("x.example/app:1", layer, second);
    const image = (await findImage(root, "x.example/app:1"))!;
    const archive = await save(root, ["x.example/app:1"]);
    const inspect = (what: string) =>
      JSON.parse(execFileSync("skopeo", ["inspect", "--raw", what], { encoding: "utf8" }));
    expect(inspect(`oci-archive:${archive}:1`).config.digest).toBe(image.id);
    expect(inspect(`docker-archive:${archive}`).config.digest).toBe(image.id);
    const copy = join(temporaryFolder(), "copy");
    execFileSync("skopeo", [
      "--insecure-policy",
      "copy",
      "-q",
      `docker-archive:${archive}:x.example/app:1`,
      `oci:${copy}:1`,
    ]);
    expect(await loadArchive(temporaryFolder(), copy)).toMatchObject([{ id: expect.stringMatching(/^sha256/) }]);
  });
});

describe("an output file", () => {
  test("is whole, or not there", () => {
    const folder = temporaryFolder();
    const path = join(folder, "file");
    const unfinished = createOutputFile(path);
    unfinished.write(Buffer.from("half"));
    expect(readdirSync(folder)).toEqual([]);
    unfinished.close();
    for (const text of ["first", "second, in its place"]) {
      const output = createOutputFile(path);
      output.write(Buffer.from(text));
      output.publish();
      output.close();
      expect(readFileSync(path, "utf8")).toBe(text);
      expect(statSync(path).mode & 0o777).toBe(0o600);
    }
    expect(readdirSync(folder)).toEqual(["file"]);
  });

  test("says where there can be none, and writes to what is no file", () => {
    const folder = temporaryFolder();
    expect(() => createOutputFile(folder)).toThrow("is a directory");
    expect(() => createOutputFile(join(folder, "no/such"))).toThrow(/directory ".*no" does not exist/);
    symlinkSync("/dev/null", join(folder, "null"));
    mkdirSync(join(folder, "d"));
    const output = createOutputFile(join(folder, "null"));
    output.write(Buffer.from("gone"));
    output.publish();
    output.close();
    expect(existsSync("/dev/null")).toBe(true);
    expect(statSync("/dev/null").isCharacterDevice()).toBe(true);
  });
});
