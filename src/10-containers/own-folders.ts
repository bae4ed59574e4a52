// Folders of one's own for containers that are only tried, where the real ones would be: so what is tried is this machine,
// and nobody else's containers are touched.

import { mkdirSync, mkdtempSync, rmdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Roots } from "./folders.ts";

/** The folders themselves are made if they are missing, and taken away again if nothing else is in them. */
export async function inOwnFolders<T>(roots: Roots, prefix: string, work: (own: Roots) => Promise<T>): Promise<T> {
  for (const path of [roots.root, roots.state]) mkdirSync(path, { recursive: true, mode: 0o711 });
  const own = { root: mkdtempSync(join(roots.root, prefix)), state: mkdtempSync(join(roots.state, prefix)) };
  try {
    return await work(own);
  } finally {
    for (const path of [own.root, own.state]) rmSync(path, { recursive: true, force: true });
    for (const path of [roots.root, roots.state]) removeIfEmpty(path);
  }
}

function removeIfEmpty(path: string): void {
  try {
    rmdirSync(path);
  } catch {
    // Somebody's containers are in it.
  }
}
