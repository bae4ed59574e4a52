// The images of a store, as `images` and `inspect` show them.

import { readBlob } from "./blobs.ts";
import { isDigest } from "./digest.ts";
import { findEntry, onPlatform } from "./find.ts";
import { type Image, readImage } from "./image.ts";
import { nameOfEntry, readIndex, repositoryOfEntry } from "./layout.ts";
import { type Descriptor, isIndex, parseIndex } from "./manifest.ts";
import { hostPlatform, isSamePlatform, type Platform } from "./platform.ts";
import { familiarName } from "./reference.ts";

/** One row of `images`. */
export interface ListedImage {
  /** `alpine`, `localhost/base`; none for an image whose name a newer one took. */
  repository: string | undefined;
  tag: string | undefined;
  /** Of the entry: of the index, for an image of several platforms. */
  digest: string;
  /** The same where there is nothing for this machine. */
  id: string;
  /** ISO 8601; undefined where the image doesn't say. */
  created: string | undefined;
  /** Bytes of its layers, as they are stored. */
  sizeBytes: number;
}

/** All images, newest first. One that is damaged is left out, and told to `onDamaged`. */
export function listImages(root: string, onDamaged: (name: string, error: Error) => void = () => {}): ListedImage[] {
  const rows = shownEntries(root).flatMap((entry) => {
    try {
      return [listed(root, entry)];
    } catch (error) {
      onDamaged(nameOfEntry(entry) ?? entry.digest, error as Error);
      return [];
    }
  });
  return rows.sort((a, b) => (b.created ?? "").localeCompare(a.created ?? ""));
}

/** Without what is no image, and without what only its repository knows of, if the image has a name. */
function shownEntries(root: string): Descriptor[] {
  const entries = readIndex(root);
  const named = new Set(entries.flatMap((entry) => (nameOfEntry(entry) === undefined ? [] : entry.digest)));
  return entries.filter((entry) => {
    const isSpare = repositoryOfEntry(entry) !== undefined && named.has(entry.digest);
    return entry.artifactType === undefined && !isSpare;
  });
}

/** What `image inspect` prints, in Docker's shape. Throws UserError. */
export function inspectImage(root: string, text: string, platform?: Platform): object | undefined {
  const entry = findEntry(root, text);
  if (!entry) return undefined;
  const image = onPlatform(readImage(root, entry, platform), text, platform);
  const same = readIndex(root).filter(({ digest }) => digest === entry.digest);
  const names = same.flatMap((one) => nameOfEntry(one) ?? []);
  const { os, architecture, variant, created, author, config, rootfs } = image.config;
  return {
    Id: image.id,
    RepoTags: names.map(familiarName),
    RepoDigests: [...new Set(names.map((name) => `${familiarName(splitName(name).repository)}@${entry.digest}`))],
    Created: created ?? "",
    Author: author ?? "",
    Architecture: architecture,
    Os: os,
    ...(variant !== undefined && { Variant: variant }),
    Size: sizeOf(image),
    Config: config ?? {},
    RootFS: { Type: "layers", Layers: rootfs.diff_ids },
  };
}

function listed(root: string, entry: Descriptor): ListedImage {
  const foreign = isIndex(entry) ? foreignPlatform(root, entry) : undefined;
  const image = readImage(root, entry, foreign ?? (isIndex(entry) ? undefined : entry.platform));
  const { repository, tag } = image.name === undefined ? {} : splitName(image.name);
  return {
    repository: repository && familiarName(repository),
    tag,
    digest: entry.digest,
    id: foreign ? entry.digest : image.id,
    created: image.config.created,
    sizeBytes: sizeOf(image),
  };
}

/** An index that has nothing for this machine is shown by what it has for the first other one, and its own digest. */
function foreignPlatform(root: string, { digest }: Descriptor): Platform | undefined {
  const { manifests } = parseIndex(readBlob(root, digest), digest);
  const platforms = manifests.flatMap(({ platform }) => platform ?? []).filter(({ os }) => os !== "unknown");
  return platforms.some((one) => isSamePlatform(hostPlatform(), one)) ? undefined : platforms[0];
}

function sizeOf({ layers }: Image): number {
  return layers.reduce((sum, { size }) => sum + size, 0);
}

/** `localhost:5000/app:v1` → `localhost:5000/app` and `v1` */
function splitName(name: string): { repository: string; tag: string | undefined } {
  const [before = "", digest] = name.split("@");
  const [, repository = before, tag] = /^(.*):([^:/]+)$/.exec(before) ?? [];
  return { repository, tag: tag ?? (digest && isDigest(digest) ? undefined : tag) };
}
