// Which images are saved, and under which names. What an archive of them looks like is in save-archive.ts.

import { readBlob } from "./blobs.ts";
import type { Digest } from "./digest.ts";
import { ensureEntry, findNamed, isId } from "./find.ts";
import { nameOfEntry, readIndex } from "./layout.ts";
import { keepStore } from "./lock.ts";
import { choosePlatform, type Descriptor, isIndex, parseIndex } from "./manifest.ts";
import type { Platform } from "./platform.ts";
import { parseReference } from "./reference.ts";
import { type Saved, writeArchive } from "./save-archive.ts";

export interface SaveOptions {
  /** Only this one of an image for several. */
  platform?: Platform | undefined;
}

/** Gives `write` an archive of the images that `texts` name, each once. Throws UserError. */
export async function saveImages(
  root: string,
  texts: string[],
  write: (bytes: Buffer) => void,
  { platform }: SaveOptions = {},
): Promise<void> {
  const lock = keepStore(root);
  try {
    const found: Saved[] = [];
    for (const text of texts) found.push(...(await namedBy(root, text)));
    const images = withoutDoubles(found).map((saved) => onPlatform(root, saved, platform));
    writeArchive(root, images, write);
  } finally {
    lock.close();
  }
}

/** As in Docker, a name without a tag stands for all the tags there are, and an id or a digest for no name at all. */
async function namedBy(root: string, text: string): Promise<Saved[]> {
  const entries = readIndex(root);
  const tags = isRepository(text) ? entries.filter((entry) => isIn(text, nameOfEntry(entry))) : [];
  if (tags.length > 0) return tags.map((entry) => ({ entry, names: [nameOfEntry(entry)!] }));
  const entry = await ensureEntry(root, text);
  const named = text.includes("@") ? undefined : findNamed(readIndex(root), text);
  return [{ entry, names: named ? [nameOfEntry(named)!] : [] }];
}

function isRepository(text: string): boolean {
  return !isId(text) && !/[:@][^/]*$/.test(text);
}

function isIn(repository: string, name: string | undefined): boolean {
  const { domain, path } = parseReference(repository);
  return name?.replace(/:[^:/]*$/, "") === `${domain}/${path}`;
}

function withoutDoubles(all: Saved[]): Saved[] {
  const byDigest = new Map<Digest, Saved>();
  for (const { entry, names } of all) {
    const known = byDigest.get(entry.digest)?.names ?? [];
    byDigest.set(entry.digest, { entry, names: [...new Set([...known, ...names])] });
  }
  return [...byDigest.values()];
}

function onPlatform(root: string, { entry, names }: Saved, platform: Platform | undefined): Saved {
  if (!platform) return { entry, names };
  const chosen = isIndex(entry) ? chooseFrom(root, entry, platform) : entry;
  return { entry: chosen, names };
}

/** Throws UserError if the index has none, or if its blobs were never fetched. */
function chooseFrom(root: string, entry: Descriptor, platform: Platform): Descriptor {
  const chosen = choosePlatform(parseIndex(readBlob(root, entry.digest), entry.digest), platform);
  readBlob(root, chosen.digest);
  return chosen;
}
