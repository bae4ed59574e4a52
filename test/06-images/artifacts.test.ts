import { expect, test } from "vitest";
import { hasBlob, writeBlob } from "../../src/06-images/blobs.ts";
import { collectGarbage, findImage, listImages, loadArchive, MEDIA, removeImage } from "../../src/06-images/index.ts";
import { changeIndex, inRepository, nameEntry, nameOfEntry, readIndex } from "../../src/06-images/layout.ts";
import type { Descriptor } from "../../src/06-images/manifest.ts";
import { makeLayout, tarOf, temporaryFolder } from "./archives.ts";

const put = (root: string, content: object | string, mediaType: string): Descriptor =>
  writeBlob(root, Buffer.from(typeof content === "string" ? content : JSON.stringify(content)), mediaType);

/** A thing that registries keep and nobody runs: its config is a word, its layer a sentence. */
function putArtifact(root: string): Descriptor[] {
  const config = put(root, "word", "text/word");
  const layer = put(root, "a sentence", "text/plain");
  const manifest = put(root, { schemaVersion: 2, mediaType: MEDIA.MANIFEST, config, layers: [layer] }, MEDIA.MANIFEST);
  changeIndex(root, (entries) => nameEntry(entries, { ...manifest, artifactType: "text/word" }, "localhost/note:1"));
  return [manifest, config, layer];
}

test("what is no image is kept whole, and not listed among the images", () => {
  const root = temporaryFolder();
  const kept = putArtifact(root);
  const garbage = put(root, "nobody's", "text/plain");
  expect(collectGarbage(root)).toEqual([garbage.digest]);
  expect(kept.every(({ digest }) => hasBlob(root, digest))).toBe(true);
  expect(listImages(root, (_, error) => expect.fail(error.message))).toEqual([]);
});

test("indexes of indexes that share what is below them are gone through once", () => {
  const root = temporaryFolder();
  let top = putArtifact(root)[0]!;
  for (let level = 0; level < 40; level++) {
    top = put(root, { schemaVersion: 2, mediaType: MEDIA.INDEX, manifests: [top, top] }, MEDIA.INDEX);
  }
  changeIndex(root, (entries) => nameEntry(entries, top, "localhost/deep:1"));
  expect(collectGarbage(root)).toEqual([]);
});

test("a manifest without a name stays with each repository it is in", () => {
  const root = temporaryFolder();
  const [manifest] = putArtifact(root);
  const nameless = ["localhost/one", "localhost/two"].map((repository) => inRepository(manifest!, repository));
  changeIndex(root, (entries) => [...entries, ...nameless]);
  changeIndex(root, (entries) => nameEntry(entries, manifest!, "localhost/other:2"));
  expect(readIndex(root).map(nameOfEntry)).toEqual(["localhost/note:1", undefined, undefined, "localhost/other:2"]);
});

test("an image that only its repository knows of is listed if it has no name", async () => {
  const root = temporaryFolder();
  await loadArchive(root, makeLayout([tarOf([{ name: "hello" }])], { name: "localhost/app:v1" }).directory);
  const [named] = readIndex(root);
  changeIndex(root, () => [inRepository(named!, "localhost/app")]);
  expect(listImages(root)).toMatchObject([{ digest: named!.digest, repository: undefined }]);
  changeIndex(root, (entries) => [...entries, named!]);
  expect(listImages(root)).toMatchObject([{ repository: "localhost/app" }]);
});

test("an image for other machines is listed by its index's digest, and can be removed by that", async () => {
  const root = temporaryFolder();
  const { directory, manifest } = makeLayout([tarOf([])], { name: null });
  await loadArchive(root, directory);
  const [{ size } = { size: 0 }] = readIndex(root);
  const platform = { os: "plan9", architecture: "mips" };
  const child = { mediaType: MEDIA.MANIFEST, digest: manifest, size, platform };
  const index = put(root, { schemaVersion: 2, mediaType: MEDIA.INDEX, manifests: [child] }, MEDIA.INDEX);
  changeIndex(root, () => nameEntry([], index, "localhost/far:1"));
  const { digest } = index;
  expect(listImages(root)).toMatchObject([{ repository: "localhost/far", tag: "1", digest, id: digest }]);
  expect(removeImage(root, digest, () => undefined).untagged).toEqual(["localhost/far:1"]);
});

test("what was made here is found without localhost, whatever its path", async () => {
  const root = temporaryFolder();
  const { directory } = makeLayout([tarOf([{ name: "hello" }])], { name: "localhost/team/app:v1" });
  await loadArchive(root, directory);
  expect(await findImage(root, "team/app:v1")).toBeDefined();
  expect(await findImage(root, "other/app:v1")).toBeUndefined();
});
