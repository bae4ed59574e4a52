// Which files `COPY` names: paths and patterns, resolved by the kernel from the root of a context or an image, so that
// neither `..` nor a link leads out of it. A source that is a link means what it leads to, and is left out if that is.

import { fstatSync, readdirSync, readlinkSync } from "node:fs";
import { O } from "../01-syscalls/index.ts";
import { type BytePath, toBytePath, toText } from "../05-overlay/index.ts";
import type { TarSink } from "../06-images/tar.ts";
import { lent, openFrom, pathFrom, WITHIN } from "../10-containers/copy/descriptors.ts";
import { pathPattern } from "./pattern.ts";
import { below, type Judge, Walk } from "./walk.ts";

/** Something that is there, by its path from the root. */
export interface Selected {
  path: BytePath;
  /** The same without a link in it: where the file really is. */
  real: BytePath;
  isDirectory: boolean;
}

/** What a source stands for; none where a path leads nowhere. Throws SyntaxError for a pattern that is none. */
export function select(root: number, source: string, judge: Judge): Selected[] {
  const names = componentsOf(source);
  if (!names.some(isPattern)) return found(root, toBytePath(names.join("/")), judge);
  return matching(root, "", names).flatMap((path) => found(root, path, judge));
}

export function isPattern(name: string): boolean {
  return /[*?[\\]/.test(name);
}

/** `/a/../b/./c` → `b`, `c`: what climbs above the root stays in it. */
export function componentsOf(source: string): string[] {
  const names: string[] = [];
  for (const name of source.split("/")) {
    if (name === "..") names.pop();
    else if (name !== "" && name !== ".") names.push(name);
  }
  return names;
}

function found(root: number, path: BytePath, judge: Judge): Selected[] {
  if (path !== "" && judge(path) === "leave") return [];
  const fd = openFrom(root, path, O.PATH, WITHIN.root, ["ENOENT", "ENOTDIR", "ELOOP"]);
  if (fd < 0) return [];
  return lent(fd, () => {
    const isDirectory = fstatSync(fd).isDirectory();
    const real = realPath(root, fd);
    // A folder that is left out may hold what is not; a file may not.
    const isTaken = (name: BytePath) =>
      name === "" || judge(name) === "take" || (isDirectory && judge(name) === "look");
    return isTaken(path) && isTaken(real) ? [{ path, real, isDirectory }] : [];
  });
}

/** The kernel found it from the root, so its path begins with the root's. */
function realPath(root: number, fd: number): BytePath {
  const [top, whole] = [root, fd].map((each) => readlinkSync(`/proc/self/fd/${each}`, "latin1"));
  return whole!.slice(top!.length).replace(/^\//, "");
}

function matching(root: number, folder: BytePath, [first, ...rest]: string[]): BytePath[] {
  if (first === undefined) return [folder];
  if (!isPattern(first)) return matching(root, below(folder, toBytePath(first)), rest);
  const pattern = pathPattern(first);
  const names = namesIn(root, folder).filter((name) => pattern.test(toText(name)));
  return names.flatMap((name) => matching(root, below(folder, name), rest));
}

function namesIn(root: number, folder: BytePath): BytePath[] {
  const fd = openFrom(root, folder, O.PATH | O.DIRECTORY, WITHIN.root, ["ENOENT", "ENOTDIR"]);
  if (fd < 0) return [];
  return lent(fd, () => readdirSync(pathFrom(fd), "latin1")).sort((one, other) => (one < other ? -1 : 1));
}

/** Tells `sink` of what was selected, under the name `as`; of a folder its contents, but not itself. */
export function tellSelected(root: number, { path, real, isDirectory }: Selected, telling: Telling): void {
  const walk = new Walk(telling.sink, telling.judge);
  const fd = openFrom(root, path, O.PATH, WITHIN.root);
  lent(fd, () => {
    if (isDirectory) walk.tellContents(fd, real, telling.as);
    else walk.tellOpened(fd, telling.as);
  });
}

export interface Telling {
  sink: TarSink;
  judge: Judge;
  as: BytePath;
}
