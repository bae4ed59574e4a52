// `image explore`: an image taken apart, layer by layer.

import { UserError } from "../../01-syscalls/index.ts";
import {
  type Explored,
  type ExploredLayer,
  exploreImage,
  familiarName,
  findImage,
  formatPlatform,
  type Image,
  noSuchImage,
  shortId,
} from "../../06-images/index.ts";
import type { Roots } from "../../10-containers/folders.ts";
import { readCommand } from "../flags/command.ts";
import { type FlagGroup, setters } from "../flags/flags.ts";
import { type PlatformAsked, platformFlag } from "../flags/platform-flag.ts";
import { boolean, integer } from "../flags/values.ts";
import { layerLines } from "../show/explore-layer.ts";
import { efficiency, exploredLines } from "../show/explore-lines.ts";
import { lookOf } from "../watch.ts";

interface Asked extends PlatformAsked {
  json: boolean;
  /** From 1. */
  layer?: number;
}

const explore = setters<Asked>();

const FLAGS: FlagGroup<Asked>[] = [
  [
    "Options:",
    ["--json", "", "Print everything that is known, as JSON", explore.one("json", boolean)],
    ["--layer", "int", "Show all files of this layer; the lowest is 1", explore.one("layer", integer)],
    platformFlag("Explore the image for the given platform"),
  ],
];

const SUMMARY = `Show what each layer of an image brings and wastes

A layer is never changed once it is made: what a later one overwrites or deletes is
still there, and is fetched with the image. + is added, ~ is changed, - is hidden.`;

export async function verb(argv: string[], roots: Roots): Promise<number> {
  const asked: Asked = { json: false };
  const line = { name: "image explore", operands: ["<image>"], flags: FLAGS, asked, summary: SUMMARY };
  const names = readCommand(line, argv);
  if (names === undefined) return 0;
  const image = await find(roots, names[0]!, asked);
  const explored = await exploreImage(roots.root, image);
  process.stdout.write(`${shown(image, explored, asked)}\n`);
  return 0;
}

async function find({ root }: Roots, name: string, { platform }: Asked): Promise<Image> {
  const image = await findImage(root, name, platform && { platform });
  if (image) return image;
  throw noSuchImage(name);
}

function shown(image: Image, explored: Explored, { json, layer }: Asked): string {
  const { layers } = explored;
  if (layer !== undefined && !layers[layer - 1]) {
    throw new UserError(`there is no layer ${layer}: the image has ${layers.length}`);
  }
  if (json) return JSON.stringify(layer === undefined ? whole(image, explored) : layerOf(explored, layer - 1), null, 2);
  const look = lookOf(process.stdout);
  const lines =
    layer === undefined ? exploredLines(titleOf(image), explored, look) : layerLines(explored, layer - 1, look);
  return lines.join("\n");
}

function titleOf({ name, id, config }: Image) {
  return { name: name === undefined ? shortId(id) : familiarName(name), platform: formatPlatform(config) };
}

// ---- for scripts

function whole(image: Image, explored: Explored): object {
  const { layers } = explored;
  const sum = (bytesOf: (layer: ExploredLayer) => number) => layers.reduce((total, layer) => total + bytesOf(layer), 0);
  const [bytes, wastedBytes] = [sum((layer) => layer.bytes), sum((layer) => layer.wastedBytes)];
  return {
    id: explored.id,
    ...titleOf(image),
    bytes,
    storedBytes: sum(({ storedBytes }) => storedBytes),
    wastedBytes,
    efficiency: efficiency(bytes, wastedBytes),
    layers: layers.map((_, index) => layerOf(explored, index)),
  };
}

/** Layers are counted from 1 here, as on the screen. */
function layerOf({ layers, steps }: Explored, index: number): object {
  const { entries, ...layer } = layers[index]!;
  const createdBy = steps.find((step) => step.layer === index)?.createdBy ?? "";
  const numbered = entries.map(({ hiddenBy, from, ...entry }) => ({
    ...entry,
    ...(hiddenBy !== undefined && { hiddenBy: hiddenBy + 1 }),
    ...(from && { from: from.map((one) => one + 1) }),
  }));
  return { layer: index + 1, createdBy, ...layer, entries: numbered };
}
