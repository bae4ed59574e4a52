// goal good-runs: good-refused

import { UserError } from "mini-docker/01-syscalls";
import { newHash, type PromisedLayer } from "mini-docker/06-images";

export async function* checkedLayer(content: AsyncIterable<Buffer>, promised: PromisedLayer): AsyncGenerator<Buffer> {
  const hash = newHash();
  for await (const piece of content) {
    hash.update(piece);
    yield piece;
  }
  if (hash.digest("hex") !== promised.diffId) throw new UserError(`this layer is not ${promised.diffId}`);
}
