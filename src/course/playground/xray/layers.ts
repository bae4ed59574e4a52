// What a container's `/` is put together of: the image's layers, and what the container has changed in its own.

import { basename } from "node:path";
import type { Container } from "../../../10-containers/container.ts";
import { containerChanges } from "../../../10-containers/look/diff.ts";
import { treeBytes } from "../../../10-containers/look/size.ts";
import type { Layers } from "../messages.ts";

const MOST_CHANGES = 200;

/** Layers never change, and a large one takes long to count. */
const sizes = new Map<string, number>();

export function layersOf(container: Container, world: string): Layers {
  const changes = containerChanges(container);
  return {
    world,
    layers: container.record.layers.toReversed().map((path) => ({ digest: digestOf(path), bytes: sizeOf(path) })),
    changes: changes.slice(0, MOST_CHANGES).map(({ kind, path }) => ({ kind, path })),
    hidden: Math.max(0, changes.length - MOST_CHANGES),
  };
}

/** `…/layers/DIGEST/diff` */
function digestOf(path: string): string {
  return basename(path.replace(/\/diff$/, "")).slice(0, 12);
}

function sizeOf(path: string): number {
  const known = sizes.get(path) ?? treeBytes(path);
  sizes.set(path, known);
  return known;
}
