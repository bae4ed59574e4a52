// What a build tells while it works. The command line makes lines or a moving picture of it; nothing here prints.

export interface Task {
  id: number;
  /** `[build 2/5] RUN make`, `exporting to image`. */
  name: string;
}

export type Progress =
  | { kind: "begun"; task: Task }
  /** Somebody's words, as they came. */
  | { kind: "output"; task: Task; bytes: Buffer }
  | { kind: "done"; task: Task; isCached: boolean }
  /** `tail` are its last words, `excerpt` the lines of the Dockerfile that it stands in. */
  | { kind: "failed"; task: Task; message: string; tail: string; excerpt: string }
  | { kind: "cancelled"; task: Task }
  | { kind: "warning"; message: string };

export type OnProgress = (progress: Progress) => void;

const MOST_TAIL = 64 * 1024;

/** The end of what a task said: enough to see why it failed. */
export class Tail {
  private pieces: Buffer[] = [];
  private length = 0;

  add(bytes: Buffer): void {
    this.pieces.push(bytes);
    this.length += bytes.length;
    while (this.length - this.pieces[0]!.length >= MOST_TAIL) this.length -= this.pieces.shift()!.length;
  }

  /** The last lines, `most` at most. */
  lines(most: number): string {
    const lines = Buffer.concat(this.pieces).toString().replace(/\n$/, "").split("\n");
    return lines.slice(-most).join("\n");
  }
}
