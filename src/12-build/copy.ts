// The work behind COPY and ADD: telling sources to whoever makes a fingerprint of them, and to whoever places them. What a
// copy is called depends on both sides, as in Docker:
//
//   COPY file /new        the file is /new, or /new/file if that is a directory
//   COPY file /dir/       /dir/file; the directory is made if it is missing
//   COPY folder /dir      what is in the folder, into /dir
//   COPY --parents a/b /  /a/b: from the source's beginning, or from `/./` in it; `a` is as it is there

import { type BytePath, toBytePath } from "../05-overlay/index.ts";
import type { FileWork } from "./deed.ts";
import { Fingerprint } from "./fingerprint.ts";
import { Ignored } from "./ignore.ts";
import { LineMistake } from "./mistake.ts";
import { ownerIn } from "./owner.ts";
import { type Placing, placeInto } from "./place.ts";
import { componentsOf } from "./select.ts";
import type { CopySource, Item } from "./sources.ts";
import { below } from "./walk.ts";
import type { Workspace } from "./workspace.ts";

export interface CopyWish {
  keyword: string;
  sources: CopySource[];
  /** Absolute; a slash at its end says that it is a directory. */
  destination: string;
  owner: string | undefined;
  mode: { text: string; change: (mode: number, isDirectory: boolean) => number } | undefined;
  excludes: string[];
  isLink: boolean;
  keepsParents: boolean;
  epoch: number | undefined;
}

export function copyWork(wish: CopyWish): FileWork {
  const { sources, keyword, destination, owner, mode, excludes, isLink, keepsParents } = wish;
  const isFromElsewhere = sources.every(({ from }) => from !== undefined);
  return {
    about: [keyword, destination, owner, mode?.text, excludes, isLink, keepsParents],
    ...(isFromElsewhere && { from: sources.map(({ from, shown }) => `${from} ${shown}`).join("\n") }),
    content: () => fingerprintOf(wish),
    carryOut: (workspace) => carryOut(wish, workspace),
    // Who is called so is written in the files below.
    isAlone: isLink && (owner === undefined || /^\d+(:\d+)?$/.test(owner)),
  };
}

async function fingerprintOf({ sources, excludes, keepsParents }: CopyWish): Promise<string> {
  const sink = new Fingerprint();
  const nameFor = (item: Item) => {
    // In a folder of which only the contents are copied, its own name doesn't count.
    if (!keepsParents) return item.isDirectory ? "." : item.name;
    for (const on of directoriesOf(item)) sink.entry(item.directory!(on));
    return item.path;
  };
  for (const source of sources) {
    await source.ready?.();
    tellOrMiss(source, { nameFor, sink, excluded: new Ignored(excludes) });
  }
  return sink.digest;
}

async function carryOut(wish: CopyWish, workspace: Workspace): Promise<void> {
  const { sources, owner, mode, excludes, epoch } = wish;
  for (const source of sources) {
    await source.ready?.();
    await source.prepare?.();
  }
  workspace.inRoot((root) => {
    const placing = placeInto(root, {
      owner: owner === undefined ? undefined : ownerIn(workspace.wish.directories, owner),
      mode: mode?.change,
      madeAtNs: epoch === undefined ? undefined : BigInt(epoch) * 1_000_000_000n,
    });
    const nameFor = (item: Item, source: CopySource) => nameIn(wish, placing, item, source);
    placing.place(() => {
      if (wish.destination.endsWith("/")) placing.makeMissing(wish.destination);
      for (const source of sources) {
        tellOrMiss(source, {
          nameFor: (item) => nameFor(item, source),
          sink: placing,
          asIs: placing.asIs,
          excluded: new Ignored(excludes),
        });
      }
    });
  });
}

function tellOrMiss(source: CopySource, target: Parameters<CopySource["tell"]>[0]): void {
  if (!source.tell(target)) throw new MissingSource(source.shown);
}

/** Nothing has the name that a source gives. */
export class MissingSource extends LineMistake {
  constructor(source: string) {
    super(`"/${componentsOf(source).join("/")}": not found`);
  }
}

/** Where an item goes, after making what has to be there first. */
function nameIn(wish: CopyWish, placing: Placing, item: Item, source: CopySource): BytePath {
  const folder = toBytePath(componentsOf(wish.destination).join("/"));
  if (wish.keepsParents) return below(made(placing, folder), withParents(placing, folder, item, source.shown));
  if (item.isDirectory) return made(placing, folder);
  const isInside = wish.destination.endsWith("/") || placing.kind(folder) === "directory";
  if (isInside) return below(made(placing, folder), item.name);
  made(placing, folder.slice(0, Math.max(folder.lastIndexOf("/"), 0)));
  return folder;
}

function made(placing: Placing, directory: BytePath): BytePath {
  placing.requireDirectory(directory);
  placing.makeMissing(Buffer.from(directory, "latin1").toString());
  return directory;
}

/** Its name from `folder` on: `x/./y/z` keeps `y`, and `y/z` as well. What is missing of it is made as it is in the source. */
function withParents(placing: Placing, folder: BytePath, item: Item, source: string): BytePath {
  const names = item.path.split("/");
  const dropped = droppedBy(source);
  for (const on of directoriesOf(item).slice(dropped)) {
    const at = below(folder, on.split("/").slice(dropped).join("/"));
    placing.requireDirectory(at);
    if (placing.kind(at) === "missing") placing.makeLike(item.directory!(on), at);
  }
  return names.slice(dropped).join("/");
}

/** How many names stand before the `/./`. */
function droppedBy(source: string): number {
  const pivot = source.indexOf("/./");
  return pivot < 0 ? 0 : componentsOf(source.slice(0, pivot)).length;
}

/** Those on the way to an item, outermost first; itself, too, if it is one. */
function directoriesOf({ path, isDirectory, directory }: Item): BytePath[] {
  const names = path === "" || !directory ? [] : path.split("/");
  return names.slice(0, isDirectory ? undefined : -1).map((_, index) => names.slice(0, index + 1).join("/"));
}
