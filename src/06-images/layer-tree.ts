// The images of a store as what they are on disk: stacks of layers, of which many begin alike. A layer and all that is
// below it have one name (config.ts, chainIds), so the images are the paths of a tree, and what two of them share is
// stored once.

import type { Digest } from "./digest.ts";
import { historyOf } from "./history.ts";
import { type Image, readImage } from "./image.ts";
import { nameOfEntry, readIndex } from "./layout.ts";
import { isIndex } from "./manifest.ts";
import { familiarName } from "./reference.ts";

export interface TreeLayer {
  chainId: Digest;
  /** As it is stored. */
  sizeBytes: number;
  createdBy: string;
  /** Whose uppermost layer this is: names as a person types them, or ids where there is none. */
  images: string[];
  /** What lies on it, of one image or another. */
  above: TreeLayer[];
}

export interface LayerTree {
  /** Lowest layers; all that an image has is above one of them. */
  layers: TreeLayer[];
  /** Names of images that have no layers. */
  empty: string[];
}

/** Damaged images are left out, and told to `onDamaged`. */
export function layerTree(root: string, onDamaged: (name: string, error: Error) => void = () => {}): LayerTree {
  const tree: LayerTree = { layers: [], empty: [] };
  for (const entry of readIndex(root)) {
    try {
      grow(tree, readImage(root, entry, isIndex(entry) ? undefined : entry.platform));
    } catch (error) {
      onDamaged(nameOfEntry(entry) ?? entry.digest, error as Error);
    }
  }
  return tree;
}

function grow(tree: LayerTree, image: Image): void {
  let above = tree.layers;
  let images = tree.empty;
  for (const [index, chainId] of image.chainIds.entries()) {
    const layer = above.find((one) => one.chainId === chainId) ?? newLayer(image, index);
    if (!above.includes(layer)) above.push(layer);
    ({ above, images } = layer);
  }
  images.push(image.name === undefined ? image.id : familiarName(image.name));
}

function newLayer(image: Image, index: number): TreeLayer {
  const step = historyOf(image).find(({ layer }) => layer === index);
  return {
    chainId: image.chainIds[index]!,
    sizeBytes: image.layers[index]?.size ?? 0,
    createdBy: step?.createdBy ?? "",
    images: [],
    above: [],
  };
}
