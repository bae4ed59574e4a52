// Binds of what is mounted nowhere: the files of another stage are put together only while somebody looks at them
// (workspace.ts, lookInto). A container that is started meanwhile takes views of them, which stay when nobody looks any more.

import { fstatSync } from "node:fs";
import { O } from "../01-syscalls/index.ts";
import { toBytePath } from "../05-overlay/index.ts";
import { lent, openFrom, WITHIN } from "../10-containers/copy/descriptors.ts";
import { MissingSource } from "./copy.ts";
import type { Look } from "./deed.ts";

/** A bind of something that is there only while somebody looks at it. */
export interface View {
  look: Look;
  path: string;
}

/** Starts something; `change` says where a bind's source really is. */
type Start = (change: (source: string) => string) => void;

/**
 * Looks at one within another, and starts in the innermost, where all are there. `views` are by the folders that stand for
 * them, and `files` is told which of them is a file.
 */
export function within(
  views: [string, View][],
  sources: Map<string, string>,
  files: Map<string, boolean>,
  start: Start,
): void {
  const [first, ...rest] = views;
  if (!first) {
    start((source) => sources.get(source) ?? source);
    return;
  }
  const [place, { look, path }] = first;
  look((root, pid) => {
    const source = `/proc/${pid}/root/${path}`;
    files.set(source, isFileIn(root, path));
    within(rest, new Map([...sources, [place, source]]), files, start);
  });
}

function isFileIn(root: number, path: string): boolean {
  const fd = openFrom(root, toBytePath(path), O.PATH, WITHIN.root, ["ENOENT", "ENOTDIR"]);
  if (fd < 0) throw new MissingSource(path);
  return lent(fd, () => !fstatSync(fd).isDirectory());
}
