// A layer that comes, seen from both its ends: one fetches it, the other unpacks what has come so far.

import { readPieces } from "../06-images/decompress.ts";
import { blobPath, type Descriptor, hasWholeBlob } from "../06-images/index.ts";
import { type BlobSource, fetchBlob } from "./fetch-blob.ts";
import type { LayerState, OnLayer } from "./progress.ts";

type Pieces = () => AsyncIterable<Buffer>;

export interface Expected {
  root: string;
  layer: Descriptor;
  isUnpacked: boolean;
  /** Aborted, its content ends. */
  signal: AbortSignal;
  onLayer?: OnLayer | undefined;
}

export class Arrival {
  private readonly root: string;
  private readonly layer: Descriptor;
  private readonly signal: AbortSignal;
  private readonly onLayer: OnLayer;
  /** Settled when there is something to read, or never will be. */
  private readonly begun = promiseOf<Pieces>();
  private readonly ended = promiseOf<void>();
  /** Nothing is left to do. */
  private isDone: boolean;

  constructor({ root, layer, isUnpacked, signal, onLayer = () => {} }: Expected) {
    this.root = root;
    this.layer = layer;
    this.signal = signal;
    this.onLayer = onLayer;
    this.isDone = this.isStored && isUnpacked;
    this.tell(this.isDone ? { is: "present" } : this.isStored ? { is: "moved" } : { is: "waiting" });
  }

  /** Throws UserError; who reads its content hears of it, too. */
  async fetch(source: BlobSource): Promise<void> {
    const { root, layer, onLayer } = this;
    try {
      if (!this.isStored) await fetchBlob(source, root, layer, { onLayer, onFollowable: this.begun.resolve });
      this.begun.resolve(() => readPieces(blobPath(root, layer.digest)));
      this.ended.resolve();
    } catch (error) {
      this.begun.reject(error);
      this.ended.reject(error);
      throw error;
    }
  }

  /** All of it, as soon as it comes. */
  async *content(): AsyncGenerator<Buffer> {
    const pieces = await this.begun.promise;
    let bytes = 0;
    for await (const piece of pieces()) {
      this.signal.throwIfAborted();
      bytes += piece.length;
      // Who is told of fetching and of unpacking would see a bar jump to and fro.
      if (this.isStored) this.tell({ is: "unpacking", bytes, total: this.layer.size });
      yield piece;
    }
    // What came may have ended too soon: then this says why.
    if (bytes < this.layer.size) await this.ended.promise;
  }

  /** It is unpacked; if it is stored as well, that was all. */
  unpacked(): void {
    if (this.isDone || !this.isStored) return;
    this.isDone = true;
    this.tell({ is: "done" });
  }

  private tell(state: LayerState): void {
    this.onLayer(this.layer.digest, state);
  }

  private get isStored(): boolean {
    return hasWholeBlob(this.root, this.layer);
  }
}

function promiseOf<T>() {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<T>((...both) => {
    [resolve, reject] = both;
  });
  // Perhaps nobody waits for it.
  promise.catch(() => {});
  return { promise, resolve, reject };
}
