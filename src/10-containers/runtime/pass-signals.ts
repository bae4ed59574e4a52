// Whoever stays with a process that it has started passes on what it is told itself.

const PASSED = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"] as const;

/** Until the returned function is called. */
export function signalsPassedOn(pid: number): () => void {
  const pass = (signal: NodeJS.Signals) => {
    try {
      process.kill(pid, signal);
    } catch {}
  };
  for (const name of PASSED) process.on(name, pass);
  return () => {
    for (const name of PASSED) process.off(name, pass);
  };
}
