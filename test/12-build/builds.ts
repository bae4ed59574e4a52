// Builds for tests: a Dockerfile and a few files in temporary folders, and a look at what came of them.

import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { copyLayers } from "../../src/05-overlay/index.ts";
import { hostPlatform, type Image, MEDIA, readImage, removeTree, unpackImage } from "../../src/06-images/index.ts";
import type { Roots } from "../../src/10-containers/folders.ts";
import { buildImage, fromStore, type ImageRequest, type Progress } from "../../src/12-build/index.ts";

export type Files = Record<string, string | Buffer>;

/** A folder with these files in it; a name that ends with a slash is a folder. */
export function contextOf(files: Files): string {
  const folder = mkdtempSync(join(tmpdir(), "context-"));
  onTestFinished(() => removeTree(folder));
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(name.endsWith("/") ? path : dirname(path), { recursive: true });
    if (!name.endsWith("/")) writeFileSync(path, content);
  }
  return folder;
}

export interface Built {
  id: string;
  digest: string;
  image: Image;
  /** What the steps said, all together. */
  output: string;
  /** Names of the steps that were carried out, and of those that were not. */
  made: string[];
  cached: string[];
  warnings: string[];
}

export type Asked = Partial<Omit<ImageRequest, "onProgress">>;

/** Builds `context`, a folder or files. Throws what the build throws, with what it told before as `progress`. */
export async function build(roots: Roots, context: string | Files, asked: Asked = {}): Promise<Built> {
  const told: Progress[] = [];
  const where = typeof context === "string" ? context : contextOf(context);
  try {
    const built = await buildImage(roots, {
      ...requestFor(where),
      obtain: fromStore(roots),
      ...asked,
      onProgress: (one) => told.push(one),
    });
    const image = readImage(roots.root, { mediaType: MEDIA.MANIFEST, digest: built.digest, size: 0 });
    return { ...built, image, ...summaryOf(told) };
  } catch (error) {
    throw Object.assign(error as Error, { told, ...summaryOf(told) });
  }
}

function requestFor(where: string): Omit<ImageRequest, "onProgress"> {
  return {
    where,
    dockerfile: undefined,
    stdin: (async function* () {})(),
    tags: [],
    given: { buildArgs: new Map(), platform: hostPlatform() },
    target: undefined,
    noCache: false,
    pull: false,
    outputs: [],
    network: "host",
    stdout: () => {},
    secrets: new Map(),
    labels: {},
    epoch: undefined,
    signal: new AbortController().signal,
  };
}

export function args(buildArgs: Record<string, string>): Asked {
  return { given: { buildArgs: new Map(Object.entries(buildArgs)), platform: hostPlatform() } };
}

function summaryOf(told: Progress[]) {
  const done = told.filter((one) => one.kind === "done").filter(({ task }) => !/FROM|export/.test(task.name));
  const outputs = told.filter((one) => one.kind === "output").filter(({ task }) => !task.name.startsWith("export"));
  return {
    output: Buffer.concat(outputs.map(({ bytes }) => bytes)).toString(),
    made: done.filter(({ isCached }) => !isCached).map(({ task }) => task.name),
    cached: done.filter(({ isCached }) => isCached).map(({ task }) => task.name),
    warnings: told.filter((one) => one.kind === "warning").map(({ message }) => message),
  };
}

/** The image's files, put together in a temporary folder. */
export async function treeOf(roots: Roots, { image }: Pick<Built, "image">): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "tree-"));
  onTestFinished(() => removeTree(folder));
  copyLayers(await unpackImage(roots.root, image), folder, { ownerless: process.getuid?.() !== 0 });
  return folder;
}

/** What of a build is not finished: nothing, once it has ended. */
export function unfinished({ root, state }: Roots): string[] {
  return [join(root, "build", "work"), join(root, "tmp"), join(state, "build")].flatMap((folder) => {
    try {
      return readdirSync(folder).map((name) => join(folder, name));
    } catch {
      return [];
    }
  });
}
