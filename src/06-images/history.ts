// How an image came about: its config tells of each instruction, and which of them made a layer. Nobody checks that; where
// it tells of fewer layers than there are, the others just have no story.

import type { Image } from "./image.ts";

export interface HistoryStep {
  /** ISO 8601; undefined where nobody said. */
  created: string | undefined;
  /** `RUN make install`, or how a shell was called for it. */
  createdBy: string;
  comment: string;
  /** The layer it made, 0 for the lowest; undefined where it only changed the config. */
  layer: number | undefined;
  /** Of that layer, as it is stored. */
  sizeBytes: number;
}

/** Oldest first. */
export function historyOf({ config, layers }: Pick<Image, "config" | "layers">): HistoryStep[] {
  let next = 0;
  const told = (config.history ?? []).map(({ created, created_by = "", comment = "", empty_layer = false }) => {
    const layer = empty_layer || next >= layers.length ? undefined : next++;
    return { created, createdBy: created_by, comment, layer };
  });
  const untold = layers.slice(next).map((_, index) => {
    return { created: config.created, createdBy: "", comment: "", layer: next + index };
  });
  const sizeOf = (layer: number | undefined) => (layer === undefined ? 0 : layers[layer]!.size);
  return [...told, ...untold].map((step) => ({ ...step, sizeBytes: sizeOf(step.layer) }));
}
