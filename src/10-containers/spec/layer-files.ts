// A file of an image that isn't mounted anywhere: looked for in its layers, topmost first, as overlay would show it.
// Symbolic links are followed inside the one layer that has them; that is enough for /etc/passwd and /etc/group.
//
// What the container calls /etc/passwd may be anything: /dev/zero never ends, a fifo waits for ever, and some devices do
// something when they are opened. So it is looked at before it is opened, and no more of it is read than was seen then.

import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { O } from "../../01-syscalls/index.ts";
import { openInRoot } from "../../02-rootfs/index.ts";
import { lent, pathFrom } from "../copy/descriptors.ts";

/** Room for a hundred thousand users. What is larger is no list of them. */
const MOST_BYTES = 8 * 1024 * 1024;

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
  try {
    return lent(openInRoot(root, path, O.PATH), readPlainFile);
  } catch {
    return undefined;
  }
}

function readPlainFile(found: number): string | undefined {
  const status = fstatSync(found);
  if (!status.isFile() || status.size > MOST_BYTES) return undefined;
  const fd = openSync(pathFrom(found), "r");
  try {
    return readUpTo(fd, status.size);
  } finally {
    closeSync(fd);
  }
}

function readUpTo(fd: number, most: number): string {
  const room = Buffer.alloc(most);
  let held = 0;
  for (let got = 1; got > 0 && held < most; held += got) got = readSync(fd, room, held, most - held, held);
  return room.toString("utf8", 0, held);
}
