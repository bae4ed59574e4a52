// What happens on the way, as facts: whoever draws bars or prints lines is told, and decides what is worth showing.

import type { Digest } from "../06-images/index.ts";

/** What has become of a layer. Bytes are of the archive, as it is stored and sent. */
export type LayerState =
  | { is: "waiting" }
  | { is: "moving"; bytes: number; total: number }
  | { is: "retrying"; inMs: number }
  | { is: "verifying" }
  | { is: "moved" }
  | { is: "unpacking"; bytes: number; total: number }
  | { is: "done" }
  /** It was there before. */
  | { is: "present" }
  /** The registry has taken it over from another of its repositories. */
  | { is: "mounted"; from: string };

export type OnLayer = (digest: Digest, state: LayerState) => void;
