// A file of an image that isn't mounted anywhere: looked for in its layers, topmost first, as overlay would show it.
// Symbolic links are followed inside the one layer that has them; that is enough for /etc/passwd and /etc/group.

import { closeSync, readFileSync } from "node:fs";
import { O } from "../01-syscalls/index.ts";
import { openInRoot } from "../02-rootfs/index.ts";

/** The file's text, or undefined where no layer has it. `layers` are lowest first. */
export function readLayerFile(layers: readonly string[], path: string): string | undefined {
  for (const layer of layers.toReversed()) {
    const text = readBeneath(layer, path);
    if (text !== undefined) return text;
  }
  return undefined;
}

/** Undefined where there is no such file, or something that isn't one. */
export function readBeneath(root: string, path: string): string | undefined {
  let fd: number;
  try {
    // NONBLOCK: a fifo of that name must not hold us up.
    fd = openInRoot(root, path, O.RDONLY | O.NONBLOCK | O.NOCTTY);
  } catch {
    return undefined;
  }
  try {
    return readFileSync(fd, "utf8");
  } catch {
    return undefined;
  } finally {
    closeSync(fd);
  }
}
