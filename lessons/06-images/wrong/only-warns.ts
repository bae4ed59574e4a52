// goal tampered-refused: tampered-runs

import { newHash, type PromisedLayer } from "mini-docker/06-images";

export async function* checkedLayer(content: AsyncIterable<Buffer>, promised: PromisedLayer): AsyncGenerator<Buffer> {
  const hash = newHash();
  for await (const piece of content) {
    hash.update(piece);
    yield piece;
  }
  const found = `sha256:${hash.digest("hex")}`;
  if (found !== promised.diffId) console.error(`warning: this layer is ${found}, and not ${promised.diffId}`);
}
