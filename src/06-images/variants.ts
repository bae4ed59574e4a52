// The machines that an image is for: one, or, where an index names several, each of those, whether its files were fetched
// or not.

import { hasBlob, readBlob } from "./blobs.ts";
import { parseConfig } from "./config.ts";
import type { Digest } from "./digest.ts";
import { nameOfEntry, readIndex } from "./layout.ts";
import { type Descriptor, isIndex, parseIndex, parseManifest } from "./manifest.ts";
import { formatPlatform } from "./platform.ts";
import { familiarName } from "./reference.ts";

export interface Variant {
  /** `linux/arm64/v8`; undefined where nobody says and it isn't here. */
  platform: string | undefined;
  digest: Digest;
  /** Of its layers, as they are stored; undefined where they aren't here. */
  sizeBytes: number | undefined;
}

export interface ListedVariants {
  /** As a person types them; none for an image that lost its name. */
  names: string[];
  /** Of the index, or of the only manifest. */
  digest: Digest;
  variants: Variant[];
}

/** Each image once, with all its names. Damaged ones are left out, and told to `onDamaged`. */
export function listVariants(
  root: string,
  onDamaged: (name: string, error: Error) => void = () => {},
): ListedVariants[] {
  const entries = readIndex(root).filter(({ artifactType }) => artifactType === undefined);
  const digests = [...new Set(entries.map(({ digest }) => digest))];
  return digests.flatMap((digest) => {
    const same = entries.filter((entry) => entry.digest === digest);
    const names = same.flatMap((entry) => nameOfEntry(entry) ?? []).map(familiarName);
    try {
      return [{ names, digest, variants: variantsOf(root, same[0]!) }];
    } catch (error) {
      onDamaged(names[0] ?? digest, error as Error);
      return [];
    }
  });
}

/** Throws UserError if the index or a manifest is damaged. */
function variantsOf(root: string, entry: Descriptor): Variant[] {
  if (!isIndex(entry)) return [variantOf(root, entry)];
  const { manifests } = parseIndex(readBlob(root, entry.digest), entry.digest);
  // Attestations are "for" an unknown platform.
  return manifests.filter(({ platform }) => platform?.os !== "unknown").map((manifest) => variantOf(root, manifest));
}

function variantOf(root: string, { digest, platform }: Descriptor): Variant {
  const said = platform && formatPlatform(platform);
  if (!hasBlob(root, digest)) return { platform: said, digest, sizeBytes: undefined };
  const { config, layers } = parseManifest(readBlob(root, digest), digest);
  const sizeBytes = layers.reduce((sum, { size }) => sum + size, 0);
  return { platform: said ?? formatPlatform(parseConfig(readBlob(root, config.digest), digest)), digest, sizeBytes };
}
