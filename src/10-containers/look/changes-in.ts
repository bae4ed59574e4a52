// Waiting until something happens in a folder: the kernel tells (inotify(7), which is what fs.watch is). It may be out of
// watches, and it says nothing of processes; so a wait also ends by itself after a while, and whoever waits looks again.

import { type FSWatcher, watch } from "node:fs";

const LONGEST_MS = 500;
const WITHOUT_WATCH_MS = 50;

export class ChangesIn {
  private readonly watcher: FSWatcher | undefined;
  private hasChanged = false;
  private wake: () => void = () => {};

  constructor(folder: string) {
    this.watcher = watchOrNot(folder, () => {
      this.hasChanged = true;
      this.wake();
    });
  }

  /** Resolves after a change since the last call, or after half a second. */
  async next(): Promise<void> {
    if (!this.hasChanged) await this.sleep(this.watcher ? LONGEST_MS : WITHOUT_WATCH_MS);
    this.hasChanged = false;
  }

  close(): void {
    this.watcher?.close();
  }

  private sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

function watchOrNot(folder: string, onChange: () => void): FSWatcher | undefined {
  try {
    // A folder that is taken away is a change, too, and no failure.
    return watch(folder, onChange).on("error", onChange);
  } catch {
    return undefined;
  }
}
