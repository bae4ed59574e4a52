// Where `cp` puts what it copies. Both paths are read as they were typed: a slash at the end says that it has to be a
// folder, and `/.` that the folder's contents are meant. The rules are cp(1)'s, as `docker cp --help` spells them out.

import { basename, normalize } from "node:path";
import { UserError } from "../../01-syscalls/index.ts";

export interface TypedPath {
  /** Without what stands at its end: `/etc`. */
  path: string;
  /** What the copy is called, unless it gets another name. */
  name: string;
  mustBeDirectory: boolean;
  /** What is in it, and not itself. */
  isContents: boolean;
}

/** `text` is absolute. */
export function typedPath(text: string): TypedPath {
  const path = normalize(text).replace(/(.)\/$/, "$1");
  return {
    path,
    name: basename(path),
    mustBeDirectory: /(^|\/)\.{0,2}$/.test(text),
    isContents: /(^|\/)\.$/.test(text) || path === "/",
  };
}

export interface Source extends TypedPath {
  isDirectory: boolean;
}

export interface Destination extends TypedPath {
  kind: "missing" | "directory" | "file" | "other";
}

/** In the folder that is named, beside it, or over the file that is named. Without a name it's the contents that go. */
export type Placement = { in: "directory"; as?: string } | { in: "parent"; as: string } | { in: "file" };

/** Throws UserError where the two don't go together. */
export function placementOf(source: Source, destination: Destination): Placement {
  const { kind, path, name, mustBeDirectory } = destination;
  if (source.mustBeDirectory && !source.isDirectory) throw new UserError(`${source.path} is not a directory`);
  if (kind === "directory") return source.isContents ? { in: "directory" } : { in: "directory", as: source.name };
  if (kind === "other") throw new UserError(`${path} is neither a file nor a directory: nothing is copied to it`);
  if (kind === "file" && source.isDirectory)
    throw new UserError(`cannot copy directory ${source.path} to file ${path}`);
  if (kind === "file" && mustBeDirectory) throw new UserError(`${path} is not a directory`);
  if (kind === "file") return { in: "file" };
  if (mustBeDirectory && !source.isDirectory) throw new UserError(`no such directory: ${path}`);
  return { in: "parent", as: name };
}
