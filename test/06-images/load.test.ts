import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import {
  findImage,
  inspectImage,
  type LoadedImage,
  listImages,
  loadArchive,
  MEDIA,
  unpackImage,
} from "../../src/06-images/index.ts";
import { needs } from "../support/needs.ts";
import { dockerArchive, makeLayout, sha256, tarOf, temporaryFolder, writeIndex } from "./archives.ts";

const layer = tarOf([{ name: "hello", content: "from the first layer" }]);
const second = tarOf([{ name: "more", content: "from the second" }]);

async function* inPieces(bytes: Buffer, length: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

function write(bytes: Buffer, name = "image.tar"): string {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, bytes);
  return path;
}

function archiveOf(directory: string): string {
  const path = join(temporaryFolder(), "my image.tar");
  execFileSync("tar", ["cf", path, "-C", directory, "."]);
  return path;
}

/** Everything in the store but what was verified; names of blobs as they are. */
function storeFiles(root: string): string[] {
  if (!existsSync(root)) return [];
  const files = readdirSync(root, { recursive: true, encoding: "utf8" });
  return files.filter((file) => !/^(verified|locks)|^(images|images.blobs|images.blobs.sha256|tmp)$/.test(file)).sort();
}

async function textIn(root: string, name: string, file: string): Promise<string> {
  const image = await findImage(root, name);
  const directories = await unpackImage(root, image!);
  return readFileSync(join(directories.at(-1)!, file), "utf8");
}

describe("loadArchive reads", () => {
  test("what docker save writes: each name, the config's own digest as the id", async () => {
    const root = temporaryFolder();
    const archive = dockerArchive(["alpine:3", "localhost:5000/x:1"], [layer, second]);
    const loaded = await loadArchive(root, write(archive));
    expect(loaded.map(({ name }) => name)).toEqual(["docker.io/library/alpine:3", "localhost:5000/x:1"]);
    const image = await findImage(root, "alpine:3");
    expect(image).toMatchObject({ id: loaded[0]?.id, config: { config: { Cmd: ["sh"] } } });
    expect(archive.includes(`${image?.id.slice(7)}.json`)).toBe(true);
    expect(await textIn(root, "alpine:3", "more")).toBe("from the second");
  });

  test("an archive without names: the image is there by its id", async () => {
    const root = temporaryFolder();
    const [loaded] = await loadArchive(root, write(dockerArchive(null, [layer])));
    expect(loaded?.name).toBeUndefined();
    expect(listImages(root)).toMatchObject([{ repository: undefined, tag: undefined, id: loaded?.id }]);
    expect((await findImage(root, loaded!.id!.slice(7, 19)))?.id).toBe(loaded?.id);
  });

  test("an OCI layout's directory and an archive of it, as the same image", async () => {
    const { directory, manifest } = makeLayout([layer], { name: "v1" });
    const [one, other] = [temporaryFolder(), temporaryFolder()];
    const [fromDirectory] = await loadArchive(one, directory);
    const [fromArchive] = await loadArchive(other, archiveOf(directory));
    expect(fromDirectory).toMatchObject({ name: "localhost/app:v1", digest: manifest });
    expect(fromArchive).toMatchObject({ name: "localhost/my-image:v1", digest: manifest });
    expect(await textIn(other, "my-image:v1", "hello")).toBe("from the first layer");
  });

  test.each([
    ["gzip", gzipSync, MEDIA.LAYER_GZIP],
    [
      "zstd",
      (bytes: Buffer) => execFileSync("zstd", ["-c"], { input: bytes, stdio: ["pipe", "pipe", "ignore"] }),
      MEDIA.LAYER_ZSTD,
    ],
  ])("layers and archives packed with %s", needs("program:zstd"), async (_, pack, mediaType) => {
    const { directory } = makeLayout([layer], { name: "example.com/a/b:c", pack, mediaType });
    const root = temporaryFolder();
    await loadArchive(root, write(pack(readFileSync(archiveOf(directory)))));
    expect(await textIn(root, "example.com/a/b:c", "hello")).toBe("from the first layer");
  });

  test("a pipe, in any pieces", async () => {
    for (const length of [1, 1000, 1 << 20]) {
      const root = temporaryFolder();
      await loadArchive(root, inPieces(gzipSync(dockerArchive(["x"], [layer])), length));
      expect(await textIn(root, "x", "hello")).toBe("from the first layer");
    }
  });

  test("Docker's manifests in a layout, and an index with one of its platforms present", async () => {
    const { directory, manifest } = makeLayout([layer], { docker: true });
    const bytes = readFileSync(join(directory, "blobs/sha256", manifest.slice(7)));
    const absent = { mediaType: MEDIA.DOCKER_MANIFEST, digest: sha256("absent"), size: 6 };
    const index = JSON.stringify({
      schemaVersion: 2,
      mediaType: MEDIA.DOCKER_INDEX,
      manifests: [
        { ...absent, platform: { os: "linux", architecture: "s390x" } },
        {
          mediaType: MEDIA.DOCKER_MANIFEST,
          digest: manifest,
          size: bytes.length,
          platform: { os: "linux", architecture: process.arch === "arm64" ? "arm64" : "amd64" },
        },
      ],
    });
    writeFileSync(join(directory, "blobs/sha256", sha256(index).slice(7)), index);
    const name = { "org.opencontainers.image.ref.name": "multi" };
    writeIndex(directory, [
      { mediaType: MEDIA.DOCKER_INDEX, digest: sha256(index), size: index.length, annotations: name },
    ]);
    const root = temporaryFolder();
    const [loaded] = await loadArchive(root, directory);
    expect(loaded).toMatchObject({ name: "localhost/app:multi", digest: sha256(index) });
    expect(await findImage(root, "app:multi")).toMatchObject({ digest: manifest });
    await expect(findImage(root, "app:multi", { platform: { os: "linux", architecture: "riscv64" } })).rejects.toThrow(
      "no matching manifest for linux/riscv64",
    );
  });

  test("of an index the one for a platform, if that is asked for; and says if an image is for another", async () => {
    const { directory, manifest } = makeLayout([layer], { config: { architecture: "arm64" } });
    const { length: size } = readFileSync(join(directory, "blobs/sha256", manifest.slice(7)));
    const platform = { os: "linux", architecture: "arm64" };
    const index = JSON.stringify({
      schemaVersion: 2,
      manifests: [{ mediaType: MEDIA.MANIFEST, digest: manifest, size, platform }],
    });
    writeFileSync(join(directory, "blobs/sha256", sha256(index).slice(7)), index);
    writeIndex(directory, [{ mediaType: MEDIA.INDEX, digest: sha256(index), size: index.length }]);
    const root = temporaryFolder();
    expect(await loadArchive(root, directory, { platform })).toMatchObject([{ digest: manifest }]);
    const other = { os: "linux", architecture: "s390x" };
    await expect(loadArchive(root, directory, { platform: other })).rejects.toThrow(
      "no matching manifest for linux/s390x",
    );
    expect(await findImage(root, "app", { platform })).toMatchObject({ digest: manifest });
    await expect(findImage(root, "app", { platform: other })).rejects.toThrow(
      "image with reference app was found but does not provide the specified platform (linux/s390x)",
    );
  });

  test("a second archive with the same name: the first image stays, without it", async () => {
    const root = temporaryFolder();
    const [old] = await loadArchive(root, write(dockerArchive(["x"], [layer])));
    const [now] = await loadArchive(root, write(dockerArchive(["x"], [second])));
    expect((await findImage(root, "x"))?.id).toBe(now?.id);
    expect(listImages(root).map(({ tag, id }) => [tag, id])).toEqual([
      [undefined, old?.id],
      ["latest", now?.id],
    ]);
    await loadArchive(root, write(dockerArchive(["x"], [layer])));
    expect(listImages(root).length).toBe(2);
  });
});

describe("a bad archive is one clear error, and leaves nothing", () => {
  const good = dockerArchive(["x"], [layer, second]);
  const refused: [string, () => Buffer, RegExp][] = [
    ["empty", () => Buffer.alloc(0), /neither an index.json nor a manifest.json/],
    ["no archive", () => Buffer.from("hello\n".repeat(500)), /checksum/],
    ["no image", () => layer, /neither an index.json nor a manifest.json/],
    ["cut in a file", () => good.subarray(0, 1700), /unexpected EOF/],
    ["cut between files", () => good.subarray(0, 1024), /neither/],
    ["cut while packed", () => gzipSync(good).subarray(0, 300), /cut short or damaged/],
    ["changed while packed", () => changed(gzipSync(good), 200), /damaged/],
    ["with a changed layer", () => dockerArchive(["x"], [layer, second], { layer1: layer }), /layer 2 is damaged/],
    [
      "with a changed config",
      () => Buffer.from(good.toString("latin1").replace('"sh"', '"SH"'), "latin1"),
      /is damaged/,
    ],
    [
      "with a broken list",
      () => dockerArchive(["x"], [layer], { "manifest.json": Buffer.from("[{}]") }),
      /does not list images/,
    ],
    ["with no list", () => dockerArchive(["x"], [layer], { "manifest.json": Buffer.from("[") }), /not valid JSON/],
    ["with an odd name", () => dockerArchive(["../x"], [layer]), /invalid reference format/],
    [
      "with a missing layer",
      () => dockerArchive(["x"], [layer], { "manifest.json": missingLayer }),
      /gone.tar is missing/,
    ],
  ];
  const missingLayer = Buffer.from(
    JSON.stringify([{ Config: "gone.json", RepoTags: null, Layers: ["gone.tar"] }]).replace(
      "gone.json",
      configOf(dockerArchive(["x"], [layer])),
    ),
  );

  test.each(refused)("%s", async (_, archive, message) => {
    const root = temporaryFolder();
    const path = write(archive());
    const load = loadArchive(root, path);
    await expect(load).rejects.toMatchObject({ name: "UserError", message: expect.stringMatching(message) });
    await expect(load).rejects.toThrow(`cannot load ${path}: `);
    expect(storeFiles(root)).toEqual([]);
  });

  test("an OCI layout with a changed, a missing or an evil blob", async () => {
    const spoil: [(layout: ReturnType<typeof makeLayout>) => void, RegExp][] = [
      [
        ({ directory, layers }) => writeFileSync(join(directory, "blobs/sha256", layers[0]!.slice(7)), second),
        /damaged/,
      ],
      [({ directory, layers }) => rmSync(join(directory, "blobs/sha256", layers[0]!.slice(7))), /is missing/],
      [({ directory, config }) => rmSync(join(directory, "blobs/sha256", config.slice(7))), /is missing/],
      [
        ({ directory }) =>
          writeIndex(directory, [{ mediaType: MEDIA.MANIFEST, digest: "sha256:../../../etc/passwd", size: 1 }]),
        /invalid digest/,
      ],
      [({ directory }) => writeIndex(directory, []), /lists no images/],
      [({ directory }) => rmSync(join(directory, "index.json")), /no index.json/],
    ];
    for (const [damage, message] of spoil) {
      const layout = makeLayout([layer]);
      damage(layout);
      const root = temporaryFolder();
      await expect(loadArchive(root, layout.directory)).rejects.toMatchObject({
        name: "UserError",
        message: expect.stringMatching(message),
      });
      expect(storeFiles(root)).toEqual([]);
    }
  });

  test("what is in the store already stays as it was", async () => {
    const root = temporaryFolder();
    await loadArchive(root, write(good));
    const before = storeFiles(root);
    await expect(loadArchive(root, write(good.subarray(0, 1700)))).rejects.toThrow("unexpected EOF");
    expect(storeFiles(root)).toEqual(before);
  });

  test("a file that isn't there", async () => {
    await expect(loadArchive(temporaryFolder(), "/no/such.tar")).rejects.toThrow(
      "open /no/such.tar: no such file or directory",
    );
  });
});

describe("oci:DIRECTORY:TAG", () => {
  test("is read into the store, once", async () => {
    const { directory, manifest } = makeLayout([layer], { name: "v1" });
    const root = temporaryFolder();
    const image = await findImage(root, `oci:${directory}:v1`);
    expect(image).toMatchObject({ name: "localhost/app:v1", digest: manifest });
    rmSync(join(directory, "blobs"), { recursive: true });
    expect((await findImage(root, `oci:${directory}:v1`))?.id).toBe(image?.id);
    expect((await findImage(root, `oci:${directory}`))?.id).toBe(image?.id);
  });

  test("says which names there are", async () => {
    const { directory } = makeLayout([layer], { name: "v1" });
    const root = temporaryFolder();
    await expect(findImage(root, `oci:${directory}:v2`)).rejects.toThrow("it has no image called v2 (there are: v1)");
    await expect(findImage(root, "oci:/no/such:v2")).rejects.toThrow("cannot load /no/such: it has no index.json");
  });
});

describe("other programs", () => {
  test("skopeo writes archives that we load, and reads our store in place", needs("program:skopeo"), async () => {
    const { directory, config } = makeLayout([layer, second], {
      name: "v1",
      pack: gzipSync,
      mediaType: MEDIA.LAYER_GZIP,
    });
    const folder = temporaryFolder();
    const root = join(folder, "root");
    const copy = (to: string) => execFileSync("skopeo", ["--insecure-policy", "copy", "-q", `oci:${directory}:v1`, to]);
    copy(`docker-archive:${folder}/docker.tar:example.com/saved:1`);
    copy(`oci-archive:${folder}/from-skopeo.tar:v2`);
    const names = async (path: string): Promise<LoadedImage[]> => loadArchive(root, path);
    expect(await names(`${folder}/docker.tar`)).toMatchObject([{ name: "example.com/saved:1" }]);
    expect(await names(`${folder}/from-skopeo.tar`)).toMatchObject([{ name: "localhost/from-skopeo:v2", id: config }]);
    expect(await textIn(root, "from-skopeo:v2", "more")).toBe("from the second");

    const inspect = execFileSync("skopeo", ["inspect", `oci:${root}/images:localhost/from-skopeo:v2`], {
      encoding: "utf8",
    });
    expect(JSON.parse(inspect)).toMatchObject({
      Os: "linux",
      Digest: (await findImage(root, "localhost/from-skopeo:v2"))?.digest,
    });
  });

  test("umoci lists and unpacks our store in place", needs("program:umoci", "root"), async () => {
    const root = temporaryFolder();
    await loadArchive(root, write(dockerArchive(["x:1"], [layer, second])));
    const umoci = (...words: string[]) =>
      execFileSync("umoci", words, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
    expect(umoci("ls", "--layout", `${root}/images`)).toBe("docker.io/library/x:1\n");
    umoci("unpack", "--image", `${root}/images:docker.io/library/x:1`, `${root}/bundle`);
    expect(readFileSync(`${root}/bundle/rootfs/hello`, "utf8")).toBe("from the first layer");
  });
});

test("inspectImage has Docker's shape", async () => {
  const root = temporaryFolder();
  const [loaded] = await loadArchive(root, write(dockerArchive(["alpine:3"], [layer])));
  expect(inspectImage(root, "alpine:3")).toEqual({
    Id: loaded?.id,
    RepoTags: ["alpine:3"],
    RepoDigests: [`alpine@${loaded?.digest}`],
    Created: "",
    Author: "",
    Architecture: "amd64",
    Os: "linux",
    Size: layer.length,
    Config: { Cmd: ["sh"] },
    RootFS: { Type: "layers", Layers: [sha256(layer)] },
  });
});

function changed(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at]! ^= 0x55;
  return copy;
}

function configOf(archive: Buffer): string {
  return /[0-9a-f]{64}\.json/.exec(archive.toString("latin1"))![0];
}
