import { writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { blobPath } from "../../src/06-images/blobs.ts";
import {
  type Explored,
  ensureImage,
  exploreImage,
  layerTree,
  loadArchive,
  MEDIA,
  type SeenEntry,
  tagImage,
} from "../../src/06-images/index.ts";
import { makeLayout, tarOf, temporaryFolder, type Written } from "./archives.ts";

const file = (name: string, bytes = 0): Written => ({ name, content: "x".repeat(bytes) });
const dir = (name: string, mode = 0o755): Written => ({ name, type: "5", mode });
const link = (name: string, to: string): Written => ({ name, type: "1", link: to });

async function explore(...layers: Written[][]): Promise<Explored> {
  const root = temporaryFolder();
  const packing = { name: "x.example/app:1", pack: gzipSync, mediaType: MEDIA.LAYER_GZIP };
  await loadArchive(
    root,
    makeLayout(
      layers.map((entries) => tarOf(entries)),
      packing,
    ).directory,
  );
  return exploreImage(root, await ensureImage(root, "x.example/app:1"));
}

const SIGNS = { added: "+", changed: "~", hidden: "-" };

/** `+ path 10`, and what became of it, layers counted from 1. */
function told({ change, path, bytes, hiddenBy, isReplaced, from }: SeenEntry): string {
  const fate = hiddenBy === undefined ? "" : ` ${isReplaced ? "replaced" : "hidden"} by ${hiddenBy + 1}`;
  return `${SIGNS[change]} ${path} ${bytes}${fate}${from ? ` in ${from.map((layer) => layer + 1)}` : ""}`;
}

const toldOf = ({ layers }: Explored) => layers.map(({ entries }) => entries.map(told));
const wasted = ({ layers }: Explored) => layers.map(({ wastedBytes }) => wastedBytes);

describe("exploreImage", () => {
  test("tells what is added, changed and hidden, and whose bytes are seen no more", async () => {
    const explored = await explore(
      [dir("etc"), file("etc/conf", 10), file("etc/kept", 5), file("cache/a", 100), file("cache/b", 50)],
      [dir("etc"), file("etc/conf", 20), file("new", 7)],
      [file(".wh.cache"), file(".wh.new")],
    );
    expect(toldOf(explored)).toEqual([
      [
        "+ etc 0",
        "+ etc/conf 10 replaced by 2",
        "+ etc/kept 5",
        "+ cache/a 100 hidden by 3",
        "+ cache/b 50 hidden by 3",
      ],
      ["~ etc/conf 20", "+ new 7 hidden by 3"],
      ["- cache 150 in 1", "- new 7 in 2"],
    ]);
    expect(wasted(explored)).toEqual([160, 7, 0]);
    expect(explored.layers.map(({ bytes }) => bytes)).toEqual([165, 27, 0]);
  });

  test("an opaque directory hides what is below, and not its own", async () => {
    const below = [dir("d"), file("d/old", 10), file("d/deep/old", 20)];
    for (const own of [
      [file("d/.wh..wh..opq"), file("d/own", 1)],
      [file("d/own", 1), file("d/.wh..wh..opq")],
    ]) {
      const explored = await explore(below, [dir("d"), ...own]);
      expect(toldOf(explored)[1]!.sort()).toEqual(["+ d/own 1", "- d 30 in 1"]);
      expect(wasted(explored)).toEqual([30, 0]);
    }
  });

  test("a whiteout never hides what its own layer has", async () => {
    const explored = await explore([file("d/old", 10)], [file("d/new", 1), file(".wh.d")], [file("e", 1)]);
    expect(toldOf(explored)[1]).toEqual(["+ d/new 1", "- d 10 in 1"]);
    expect(wasted(explored)).toEqual([10, 0, 0]);
  });

  test("content with two names is wasted with the last of them", async () => {
    const first = [file("a", 100), link("b", "a")];
    const [one, both] = [await explore(first, [file(".wh.a")]), await explore(first, [file(".wh.a")], [file("b", 1)])];
    expect(toldOf(one)[0]).toEqual(["+ a 100 hidden by 2", "+ b 0"]);
    expect(wasted(one)).toEqual([0, 0]);
    expect(wasted(both)).toEqual([100, 0, 0]);
  });

  test("a file in the place of a directory, and one twice in a layer", async () => {
    const explored = await explore([file("d/in", 10), file("twice", 3), file("twice", 4)], [file("d", 1)], [dir("d")]);
    expect(toldOf(explored)).toEqual([
      ["+ d/in 10 replaced by 2", "+ twice 3 replaced by 1", "~ twice 4"],
      ["+ d 1 replaced by 3"],
      ["~ d 0"],
    ]);
    expect(wasted(explored)).toEqual([13, 1, 0]);
  });

  test("a directory is told when it is another than before", async () => {
    const explored = await explore([dir("d")], [dir("d")], [dir("d", 0o700)]);
    expect(toldOf(explored)).toEqual([["+ d 0"], [], ["~ d 0"]]);
  });

  test("says that a layer is not what was promised", async () => {
    const root = temporaryFolder();
    await loadArchive(root, makeLayout([tarOf([file("a")])], { name: "x.example/app:1" }).directory);
    const image = await ensureImage(root, "x.example/app:1");
    writeFileSync(blobPath(root, image.layers[0]!.digest), tarOf([file("b")]));
    await expect(exploreImage(root, image)).rejects.toThrow(
      "cannot read layer 1: it does not contain what its image promises",
    );
  });
});

test("layerTree: what images share is there once, and whose last layer it is", async () => {
  const root = temporaryFolder();
  const [base, left, right] = ["base", "left", "right"].map((name) => tarOf([file(name, 600)]));
  const load = (name: string, ...layers: Buffer[]) => loadArchive(root, makeLayout(layers, { name }).directory);
  await load("x.example/base:1", base!);
  await load("x.example/left:1", base!, left!);
  await load("x.example/right:1", base!, right!);
  await load("x.example/other:1", left!);
  await tagImage(root, "x.example/left:1", "left");
  const shown = ({ images, above }: { images: string[]; above: unknown[] }): unknown => [
    images,
    (above as Parameters<typeof shown>[0][]).map(shown),
  ];
  expect(layerTree(root).layers.map(shown)).toEqual([
    [
      ["x.example/base:1"],
      [
        [["x.example/left:1", "left:latest"], []],
        [["x.example/right:1"], []],
      ],
    ],
    [["x.example/other:1"], []],
  ]);
});
