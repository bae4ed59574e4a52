// Whoever stays with a process that it has started passes on what it is told itself.

const PASSED = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"] as const;

/** Those that keys of a terminal send, to all that are in its foreground. */
const KEYS: readonly NodeJS.Signals[] = ["SIGINT", "SIGQUIT"];

/** Until the returned function is called. `hearsKeys`: it is in the foreground itself. */
export function signalsPassedOn(pid: number, hearsKeys = false): () => void {
  const pass = (signal: NodeJS.Signals) => {
    if (hearsKeys && KEYS.includes(signal)) return;
    try {
      process.kill(pid, signal);
    } catch {}
  };
  for (const name of PASSED) process.on(name, pass);
  return () => {
    for (const name of PASSED) process.off(name, pass);
  };
}
