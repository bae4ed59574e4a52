// Tells when a file was saved. Editors write it in place, or write another and rename it: the folder hears of both. Not every
// filesystem tells (9p, NFS and shared folders of virtual machines don't), so the file is also looked at once a second.

import { type FSWatcher, statSync, watch } from "node:fs";
import { dirname } from "node:path";

const [SETTLE_MS, POLL_MS] = [60, 1000];

/** Calls `told` some time after each change, once for what an editor does in one go. Returns a function that ends it. */
export function onSave(path: string, told: () => void): () => void {
  let known = stateOf(path);
  let timer: NodeJS.Timeout | undefined;
  const look = () => {
    const now = stateOf(path);
    if (now === known || now === "") return;
    known = now;
    told();
  };
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(look, SETTLE_MS);
  };
  const watcher = watched(dirname(path), soon);
  const poll = setInterval(look, POLL_MS);
  return () => {
    watcher?.close();
    clearInterval(poll);
    clearTimeout(timer);
  };
}

/** undefined where the machine has no more watches to give, or the filesystem none at all. */
function watched(folder: string, told: () => void): FSWatcher | undefined {
  try {
    return watch(folder, told).on("error", () => {});
  } catch {
    return undefined;
  }
}

/** Empty while there is no such file, as between two steps of an editor's. */
function stateOf(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  return found ? `${found.ino} ${found.mtimeMs} ${found.size}` : "";
}
