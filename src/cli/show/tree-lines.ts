// The store's layers on the screen, drawn as a history: a layer stands below the one that it lies on, and only where two
// images part the line does, too.

import { type LayerTree, shortId, type TreeLayer } from "../../06-images/index.ts";
import type { Look } from "./explain.ts";
import { instruction, size, spread } from "./explore-lines.ts";
import { displayWidth, truncate } from "./width.ts";

/** Every line at most `columns` wide. */
export function treeLines({ layers, empty }: LayerTree, look: Look): string[] {
  return [
    summary({ layers, empty }, look),
    // What begins in another way has nothing in common.
    ...layers.flatMap((layer) => ["", ...lineage(layer, { first: "", rest: "" }, look)]),
    ...empty.map((name) => line({ sizeBytes: 0, createdBy: "(no layers)", images: [name] }, "", look)),
  ];
}

/** What is drawn before a layer's mark: on its own line, and on those below. */
interface Guide {
  first: string;
  rest: string;
}

/** The last one above goes on in the same column; the others branch off before it. */
function lineage(layer: TreeLayer, { first, rest }: Guide, look: Look): string[] {
  const branches = layer.above.slice(0, -1);
  const last = layer.above.at(-1);
  return [
    line(layer, first, look),
    ...branches.flatMap((branch) => lineage(branch, { first: `${rest}├─`, rest: `${rest}│ ` }, look)),
    ...(last ? lineage(last, { first: rest, rest }, look) : []),
  ];
}

const SIZE = 8;

function line(
  { sizeBytes, createdBy, images }: Pick<TreeLayer, "sizeBytes" | "createdBy" | "images">,
  guide: string,
  look: Look,
): string {
  const { columns, paint } = look;
  const room = columns - SIZE - 2;
  const names = truncate(images.map(shown).join(", "), Math.floor(room / 2));
  const left = `${guide}● ${instruction(createdBy) || "?"}`;
  const text = truncate(left, room - (names === "" ? 0 : displayWidth(names) + 2));
  const graph = text.slice(0, guide.length + 1);
  return `${size(sizeBytes).padStart(SIZE)}  ${spread(paint.cyan(graph) + text.slice(graph.length), paint.green.bold(names), room)}`;
}

function shown(name: string): string {
  return name.startsWith("sha256:") ? shortId(name) : name;
}

function summary({ layers, empty }: LayerTree, { paint, columns }: Look): string {
  const all = layers.flatMap(withAbove);
  const stored = all.reduce((sum, { layer }) => sum + layer.sizeBytes, 0);
  const apart = all.reduce((sum, { layer, users }) => sum + layer.sizeBytes * users, 0);
  const images = all.reduce((sum, { layer }) => sum + Math.min(1, layer.images.length), empty.length);
  const counts = `${count(images, "image")}, ${count(all.length, "layer")}, ${size(stored)}`;
  const saved = apart > stored ? `sharing saves ${size(apart - stored)}` : "";
  return spread(paint.bold(counts), paint.dim(saved), columns);
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

/** Each layer with how many images are made of it; two names are one image. */
function withAbove(layer: TreeLayer): { layer: TreeLayer; users: number }[] {
  const above = layer.above.flatMap(withAbove);
  const direct = layer.above.map(({ chainId }) => above.find((one) => one.layer.chainId === chainId)!);
  const users = direct.reduce((sum, one) => sum + one.users, Math.min(1, layer.images.length));
  return [{ layer, users }, ...above];
}
