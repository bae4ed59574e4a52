// What was made once need not be made again. A step is known by a key: the hash of the key of what it begins with, of all
// that the instruction says, and of the files it uses. Under the key stands which layer came of it.
//
//   ROOT/build/cache/<key>     {"key": …, "layer": {…}, "created": …}
//
// The layers are blobs of the store. Whoever cleans that up takes those that no image has, and then the step is made anew.

import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hasBlob } from "../06-images/blobs.ts";
import { digestOf } from "../06-images/digest.ts";
import { draftPath } from "../06-images/durable.ts";
import { type Descriptor, keepsOwners } from "../06-images/index.ts";

/** What a step came to. */
export interface Outcome {
  /** What steps after it begin with. */
  key: string;
  /** None if it changed nothing. */
  layer?: Descriptor;
  /** RFC 3339. */
  created: string;
}

export function keyOf(...parts: unknown[]): string {
  return digestOf(JSON.stringify([...parts, keepsOwners()])).slice("sha256:".length);
}

export class StepCache {
  private readonly root: string;
  private readonly folder: string;
  private readonly isAsked: boolean;

  /** Without `isAsked` nothing is found, and all is remembered. */
  constructor(root: string, isAsked: boolean) {
    this.root = root;
    this.folder = join(root, "build", "cache");
    this.isAsked = isAsked;
  }

  recall(key: string): Outcome | undefined {
    const outcome = this.isAsked ? this.read(key) : undefined;
    const isThere = outcome?.layer === undefined || hasBlob(this.root, outcome.layer.digest);
    return isThere ? outcome : undefined;
  }

  /** Not worth an fsync: what can't be read is made again. */
  remember(key: string, outcome: Outcome): void {
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    const draft = draftPath(this.folder);
    writeFileSync(draft, JSON.stringify(outcome), { mode: 0o600 });
    renameSync(draft, join(this.folder, key));
  }

  private read(key: string): Outcome | undefined {
    try {
      return JSON.parse(readFileSync(join(this.folder, key), "utf8")) as Outcome;
    } catch {
      return undefined;
    }
  }
}
