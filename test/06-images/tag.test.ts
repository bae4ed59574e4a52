import { describe, expect, test } from "vitest";
import { findImage, historyOf, listImages, loadArchive, tagImage } from "../../src/06-images/index.ts";
import { makeLayout, tarOf, temporaryFolder } from "./archives.ts";

const layer = tarOf([{ name: "hello", content: "1" }]);
const other = tarOf([{ name: "other", content: "2" }]);

async function storeWith(...names: string[]): Promise<string> {
  const root = temporaryFolder();
  for (const name of names) await loadArchive(root, makeLayout([layer, Buffer.from(other)], { name }).directory);
  return root;
}

const namesIn = (root: string) => listImages(root).map(({ repository, tag }) => `${repository}:${tag}`);

describe("tagImage", () => {
  test("gives an image one more name, by name or by id", async () => {
    const root = await storeWith("x.example/app:1");
    const image = await findImage(root, "x.example/app:1");
    expect(await tagImage(root, "x.example/app:1", "mine")).toBe("docker.io/library/mine:latest");
    expect(await tagImage(root, image!.id.slice(7, 20), "localhost:5000/app:2")).toBe("localhost:5000/app:2");
    expect(namesIn(root).sort()).toEqual(["localhost:5000/app:2", "mine:latest", "x.example/app:1"]);
    expect((await findImage(root, "mine"))?.id).toBe(image?.id);
  });

  test("takes the name from another image, which stays", async () => {
    const root = await storeWith("x.example/app:1");
    await loadArchive(root, makeLayout([layer], { name: "x.example/app:2" }).directory);
    await tagImage(root, "x.example/app:1", "x.example/app:2");
    expect(namesIn(root).sort()).toEqual(["undefined:undefined", "x.example/app:1", "x.example/app:2"]);
    await tagImage(root, "x.example/app:1", "x.example/app:2");
    expect(namesIn(root).length).toBe(3);
  });

  test("refuses in Docker's words", async () => {
    const root = await storeWith("x.example/app:1");
    await expect(tagImage(root, "nope", "mine")).rejects.toThrow("No such image: nope:latest");
    await expect(tagImage(root, "x.example/app:1", "Mine")).rejects.toThrow(
      'Error parsing reference: "Mine" is not a valid repository/tag',
    );
    await expect(tagImage(root, "x.example/app:1", `mine@sha256:${"a".repeat(64)}`)).rejects.toThrow(
      "refusing to create a tag with a digest reference",
    );
    expect(namesIn(root)).toEqual(["x.example/app:1"]);
  });
});

describe("historyOf", () => {
  const layers = [10, 20, 30].map((size) => ({ mediaType: "x", digest: "sha256:x", size }));
  const config = { os: "linux", architecture: "amd64", rootfs: { type: "layers" as const, diff_ids: [] } };
  const told = (history: object[]) =>
    historyOf({ layers, config: { ...config, history } }).map(({ createdBy, layer, sizeBytes }) => [
      createdBy,
      layer,
      sizeBytes,
    ]);

  test("counts a layer for each instruction that made one", () => {
    expect(
      told([{ created_by: "A" }, { created_by: "E", empty_layer: true }, { created_by: "B" }, { created_by: "C" }]),
    ).toEqual([
      ["A", 0, 10],
      ["E", undefined, 0],
      ["B", 1, 20],
      ["C", 2, 30],
    ]);
  });

  test("invents none, and forgets none", () => {
    expect(told([{ created_by: "A" }])).toEqual([
      ["A", 0, 10],
      ["", 1, 20],
      ["", 2, 30],
    ]);
    expect(told("ABCDE".split("").map((created_by) => ({ created_by }))).slice(3)).toEqual([
      ["D", undefined, 0],
      ["E", undefined, 0],
    ]);
  });
});
