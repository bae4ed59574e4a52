// A pull or a push as it is seen: at a terminal one line for each layer, changed in place; anywhere else a line whenever
// something has changed, and nothing about how far it has come.

import { type Digest, shortId } from "../../06-images/index.ts";
import type { LayerState, OnLayer } from "../../11-registry/index.ts";
import { bar, type Direction, stateText } from "./transfer-words.ts";
import { truncate } from "./width.ts";

export interface TransferView {
  onLayers(layers: Digest[]): void;
  onLayer: OnLayer;
  /** The lines stay as they are; what is printed next comes below them. */
  close(): void;
}

interface Output {
  write(text: string): unknown;
  isTTY?: boolean;
  columns?: number;
  rows?: number;
}

export function transferView(direction: Direction, output: Output): TransferView {
  return output.isTTY === true ? new LinesInPlace(direction, output) : new PlainLines(direction, output);
}

/** For `--quiet`. */
export const NO_VIEW: TransferView = { onLayers() {}, onLayer() {}, close() {} };

class PlainLines implements TransferView {
  private readonly direction: Direction;
  private readonly output: Output;
  private readonly said = new Map<Digest, string>();

  constructor(direction: Direction, output: Output) {
    this.direction = direction;
    this.output = output;
  }

  onLayers(): void {}

  readonly onLayer: OnLayer = (digest, state) => {
    const text = stateText(this.direction, state);
    const isMeasure = state.is === "moving" || state.is === "unpacking";
    if (isMeasure || this.said.get(digest) === text) return;
    this.said.set(digest, text);
    this.output.write(`${shortId(digest)}: ${text}\n`);
  };

  close(): void {}
}

const FRAME_MS = 100;

class LinesInPlace implements TransferView {
  private readonly direction: Direction;
  private readonly output: Output;
  private readonly states = new Map<Digest, LayerState>();
  private timer: NodeJS.Timeout | undefined;
  /** Lines that stand there now. */
  private drawn = 0;

  constructor(direction: Direction, output: Output) {
    this.direction = direction;
    this.output = output;
  }

  onLayers(layers: Digest[]): void {
    for (const digest of layers) this.states.set(digest, { is: "waiting" });
    this.timer ??= setInterval(() => this.draw(false), FRAME_MS);
    this.draw(false);
  }

  readonly onLayer: OnLayer = (digest, state) => {
    this.states.set(digest, state);
  };

  close(): void {
    clearInterval(this.timer);
    this.timer = undefined;
    if (this.states.size > 0) this.draw(true);
    this.states.clear();
    this.drawn = 0;
  }

  /** Up to the first line, each line anew, and whatever stood below is gone. */
  private draw(isLast: boolean): void {
    const { columns = 80 } = this.output;
    const lines = this.shown(isLast).map(([digest, state]) => truncate(this.line(digest, state), columns - 1));
    const up = this.drawn > 0 ? `\x1b[${this.drawn}A` : "";
    this.output.write(`${up}${lines.map((line) => `\r${line}\x1b[K\n`).join("")}\x1b[J`);
    this.drawn = lines.length;
  }

  /** A line that has left the window can't be changed any more: with many layers, those on which something happens. */
  private shown(isLast: boolean): [Digest, LayerState][] {
    const all = [...this.states];
    const most = (this.output.rows ?? 24) - 1;
    if (isLast || all.length <= most) return all;
    const [busy, idle] = [all.filter(([, state]) => isBusy(state)), all.filter(([, state]) => !isBusy(state))];
    return [...busy, ...idle].slice(0, most);
  }

  private line(digest: Digest, state: LayerState): string {
    const { columns = 80 } = this.output;
    return `${shortId(digest)}: ${stateText(this.direction, state)} ${bar(state, columns)}`.trimEnd();
  }
}

function isBusy({ is }: LayerState): boolean {
  return is !== "waiting" && is !== "done" && is !== "present" && is !== "mounted";
}
