// What every operation works on.

import type { IsUsed } from "../../06-images/remove.ts";
import { StoreHold } from "./hold.ts";
import { Uploads } from "./uploads.ts";
import { WaitingBlobs } from "./waiting.ts";

export interface RegistryOptions {
  readOnly?: boolean;
  isUsed?: IsUsed;
  /** How long an upload may stand still, and a blob wait for its manifest, in milliseconds. */
  patienceMs?: number;
  /** Told of what failed in here, as opposed to what was refused. */
  onFailure?: (error: unknown) => void;
}

const HOUR_MS = 3_600_000;
const LOOKS_PER_PATIENCE = 10;

export class Registry {
  /** Of the store. */
  readonly root: string;
  /** Nothing is taken in, and nothing removed. */
  readonly readOnly: boolean;
  /** Which container an image is used by. */
  readonly isUsed: IsUsed;
  readonly hold: StoreHold;
  readonly waiting: WaitingBlobs;
  readonly uploads: Uploads;
  private readonly timer: NodeJS.Timeout;

  constructor(root: string, options: RegistryOptions = {}) {
    const { readOnly = false, isUsed = () => undefined, patienceMs = HOUR_MS, onFailure = () => {} } = options;
    this.root = root;
    this.readOnly = readOnly;
    this.isUsed = isUsed;
    this.hold = new StoreHold(root, onFailure);
    this.waiting = new WaitingBlobs(this.hold);
    this.uploads = new Uploads(root, this.hold, this.waiting);
    this.timer = setInterval(() => this.expire(Date.now() - patienceMs), patienceMs / LOOKS_PER_PATIENCE);
    this.timer.unref();
  }

  /** Nothing of what is on its way in stays; what has arrived does. */
  close(): void {
    clearInterval(this.timer);
    this.expire(Number.POSITIVE_INFINITY);
  }

  private expire(time: number): void {
    this.uploads.expire(time);
    this.waiting.expire(time);
  }
}
