// Ctrl-C in the middle of something that takes long: it is told to stop, and does so in order. A second one doesn't wait.

import { constants } from "node:os";

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/** What `work` returns; or, if a signal stopped it, the exit code of one who was ended by that signal. */
export async function interruptible(work: (signal: AbortSignal) => Promise<number>): Promise<number> {
  const stop = new AbortController();
  let code: number | undefined;
  const onSignal = (name: (typeof SIGNALS)[number]) => {
    if (code !== undefined) process.exit(code);
    code = 128 + constants.signals[name];
    stop.abort();
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  try {
    return await work(stop.signal);
  } catch (error) {
    if (code === undefined) throw error;
    return code;
  } finally {
    for (const name of SIGNALS) process.off(name, onSignal);
  }
}
