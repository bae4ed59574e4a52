// A layer has two digests, because it has two forms: the archive as it is stored and sent, mostly compressed, which the
// manifest names; and what that archive unpacks to, which the config names (its "diff id"). The second one stays the same
// whoever compresses the layer again, so it is what a container can rely on.

import { UserError } from "../01-syscalls/index.ts";
import { type Digest, newHash, parseDigest } from "./digest.ts";

/** What an image says of one of its layers. */
export interface PromisedLayer {
  /** Of the archive as it is stored; the manifest's word. */
  digest: Digest;
  /** Of the archive without its compression; the config's word. */
  diffId: Digest;
}

/**
 * Hands on a layer's content, which has left its compression behind, piece by piece; and at its end throws UserError
 * unless all of it together was what is promised. Until then nothing that was made of it may be used.
 */
export async function* checkedLayer(content: AsyncIterable<Buffer>, { diffId }: PromisedLayer): AsyncGenerator<Buffer> {
  const { algorithm, hex } = parseDigest(diffId);
  const hash = newHash(algorithm);
  for await (const piece of content) {
    hash.update(piece);
    yield piece;
  }
  if (hash.digest("hex") === hex) return;
  throw new UserError("it does not contain what its image promises", { hint: "load the image again" });
}
