// Blobs that were pushed and that no manifest refers to yet. They are in their repository already, as the protocol wants
// it, but only this process knows: with the manifest they become part of an image, and after a while without one, garbage.

import type { Digest } from "../../06-images/digest.ts";
import type { Lock } from "../../06-images/lock.ts";
import type { StoreHold } from "./hold.ts";

interface Waiting {
  hold: Lock;
  since: number;
}

export class WaitingBlobs {
  private readonly hold: StoreHold;
  private readonly repositories = new Map<string, Map<Digest, Waiting>>();

  constructor(hold: StoreHold) {
    this.hold = hold;
  }

  has(repository: string, digest: Digest): boolean {
    return this.repositories.get(repository)?.has(digest) === true;
  }

  /** Whether any blob waits in the repository. */
  isIn(repository: string): boolean {
    return this.repositories.has(repository);
  }

  /** The caller has a hold on the store, and knows that the blob is in it. */
  async add(repository: string, digest: Digest): Promise<void> {
    const hold = await this.hold.take();
    this.remove(repository, digest);
    const blobs = this.repositories.get(repository) ?? new Map<Digest, Waiting>();
    this.repositories.set(repository, blobs.set(digest, { hold, since: Date.now() }));
  }

  /** It is part of an image now, or nobody wants it. False if it didn't wait. */
  remove(repository: string, digest: Digest): boolean {
    const blobs = this.repositories.get(repository);
    const waiting = blobs?.get(digest);
    blobs?.delete(digest);
    if (blobs?.size === 0) this.repositories.delete(repository);
    waiting?.hold.close();
    return waiting !== undefined;
  }

  /** Those that have waited since before `time`, in milliseconds since 1970, wait no longer. */
  expire(time: number): void {
    for (const [repository, blobs] of this.repositories) {
      const late = [...blobs].filter(([, { since }]) => since < time);
      for (const [digest] of late) this.remove(repository, digest);
      if (late.length > 0) this.hold.leaveGarbage();
    }
  }
}
