// What was made once need not be made again. A step is known by a key: the hash of the key of what it begins with, of all
// that the instruction says, and of the files it uses. Under the key stands which layer came of it (06-images/kept.ts).

import { digestOf } from "../06-images/digest.ts";
import { hasBlob, keepsOwners } from "../06-images/index.ts";
import { findKept, type Kept, keep } from "../06-images/kept.ts";

/** What a step came to; without a layer if it changed nothing. */
export interface Outcome extends Kept {
  /** What steps after it begin with. */
  key: string;
  /** RFC 3339. */
  created: string;
}

export function keyOf(...parts: unknown[]): string {
  return digestOf(JSON.stringify([...parts, keepsOwners()])).slice("sha256:".length);
}

export class StepCache {
  private readonly root: string;
  private readonly isAsked: boolean;

  /** Without `isAsked` nothing is found, and all is remembered. */
  constructor(root: string, isAsked: boolean) {
    this.root = root;
    this.isAsked = isAsked;
  }

  recall(key: string): Outcome | undefined {
    const outcome = this.isAsked ? findKept<Outcome>(this.root, key) : undefined;
    const isThere = outcome?.layer === undefined || hasBlob(this.root, outcome.layer.digest);
    return isThere ? outcome : undefined;
  }

  remember(key: string, outcome: Outcome): void {
    keep(this.root, key, outcome);
  }
}
