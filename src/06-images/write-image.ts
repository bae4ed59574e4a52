// Layers and a config become an image: two more blobs, of which the manifest names all the others. Blobs come before what
// names them, so that whoever is killed in between leaves only what nothing refers to.

import { readBlob, writeBlob } from "./blobs.ts";
import { type ImageConfig, parseConfig } from "./config.ts";
import { type Digest, digestOf } from "./digest.ts";
import { naming } from "./failure.ts";
import { changeIndex, nameEntry, nameOfEntry, readIndex } from "./layout.ts";
import { type Descriptor, MEDIA } from "./manifest.ts";

/** Adds the image to the store, without a name. `layers` are there already, lowest first. Returns its entry. */
export function writeImage(root: string, config: ImageConfig, layers: Descriptor[]): Descriptor {
  return naming(
    () => "cannot write the image",
    () => {
      const described = writeJson(root, config, MEDIA.CONFIG);
      const own = layers.map(({ mediaType, digest, size }) => ({ mediaType, digest, size }));
      const manifest = { schemaVersion: 2, mediaType: MEDIA.MANIFEST, config: described, layers: own };
      const { os, architecture, variant } = config;
      const platform = { os, architecture, ...(variant !== undefined && { variant }) };
      return { ...writeJson(root, manifest, MEDIA.MANIFEST), platform };
    },
  );
}

/** Lists the image, under each of `names` (in full), or without one. */
export function nameImage(root: string, entry: Descriptor, names: string[]): void {
  const all = names.length > 0 ? names : [undefined];
  const listed = readIndex(root).filter(({ digest }) => digest === entry.digest);
  const isListed = (name: string | undefined) =>
    listed.some((each) => name === undefined || nameOfEntry(each) === name);
  if (all.every(isListed)) return;
  changeIndex(root, (entries) => all.reduce((changed, name) => nameEntry(changed, entry, name), entries));
}

/** What is there already, and is what it should be, needs no disk to be waited for. */
function writeJson(root: string, value: object, mediaType: string): Descriptor {
  const bytes = Buffer.from(JSON.stringify(value));
  if (mediaType === MEDIA.CONFIG) parseConfig(bytes, "the image that is being made");
  const digest = digestOf(bytes);
  return isThere(root, digest) ? { mediaType, digest, size: bytes.length } : writeBlob(root, bytes, mediaType);
}

function isThere(root: string, digest: Digest): boolean {
  try {
    return readBlob(root, digest).length > 0;
  } catch {
    return false;
  }
}
