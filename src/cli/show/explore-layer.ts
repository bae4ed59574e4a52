// One layer on the screen: every file it brings, changes or hides, as a tree.

import type { ChalkInstance } from "chalk";
import type { Explored, SeenEntry } from "../../06-images/index.ts";
import type { Look } from "./explain.ts";
import { fateOf, instruction, printable, size, spread, stillIn } from "./explore-lines.ts";
import { displayWidth, truncate } from "./width.ts";

/** Every line at most `columns` wide. `index` is the layer's, from 0. */
export function layerLines({ layers, steps }: Explored, index: number, look: Look): string[] {
  const { bytes, wastedBytes, digest, entries } = layers[index]!;
  const createdBy = steps.find(({ layer }) => layer === index)?.createdBy ?? "";
  const waste = wastedBytes > 0 ? `, ${size(wastedBytes)} of it wasted` : "";
  return [
    look.paint.bold(truncate(`layer ${index + 1} of ${layers.length}   ${instruction(createdBy)}`, look.columns)),
    look.paint.dim(truncate(`${size(bytes)}${waste}   ${digest}`, look.columns)),
    "",
    ...treeLines(treeOf(entries), "", look),
  ];
}

interface Branch {
  name: string;
  entry?: SeenEntry;
  inside: Map<string, Branch>;
}

function treeOf(entries: SeenEntry[]): Branch {
  const top: Branch = { name: "", inside: new Map() };
  for (const entry of entries) {
    let branch = top;
    for (const name of entry.path.split("/")) branch = inside(branch, name);
    branch.entry = entry;
  }
  return top;
}

function inside({ inside }: Branch, name: string): Branch {
  const known = inside.get(name);
  if (known) return known;
  const branch = { name, inside: new Map() };
  inside.set(name, branch);
  return branch;
}

function treeLines({ inside }: Branch, guide: string, look: Look): string[] {
  const branches = [...inside.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  return branches.flatMap((branch, index) => {
    const isLast = index === branches.length - 1;
    return [
      entryLine(branch, `${guide}${isLast ? "└─" : "├─"} `, look),
      ...treeLines(branch, `${guide}${isLast ? "  " : "│ "} `, look),
    ];
  });
}

const BEFORE = 1 + 1 + 10 + 1 + 8 + 2;

function entryLine({ name, entry, inside }: Branch, guide: string, { columns, paint }: Look): string {
  const isFolder = entry ? entry.type === "directory" : inside.size > 0;
  const note = entry ? noteOf(entry) : "";
  const room = columns - BEFORE - displayWidth(guide) - (note === "" ? 0 : displayWidth(note) + 2);
  const text = truncate(`${printable(name)}${isFolder ? "/" : ""}${arrow(entry)}`, Math.max(room, 8));
  const start = entry ? `${SIGN[entry.change](paint)} ${modeOf(entry)} ${sizeOf(entry)}` : " ".repeat(BEFORE - 2);
  const coloured = entry ? NAME[entry.change](paint)(text) : paint.dim(text);
  return spread(`${start}  ${paint.dim(guide)}${coloured}`, paint.red(note), columns);
}

const SIGN: Record<SeenEntry["change"], (paint: ChalkInstance) => string> = {
  added: (paint) => paint.green("+"),
  changed: (paint) => paint.yellow("~"),
  hidden: (paint) => paint.red("-"),
};

const NAME: Record<SeenEntry["change"], (paint: ChalkInstance) => ChalkInstance> = {
  added: (paint) => paint.reset,
  changed: (paint) => paint.yellow,
  hidden: (paint) => paint.red,
};

function arrow(entry: SeenEntry | undefined): string {
  if (entry?.target === undefined || entry.change === "hidden") return "";
  return `${entry.type === "link" ? " = " : " → "}${printable(entry.target)}`;
}

function noteOf(entry: SeenEntry): string {
  return entry.change === "hidden" ? stillIn(entry.from ?? []) : fateOf(entry);
}

/** A folder has no size of its own. */
function sizeOf({ type, change, bytes }: SeenEntry): string {
  return (type === "file" || change === "hidden" ? size(bytes) : "").padStart(8);
}

const LETTERS: Record<SeenEntry["type"], string> = {
  file: "-",
  link: "-",
  symlink: "l",
  char: "c",
  block: "b",
  directory: "d",
  fifo: "p",
};

/** As `ls -l` has it. */
function modeOf({ type, mode }: SeenEntry): string {
  const triple = (shift: number, special: boolean, letter: string) => {
    const bits = (mode >> shift) & 7;
    const last = special ? (bits & 1 ? letter : letter.toUpperCase()) : bits & 1 ? "x" : "-";
    return `${bits & 4 ? "r" : "-"}${bits & 2 ? "w" : "-"}${last}`;
  };
  const [setUser, setGroup, sticky] = [(mode & 0o4000) !== 0, (mode & 0o2000) !== 0, (mode & 0o1000) !== 0];
  return `${LETTERS[type]}${triple(6, setUser, "s")}${triple(3, setGroup, "s")}${triple(0, sticky, "t")}`;
}
