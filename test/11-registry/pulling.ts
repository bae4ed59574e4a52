// Pulling in this process, without the patience that people need.

import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { parseReference } from "../../src/06-images/index.ts";
import type { LayerState } from "../../src/11-registry/index.ts";
import { type Pulled, type PullOptions, pullImage } from "../../src/11-registry/index.ts";
import { temporaryFolder } from "../06-images/archives.ts";

export const HASTE = { patience: { tries: 4, firstPauseMs: 1, longestPauseMs: 100 }, stallMs: 200 };

export interface Puller {
  root: string;
  /** What was told of layers. */
  told: LayerState[];
  pull(name: string, options?: PullOptions): Promise<Pulled>;
  /** Files of the store: images, layers and what came in part. */
  files(): string[];
}

/** With a store of its own. */
export function puller(): Puller {
  const root = temporaryFolder();
  const told: LayerState[] = [];
  const settings = { mirrors: {}, insecure: [] };
  const onLayer = (_: string, state: LayerState) => void told.push(state);
  return {
    root,
    told,
    pull: (name, options = {}) =>
      pullImage({ root, state: join(root, "state") }, parseReference(name), {
        ...HASTE,
        settings,
        onLayer,
        ...options,
      }),
    files: () => filesIn(root),
  };
}

function filesIn(root: string): string[] {
  const folders = ["images/index.json", "images/blobs/sha256", "layers", "layers-ownerless", "partial", "tmp"];
  return folders.flatMap((folder) => {
    const path = join(root, folder);
    if (!existsSync(path)) return [];
    return folder.endsWith(".json") ? [folder] : readdirSync(path).map((name) => `${folder}/${name}`);
  });
}
