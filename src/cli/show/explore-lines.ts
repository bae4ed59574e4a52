// An image on the screen, layer by layer: the instruction, how large what it brought is and how much of that is waste, and
// the places where it went.

import type { ChalkInstance } from "chalk";
import type { Explored, ExploredLayer, ExploredStep, SeenEntry } from "../../06-images/index.ts";
import type { Look } from "./explain.ts";
import { largestPlaces, type Place } from "./explore-places.ts";
import { humanSize } from "./units.ts";
import { displayWidth, padTo, truncate } from "./width.ts";

export interface Title {
  name: string;
  platform: string;
}

/** The whole picture; every line at most `columns` wide. */
export function exploredLines({ name, platform }: Title, explored: Explored, look: Look): string[] {
  const { layers, steps } = explored;
  const largest = Math.max(...layers.map(({ bytes }) => bytes), 1);
  return [
    ...headLines(`${look.paint.bold(name)}  ${platform}`, layers, look),
    ...steps.flatMap((step) => stepLines(step, layers, largest, look)),
    "",
    ...verdictLines(layers, look),
  ];
}

const NUMBER = 4;
const SIZE = 9;

function headLines(title: string, layers: ExploredLayer[], look: Look): string[] {
  const count = layers.length === 1 ? "1 layer" : `${layers.length} layers`;
  const stored = total(layers, ({ storedBytes }) => storedBytes);
  const about = `${count}, ${size(total(layers, ({ bytes }) => bytes))} of files, ${size(stored)} as stored`;
  return [spread(title, look.paint.dim(about), look.columns), ""];
}

// ---- a step

function stepLines(step: ExploredStep, layers: ExploredLayer[], largest: number, look: Look): string[] {
  const text = instruction(step.createdBy);
  const { paint, columns } = look;
  if (step.layer === undefined) return [paint.dim(`${" ".repeat(NUMBER)}${truncate(text, columns - NUMBER)}`)];
  const layer = layers[step.layer]!;
  return [
    `${paint.bold(String(step.layer + 1).padStart(NUMBER - 2))}  ${instructionLine(text || "?", layer, look)}`,
    ...indented(barLines(layer, largest, look)),
    ...indented(largestPlaces(layer.entries, PLACES).map((place) => placeLine(place, look))),
  ];
}

const PLACES = 4;

function instructionLine(text: string, { bytes }: ExploredLayer, { columns, paint }: Look): string {
  const room = columns - NUMBER - SIZE;
  return `${paint.bold(padTo(truncate(text, room - 1), room))}${size(bytes).padStart(SIZE)}`;
}

/** As the Dockerfile has it, without what builders put around it. */
export function instruction(createdBy: string): string {
  return printable(createdBy.replaceAll(/\s+/g, " ").trim())
    .replace(/^(?:RUN )?\/bin\/sh -c #\(nop\)\s+/, "")
    .replace(/^(?:RUN )?(?:\|\d+ (?:\S+=\S*\s+)*)?\/bin\/sh -c /, "RUN ")
    .replace(/\s*# buildkit$/, "");
}

/** How much it is next to the largest layer, and how much of it nobody sees; then what was done. */
function barLines(layer: ExploredLayer, largest: number, look: Look): string[] {
  const counts = countsOf(layer, look.paint);
  const room = look.columns - NUMBER - BAR - 2;
  if (layer.bytes === 0) return counts === "" ? [] : [counts];
  const bar = padTo(barOf(layer, largest, look.paint), BAR);
  const waste = layer.wastedBytes > 0 ? look.paint.red(`${size(layer.wastedBytes)} wasted`) : "";
  return [`${bar}  ${spread(counts, waste, room)}`.trimEnd()];
}

const BAR = 32;

function barOf({ bytes, wastedBytes }: ExploredLayer, largest: number, paint: ChalkInstance): string {
  const columns = bytes === 0 ? 0 : Math.max(1, Math.round((bytes / largest) * BAR));
  const wasted = wastedBytes === 0 ? 0 : Math.max(1, Math.round((wastedBytes / bytes) * columns));
  return `${paint.green("█".repeat(columns - wasted))}${paint.red("░".repeat(wasted))}`;
}

function countsOf({ entries }: ExploredLayer, paint: ChalkInstance): string {
  const count = (change: string) => entries.filter((entry) => entry.change === change).length;
  const parts: [string, number][] = [
    [paint.green("+"), count("added")],
    [paint.yellow("~"), count("changed")],
    [paint.red("-"), count("hidden")],
  ];
  return parts.flatMap(([sign, number]) => (number > 0 ? [`${sign}${number}`] : [])).join("  ");
}

function placeLine(place: Place, { columns, paint }: Look): string {
  const { sign, path, bytes, files } = place;
  const note = noteOf(place);
  const count = files > 1 ? ` (${files})` : "";
  const room = columns - NUMBER - 2 - SIZE - 2 - displayWidth(note) - 2 - count.length;
  const text = `${sign} ${size(bytes).padStart(SIZE)}  ${truncate(printable(path), Math.max(room, 8))}${paint.dim(count)}`;
  return spread(SIGNS[sign](paint)(text), paint.red(note), columns - NUMBER);
}

const SIGNS: Record<Place["sign"], (paint: ChalkInstance) => ChalkInstance> = {
  "+": (paint) => paint.reset,
  "~": (paint) => paint.reset,
  "-": (paint) => paint.red,
};

function noteOf({ sign, fate, from }: Place): string {
  return sign === "-" ? stillIn(from) : fateOf(fate);
}

/** What is taken from sight is not gone: it is in the image, and is fetched with it. Layers are shown from 1. */
export function stillIn(layers: number[]): string {
  return `still in layer${layers.length === 1 ? "" : "s"} ${layers.map((layer) => layer + 1).join(", ")}`;
}

export function fateOf(entry: SeenEntry | undefined): string {
  if (entry?.hiddenBy === undefined) return "";
  return `${entry.isReplaced ? "replaced" : "deleted"} in layer ${entry.hiddenBy + 1}`;
}

// ---- the sum

function verdictLines(layers: ExploredLayer[], { paint, columns }: Look): string[] {
  const [bytes, wasted] = [total(layers, (layer) => layer.bytes), total(layers, (layer) => layer.wastedBytes)];
  const share = efficiency(bytes, wasted);
  const colour = share >= 0.95 ? paint.green : share >= 0.9 ? paint.yellow : paint.red;
  const verdict = `${colour.bold(`${percent(share)} %`)} efficient`;
  const about =
    wasted === 0 ? "nothing in it is wasted" : `${size(wasted)} of ${size(bytes)} are fetched, and never seen`;
  return [spread(verdict, about, Math.min(columns, displayWidth(verdict) + displayWidth(about) + 3))];
}

/** The share of its bytes that a container sees. */
export function efficiency(bytes: number, wastedBytes: number): number {
  return bytes === 0 ? 1 : 1 - wastedBytes / bytes;
}

/** Rounded down: only what wastes nothing is whole. */
function percent(share: number): string {
  return String(Math.floor(share * 1000) / 10);
}

// ---- pieces of lines

export function size(bytes: number): string {
  return humanSize(bytes, 3);
}

/** Names are anybody's: a line break or an escape code is shown as what it is. */
export function printable(name: string): string {
  return name.replaceAll(
    /[\x00-\x1f\x7f-\x9f]/g,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
}

/** One text at the left and one at the right. */
export function spread(left: string, right: string, columns: number): string {
  const gap = columns - displayWidth(left) - displayWidth(right);
  return right === "" ? left : `${left}${" ".repeat(Math.max(2, gap))}${right}`;
}

function indented(lines: string[]): string[] {
  return lines.map((line) => `${" ".repeat(NUMBER)}${line}`);
}

function total(layers: ExploredLayer[], bytesOf: (layer: ExploredLayer) => number): number {
  return layers.reduce((sum, layer) => sum + bytesOf(layer), 0);
}
