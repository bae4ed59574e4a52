// What is said of a layer on its way, in Docker's words.

import type { LayerState } from "../../11-registry/index.ts";
import { humanSize } from "./units.ts";

export type Direction = "pull" | "push";

type Words = Record<Exclude<LayerState["is"], "retrying" | "mounted">, string>;

const WORDS: Record<Direction, Words> = {
  pull: {
    waiting: "Pulling fs layer",
    moving: "Downloading",
    verifying: "Verifying Checksum",
    moved: "Download complete",
    unpacking: "Extracting",
    done: "Pull complete",
    present: "Already exists",
  },
  push: {
    waiting: "Waiting",
    moving: "Pushing",
    verifying: "Pushing",
    moved: "Pushed",
    unpacking: "Pushing",
    done: "Pushed",
    present: "Layer already exists",
  },
};

/** Without the bar. */
export function stateText(direction: Direction, state: LayerState): string {
  if (state.is === "retrying") return retryText(state.inMs);
  return state.is === "mounted" ? `Mounted from ${state.from}` : WORDS[direction][state.is];
}

function retryText(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1000));
  return `Retrying in ${seconds} second${seconds === 1 ? "" : "s"}`;
}

const WIDEST_BAR = 50;
/** Around the bar: an id, the longest words, two sizes. */
const AROUND = 55;

/** `[=====>     ]  1.2MB/3.4MB`, for states that have a measure; in a narrow window the sizes alone. */
export function bar(state: LayerState, columns: number): string {
  if (state.is !== "moving" && state.is !== "unpacking") return "";
  const sizes = `${humanSize(state.bytes)}/${humanSize(state.total)}`;
  const width = Math.min(WIDEST_BAR, columns - AROUND);
  if (width < 5) return sizes;
  const full = Math.floor((width * state.bytes) / Math.max(1, state.total));
  const line = full < width ? `${"=".repeat(full)}>`.padEnd(width) : "=".repeat(width);
  return `[${line}]  ${sizes}`;
}
