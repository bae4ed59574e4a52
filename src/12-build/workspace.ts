// Where one step works: a directory of its own over the layers so far, as every container has. What is written there is the
// step's layer.

import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Image } from "../06-images/index.ts";
import type { Changed } from "../06-images/pack-changes.ts";
import { cachedFilter } from "../07-security/index.ts";
import { type ChildOptions, runAsChild } from "../10-containers/child.ts";
import type { Container } from "../10-containers/container.ts";
import { createOver, fillUpper } from "../10-containers/create.ts";
import { filtersFolder, type Roots } from "../10-containers/folders.ts";
import { marksOf } from "../10-containers/prepare.ts";
import { removeFolder } from "../10-containers/remove-folder.ts";
import { inTree, type Tree } from "../10-containers/root.ts";
import { namespaceList, userMap } from "../10-containers/spec/namespaces.ts";
import { type RunOptions, runOptions } from "../10-containers/spec/options.ts";
import type { Snapshot } from "./deed.ts";
import { removeMountPoints } from "./mount-points.ts";

export interface WorkspaceWish {
  /** The engine's. */
  roots: Roots;
  /** The step's own, empty; on the filesystem of the layers. */
  folder: string;
  image: Image;
  /** Where its layers are unpacked, lowest first. */
  directories: string[];
  /** It works on nothing instead. */
  isAlone: boolean;
  onOutput(bytes: Buffer): void;
  signal: AbortSignal;
  /** Where secrets may lie as long as the step lasts: memory, where the state folder is. */
  secretsFolder: string;
  /** Another snapshot's layers, unpacked. */
  unpack(snapshot: Snapshot): Promise<string[]>;
}

/** What a `RUN` container is asked for, besides what every one is. */
export interface RunWish extends Pick<ChildOptions, "around" | "isFile" | "secretEnv"> {
  options: Partial<RunOptions>;
}

export class Workspace {
  readonly wish: WorkspaceWish;
  private readonly lower: string[];
  private written: { upper: string; isCopy: boolean } | undefined;

  constructor(wish: WorkspaceWish) {
    this.wish = wish;
    const { directories, isAlone, folder } = wish;
    this.lower = directories.length > 0 && !isAlone ? directories : [emptyFolder(folder)];
  }

  /** Lends `work` a descriptor of the filesystem's `/`. What it writes there is the step's. */
  inRoot<T>(work: (root: number) => T): T {
    const tree = treeOver(this.lower, this.wish.folder);
    this.written = { upper: tree.upper, isCopy: tree.isCopy };
    return inTree(tree, work);
  }

  /** Runs a container on the filesystem; its exit code. */
  async run({ options, ...launching }: RunWish): Promise<number> {
    const { folder, image, roots, onOutput, signal } = this.wish;
    const own = { root: folder, state: folder };
    const asked = runOptions("build", { hostname: "buildkitsandbox", entrypoint: [], network: "host", ...options });
    const container = await createOver(own, this.lower, image, asked);
    this.written = { upper: container.folder.upper, isCopy: container.record.rootfs === "copy" };
    const filterFor: ChildOptions["filterFor"] = (profile) => cachedFilter(filtersFolder(roots), profile);
    try {
      return await runAsChild(container, { filterFor, onOutput, signal, ...launching });
    } finally {
      this.removeMountPoints(container);
    }
  }

  /** What was written, once nobody writes any more. */
  get changed(): Changed {
    const { upper, isCopy } = this.written!;
    const isRoot = process.getuid?.() === 0;
    const written: Changed = { upper, isCopy, lower: this.lower, marks: ownMarks() };
    // An ordinary user's files are all his own, and root's in the image.
    return isRoot ? written : { ...written, ownerOf: () => ({ uid: 0, gid: 0 }) };
  }

  /** What is left of it, once its changes are a layer. */
  remove(): void {
    removeFolder(this.wish.folder);
    removeFolder(this.wish.secretsFolder);
  }

  private removeMountPoints(container: Container): void {
    removeMountPoints(container, this.lower);
  }
}

/** Lends `work` the root of a filesystem that is only looked at, and the process that holds it. */
export function lookInto<T>(directories: string[], folder: string, work: (root: number, pid: number) => T): T {
  const lower = directories.length > 0 ? directories : [emptyFolder(folder)];
  return inTree(treeOver(lower, folder), work);
}

function treeOver(lower: string[], folder: string): Tree & { upper: string; isCopy: boolean } {
  const [upper, work, at] = ["upper", "work", "rootfs"].map((name) => join(folder, name)) as [string, string, string];
  for (const path of [upper, work, at]) mkdirSync(path, { mode: 0o755 });
  const owner = { uid: process.getuid!(), gid: process.getgid!() };
  const isCopy = fillUpper(upper, { layers: lower, owner }) === "copy";
  const options = runOptions("build");
  const namespaces = namespaceList(options, owner, {});
  return {
    about: "cannot put the layers together",
    root: isCopy ? { directory: upper, at } : { lower, upper, work, at, options: { userxattr: ownMarks() === "user" } },
    spec: { linux: { ...userMap(options, owner, {}), namespaces } },
    upper,
    isCopy,
  };
}

/** A step's container has user ids as we have them. */
const ownMarks = () => marksOf({ linux: { namespaces: process.getuid?.() === 0 ? [] : [{ type: "user" }] } });

/** Overlay needs something to lie on, and `scratch` is nothing. */
function emptyFolder(folder: string): string {
  const path = join(folder, "nothing");
  mkdirSync(path, { recursive: true });
  // The image's `/` will be like it, whatever our umask is.
  chmodSync(path, 0o755);
  return path;
}
