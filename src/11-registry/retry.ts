// Trying again: networks lose connections, and registries have bad moments. Each time after a longer pause, so that many
// clients together don't keep a registry down that tries to get up; and for as long as it wishes, if it says so.

import { setTimeout as sleep } from "node:timers/promises";
import { Refusal } from "./refusal.ts";
import { Unreachable } from "./unreachable.ts";

export interface Patience {
  /** How often something is tried, the first time included. */
  tries: number;
  firstPauseMs: number;
  /** One who is told to wait for longer gives up. */
  longestPauseMs: number;
}

export const PATIENCE: Patience = { tries: 6, firstPauseMs: 1000, longestPauseMs: 60_000 };

export interface Retrying {
  patience: Patience;
  signal?: AbortSignal | undefined;
  onPause?: ((ms: number, error: Error) => void) | undefined;
  /** Has something been achieved since the last time? Then the count begins anew. */
  hasProgressed?: () => boolean;
  /** Which failures a second try may mend. */
  isWorthIt?: (error: unknown) => boolean;
}

/** Carries `work` out until it succeeds, fails for good, or was tried often enough. */
export async function retrying<T>(options: Retrying, work: () => Promise<T>): Promise<T> {
  const { patience, signal, onPause, hasProgressed = () => false, isWorthIt = isTransient } = options;
  for (let tried = 1; ; tried++) {
    try {
      return await work();
    } catch (error) {
      signal?.throwIfAborted();
      if (hasProgressed()) tried = 1;
      const pause = isWorthIt(error) ? pauseAfter(error, tried, patience) : undefined;
      if (pause === undefined) throw error;
      onPause?.(pause, error as Error);
      await sleep(pause, undefined, signal && { signal });
    }
  }
}

/** Milliseconds; undefined where trying again makes no sense. */
function pauseAfter(error: unknown, tried: number, patience: Patience): number | undefined {
  const { tries, firstPauseMs, longestPauseMs } = patience;
  if (tried >= tries) return undefined;
  const wished = error instanceof Refusal ? error.retryAfterMs : undefined;
  if (wished !== undefined && wished > longestPauseMs) return undefined;
  // Not all at the same moment: up to a quarter more.
  const own = firstPauseMs * 2 ** (tried - 1) * (1 + Math.random() / 4);
  return Math.round(Math.min(longestPauseMs, Math.max(own, wished ?? 0)));
}

export function isTransient(error: unknown): boolean {
  return (error instanceof Refusal || error instanceof Unreachable) && error.isTransient;
}
