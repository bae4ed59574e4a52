import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  collectGarbage,
  ensureImage,
  findImage,
  type Image,
  keepStore,
  listImages,
  loadArchive,
  removeImage,
  tagImage,
  unpackImage,
  whileListed,
} from "../../src/06-images/index.ts";
import { lockStore } from "../../src/06-images/lock.ts";
import { makeLayout, tarOf, temporaryFolder } from "./archives.ts";

const unused = () => undefined;
const layers = process.getuid?.() === 0 ? "layers" : "layers-ownerless";
const list = (root: string, ...way: string[]) => readdirSync(join(root, ...way));

async function storeWith(name: string): Promise<{ root: string; image: Image }> {
  const root = temporaryFolder();
  await loadArchive(root, makeLayout([tarOf([{ name: "f" }])], { name }).directory);
  return { root, image: await ensureImage(root, name) };
}

describe("a clean-up", () => {
  test("takes nothing of an image that somebody is making a container of, even if it lost its last name", async () => {
    const { root, image } = await storeWith("x.example/app:1");
    const store = keepStore(root);
    const [layer] = await unpackImage(root, image);
    removeImage(root, "x.example/app:1", unused);
    expect(list(layer!)).toEqual(["f"]);
    whileListed(root, image, () => {});
    store.close();
    collectGarbage(root);
    expect(list(layer!)).toEqual(["f"]);
    expect(listImages(root)).toMatchObject([{ id: image.id, repository: undefined }]);
    expect((await findImage(root, image.id))?.id).toBe(image.id);
  });

  test("finds the image listed before the container is there, and rmi asks when nobody can make one", async () => {
    const { root, image } = await storeWith("x.example/app:1");
    const store = keepStore(root);
    removeImage(root, "x.example/app:1", unused);
    expect(listImages(root)).toEqual([]);
    const isListed = () => listImages(root).some(({ id }) => id === image.id);
    expect(whileListed(root, image, isListed)).toBe(true);
    store.close();
    // In use, says the one who is asked, if he could have begun to use it.
    const isLocked = () =>
      spawnSync("flock", ["-n", join(root, "locks/index"), "true"]).status === 1 ? undefined : "x";
    whileListed(root, image, () => {});
    expect(removeImage(root, image.id, isLocked).deleted).toContain(image.id);
  });

  test("whileListed changes nothing where the image has a name", async () => {
    const { root, image } = await storeWith("x.example/app:1");
    await tagImage(root, "x.example/app:1", "x.example/app:2");
    removeImage(root, "x.example/app:1", unused);
    whileListed(root, image, () => {});
    expect(listImages(root)).toMatchObject([{ repository: "x.example/app", tag: "2" }]);
  });

  test("takes what was half removed when somebody was killed, and a layer is there as a whole or not at all", async () => {
    const { root, image } = await storeWith("x.example/app:1");
    const [layer] = await unpackImage(root, image);
    // As it is between the two halves of removing a layer.
    renameSync(join(layer!, ".."), join(root, "tmp/draft"));
    rmSync(join(root, "tmp/draft/diff/f"));
    expect(list(root, layers)).toEqual([]);
    const [again] = await unpackImage(root, image);
    expect(list(again!)).toEqual(["f"]);
    collectGarbage(root);
    expect(list(root, "tmp")).toEqual([]);
    expect(list(again!)).toEqual(["f"]);
  });

  test("that others do wait for is over as soon as it has decided", async () => {
    const { root } = await storeWith("x.example/app:1");
    const lock = lockStore(root)!;
    expect(lockStore(root)).toBeUndefined();
    lock.share();
    const other = keepStore(root);
    expect(lockStore(root)).toBeUndefined();
    other.close();
    lock.close();
    lockStore(root)!.close();
  });

  test("that comes while a name is being written is put off: its draft stays", async () => {
    const { root } = await storeWith("x.example/app:1");
    const store = keepStore(root);
    writeFileSync(join(root, "tmp/draft"), "");
    expect(collectGarbage(root)).toEqual([]);
    expect(list(root, "tmp")).toEqual(["draft"]);
    store.close();
    collectGarbage(root);
    expect(list(root, "tmp")).toEqual([]);
  });
});

test("a load begins by sweeping up what others have left who were killed", async () => {
  const { root } = await storeWith("x.example/app:1");
  mkdirSync(join(root, "tmp/killed/diff"), { recursive: true });
  await loadArchive(root, makeLayout([tarOf([{ name: "g" }])], { name: "x.example/other:1" }).directory);
  expect(list(root, "tmp")).toEqual([]);
});
