// Between finding an image and having a container of it, somebody may take the image out of the list: nothing uses it yet.
// The next clean-up would then take its layers away from below the container. So whoever makes something of an image does
// it while the list is his, and first puts the image back, without its name, as `rmi -f` leaves one that is in use. In
// this order: if he is killed in between there is an image too many, and not a container without one.

import type { Image } from "./image.ts";
import { nameEntry, readIndex, withoutName, writeIndex } from "./layout.ts";
import { lockIndex } from "./lock.ts";

/**
 * Carries `make` out with the image in the list, and nobody changes that meanwhile. Hold the store (`keepStore`) since
 * before its layers were looked at.
 */
export function whileListed<T>(root: string, { entry }: Pick<Image, "entry">, make: () => T): T {
  const lock = lockIndex(root);
  try {
    const isListed = !entry || readIndex(root).some(({ digest }) => digest === entry.digest);
    if (!isListed) writeIndex(root, (entries) => nameEntry(entries, withoutName(entry), undefined));
    return make();
  } finally {
    lock.close();
  }
}
