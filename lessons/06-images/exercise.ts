// Your turn: let a layer's content through, if it is what the image promised.
//
// It comes in pieces, which are written to disk as you hand them on; the layer gets its place only when you have come to your
// end. Throw before that, and all of it is thrown away. By then the archive's compression is gone: what you see is tar.
//
//   promised.digest   sha256 of the layer as it is stored: the manifest's word
//   promised.diffId   sha256 of what is in it: the config's word
//
//   const hash = newHash();        begins
//   hash.update(piece);            takes a piece more
//   hash.digest("hex")             the 64 digits, once, at the end

import { UserError } from "mini-docker/01-syscalls";
import { newHash, type PromisedLayer } from "mini-docker/06-images";

export async function* checkedLayer(content: AsyncIterable<Buffer>, promised: PromisedLayer): AsyncGenerator<Buffer> {
  const hash = newHash();
  for await (const piece of content) {
    hash.update(piece);
    yield piece;
  }
  // TODO: the digits are there, and any are fine.
  const digits = hash.digest("hex");
  if (digits.length !== 64) throw new UserError(`${digits}, where ${JSON.stringify(promised)} was promised`);
}
