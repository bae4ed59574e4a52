// Between finding an image and having a container of it, somebody may take the image out of the list: nothing uses it yet.
// The next clean-up would then take its layers away from below the container. So whoever has made something of an image
// puts it back into the list, without its name, as `rmi -f` leaves one that is in use.

import type { Image } from "./image.ts";
import { changeIndex, nameEntry, readIndex, withoutName } from "./layout.ts";

/** The image is in the list. Hold the store (`keepStore`) since before its layers were looked at. */
export function keepListed(root: string, { entry }: Pick<Image, "entry">): void {
  if (!entry || readIndex(root).some(({ digest }) => digest === entry.digest)) return;
  changeIndex(root, (entries) => nameEntry(entries, withoutName(entry), undefined));
}
