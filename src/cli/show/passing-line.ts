// A line on standard error that is there as long as something takes, for who waits in front of it.

const CLEAR_LINE = "\r\x1b[2K";

/** Returns what takes it away. */
export function passingLine(text: string): () => void {
  process.stderr.write(text);
  return () => void process.stderr.write(CLEAR_LINE);
}
