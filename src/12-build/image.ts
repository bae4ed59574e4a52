// The whole of `build`: from what was asked for to an image with a name, or to files somewhere else.

import { UserError } from "../01-syscalls/index.ts";
import { readImage } from "../06-images/image.ts";
import { type Descriptor, familiarName, fullName, keepStore, parseReference } from "../06-images/index.ts";
import { nameImage, writeImage } from "../06-images/write-image.ts";
import type { Roots } from "../10-containers/folders.ts";
import { fromStore, type Obtain } from "./base.ts";
import { buildStages } from "./build.ts";
import { openContext } from "./context.ts";
import type { Secret, Snapshot } from "./deed.ts";
import type { OnProgress } from "./progress.ts";
import type { Given } from "./variables.ts";
import { WorkFolder } from "./work-folder.ts";

export interface ImageRequest {
  /** A folder, `-` for standard input, or an http address. */
  where: string;
  dockerfile: string | undefined;
  stdin: AsyncIterable<Buffer>;
  /** As typed. */
  tags: string[];
  given: Given;
  target: string | undefined;
  noCache: boolean;
  secrets: ReadonlyMap<string, Secret>;
  labels: Record<string, string>;
  /** Seconds since 1970. */
  epoch: number | undefined;
  obtain?: Obtain;
  onProgress: OnProgress;
  signal: AbortSignal;
}

export interface BuiltImage {
  /** Of its config. */
  id: string;
  /** Of its manifest. */
  digest: string;
  names: string[];
}

/** Throws UserError, and leaves nothing but what the next build can use. */
export async function buildImage(roots: Roots, request: ImageRequest): Promise<BuiltImage> {
  const names = request.tags.map(tagName);
  const folder = await WorkFolder.open(roots);
  try {
    const context = await openContext({ ...request, draftFolder: folder.drafts });
    const lock = keepStore(roots.root);
    try {
      const obtain = request.obtain ?? fromStore(roots.root);
      const snapshot = await buildStages({ ...request, roots, folder, context, obtain });
      return write(roots, snapshot, names, request.onProgress);
    } finally {
      lock.close();
      context.close();
    }
  } finally {
    folder.close();
  }
}

/** An image is named, not addressed: what it is, the name can't say beforehand. */
function tagName(text: string): string {
  const { digest, ...reference } = parseReference(text);
  if (digest === undefined) return fullName(reference);
  throw new UserError(`invalid tag ${JSON.stringify(text)}: invalid reference format`);
}

function write(roots: Roots, { config, layers }: Snapshot, names: string[], onProgress: OnProgress): BuiltImage {
  const task = { id: 0, name: "exporting to image" };
  onProgress({ kind: "begun", task });
  const entry: Descriptor = writeImage(roots.root, config, layers);
  nameImage(roots.root, entry, names);
  const { id, digest } = readImage(roots.root, entry);
  const said = [`writing image ${id} done`, ...names.map((name) => `naming to ${name} done`)];
  onProgress({ kind: "output", task, bytes: Buffer.from(`${said.join("\n")}\n`) });
  onProgress({ kind: "done", task, isCached: false });
  return { id, digest, names: names.map(familiarName) };
}
