// Between a push's first blob and its manifest nothing refers to what was pushed, and a clean-up by the command line would
// throw it away. So while anything is on its way in here, this process holds the store (06-images/lock.ts): one lock for
// all that is going on, let go of when nothing is.

import { setTimeout as sleep } from "node:timers/promises";
import { collectGarbage } from "../../06-images/collect.ts";
import { type Lock, tryKeepStore } from "../../06-images/lock.ts";

/** How often to look whether somebody else's clean-up is over; waiting in the kernel would hold up everybody. */
const RETRY_MS = 20;

export class StoreHold {
  private readonly root: string;
  private readonly onFailure: (error: unknown) => void;
  private users = 0;
  private lock: Lock | undefined;
  private hasGarbage = false;

  /** `onFailure` is told of clean-ups that failed. */
  constructor(root: string, onFailure: (error: unknown) => void) {
    this.root = root;
    this.onFailure = onFailure;
  }

  /** Until what it returns is closed, nothing in the store is thrown away. Waits while somebody is throwing away. */
  async take(): Promise<Lock> {
    this.users += 1;
    let isOpen = true;
    const close = () => {
      if (isOpen) this.release();
      isOpen = false;
    };
    try {
      while (!this.lock) if (!this.tryLock()) await sleep(RETRY_MS);
    } catch (error) {
      close();
      throw error;
    }
    return { close };
  }

  /** Something in the store isn't needed any more: it is thrown away as soon as nothing is on its way in. */
  leaveGarbage(): void {
    this.hasGarbage = true;
    this.collectIfIdle();
  }

  private tryLock(): boolean {
    this.lock = tryKeepStore(this.root);
    return this.lock !== undefined;
  }

  private release(): void {
    this.users -= 1;
    if (this.users > 0) return;
    this.lock?.close();
    this.lock = undefined;
    this.collectIfIdle();
  }

  private collectIfIdle(): void {
    if (this.users > 0 || !this.hasGarbage) return;
    this.hasGarbage = false;
    try {
      collectGarbage(this.root);
    } catch (error) {
      this.onFailure(error);
    }
  }
}
