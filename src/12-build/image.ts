// The whole of `build`: from what was asked for to an image with a name, or to files somewhere else.

import { UserError } from "../01-syscalls/index.ts";
import {
  familiarName,
  fullName,
  keepStore,
  parseReference,
  readImage,
  sweepDrafts,
  unpackImage,
} from "../06-images/index.ts";
import { nameImage, writeImage } from "../06-images/write-image.ts";
import type { Roots } from "../10-containers/folders.ts";
import { imageEvent } from "../10-containers/images.ts";
import { fromAnywhere, type Obtain } from "./base.ts";
import { type BuildRequest, buildStages } from "./build.ts";
import { type ContextRequest, openContext } from "./context.ts";
import type { Look, Snapshot } from "./deed.ts";
import { type Output, writeOutput } from "./output.ts";
import type { OnProgress } from "./progress.ts";
import { imageOf } from "./step.ts";
import { WorkFolder } from "./work-folder.ts";
import { lookInto } from "./workspace.ts";

type Asked = Omit<BuildRequest, "roots" | "context" | "folder" | "obtain"> & Omit<ContextRequest, "draftFolder">;

export interface ImageRequest extends Asked {
  /** As typed. */
  tags: string[];
  /** Ask registries also for images that are here. */
  pull: boolean;
  obtain?: Obtain;
  /** None: into the store. */
  outputs: Output[];
  /** Where an output to `-` goes. */
  stdout: (bytes: Buffer) => void;
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
  sweepDrafts(roots.root);
  const folder = await WorkFolder.open(roots);
  try {
    return await buildIn(folder, roots, request, names);
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

async function buildIn(folder: WorkFolder, roots: Roots, request: ImageRequest, names: string[]): Promise<BuiltImage> {
  const lock = keepStore(roots.root);
  try {
    const context = await openContext({ ...request, draftFolder: folder.drafts });
    const obtain = request.obtain ?? fromAnywhere(roots, request);
    try {
      const snapshot = await buildStages({ ...request, roots, folder, context, obtain });
      return await write(roots, request, { snapshot, names, look: await lookAt(roots, folder, snapshot, request) });
    } finally {
      context.close();
    }
  } finally {
    lock.close();
  }
}

/** Only files that leave the store have to be looked at. */
async function lookAt(roots: Roots, folder: WorkFolder, snapshot: Snapshot, { outputs }: ImageRequest): Promise<Look> {
  const isNeeded = outputs.some(({ type }) => type === "local" || type === "tar");
  const directories = isNeeded ? await unpackImage(roots.root, imageOf(snapshot)) : [];
  return (work) => lookInto(directories, folder.step(), work);
}

interface Finished {
  snapshot: Snapshot;
  names: string[];
  look: Look;
}

async function write(roots: Roots, request: ImageRequest, { snapshot, names, look }: Finished): Promise<BuiltImage> {
  const { onProgress, stdout } = request;
  const entry = writeImage(roots.root, snapshot.config, snapshot.layers);
  const { id, digest } = readImage(roots.root, entry, request.given.platform);
  const outputs = request.outputs.length > 0 ? request.outputs : [{ type: "image", destination: "" } as const];
  for (const [index, output] of outputs.entries()) {
    const said = output.type === "image" ? [`writing image ${id}`, ...names.map((name) => `naming to ${name}`)] : [];
    exporting(onProgress, -index, output, said, () => {
      if (output.type === "image") nameImage(roots.root, entry, names);
      else writeOutput(output, { root: roots.root, entry, names, look, stdout });
    });
  }
  // Whatever goes elsewhere has no name here.
  const isNamed = outputs.some(({ type }) => type === "image");
  for (const name of isNamed ? names : []) imageEvent(roots, "tag", id, name);
  return { id, digest, names: names.map(familiarName) };
}

function exporting(onProgress: OnProgress, id: number, { type }: Output, said: string[], work: () => void): void {
  const task = { id, name: `exporting to ${type === "local" ? "client directory" : type}` };
  onProgress({ kind: "begun", task });
  work();
  if (said.length > 0) onProgress({ kind: "output", task, bytes: Buffer.from(`${said.join(" done\n")} done\n`) });
  onProgress({ kind: "done", task, isCached: false });
}
