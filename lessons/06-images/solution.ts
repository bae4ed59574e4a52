import { UserError } from "mini-docker/01-syscalls";
import { newHash, type PromisedLayer } from "mini-docker/06-images";

export async function* checkedLayer(content: AsyncIterable<Buffer>, promised: PromisedLayer): AsyncGenerator<Buffer> {
  const hash = newHash();
  for await (const piece of content) {
    hash.update(piece);
    yield piece;
  }
  // Only now is all of it here. What was written so far has no name yet, and without our return gets none.
  const found = `sha256:${hash.digest("hex")}`;
  if (found !== promised.diffId) throw new UserError(`this layer is ${found}, and not ${promised.diffId}`);
}
