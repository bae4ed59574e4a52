// A build in lines, each with the number of what it is about: `#5 [2/4] RUN make`. Where the subject changes, so that lines
// of two steps at once can be told apart, an empty line comes in between and the name again.

import type { OnProgress, Progress, Task } from "../../12-build/index.ts";
import type { Renderer } from "./build-progress.ts";

export function plainProgress(write: (text: string) => void): Renderer {
  const lines = new PlainLines(write);
  const tell: OnProgress = (progress) => lines.tell(progress);
  return Object.assign(tell, { close() {} });
}

class PlainLines {
  private readonly write: (text: string) => void;
  /** Numbers in the order in which they came. */
  private readonly numbers = new Map<number, number>();
  private readonly begun = new Map<number, number>();
  /** Output that has not come to the end of its line. */
  private readonly rests = new Map<number, string>();
  private last: number | undefined;

  constructor(write: (text: string) => void) {
    this.write = write;
  }

  tell(progress: Progress): void {
    if (progress.kind === "warning") this.write(`\nWARNING: ${progress.message}\n`);
    else if (progress.kind === "begun") this.begin(progress.task);
    else if (progress.kind === "output") this.output(progress.task, progress.bytes);
    else this.end(progress);
  }

  private begin(task: Task): void {
    this.begun.set(task.id, Date.now());
    this.about(task);
  }

  private about({ id, name }: Task): void {
    if (this.last === id) return;
    if (this.last !== undefined) this.write("\n");
    this.write(`#${this.numberOf(id)} ${name}\n`);
    this.last = id;
  }

  private numberOf(id: number): number {
    const number = this.numbers.get(id) ?? this.numbers.size + 1;
    this.numbers.set(id, number);
    return number;
  }

  private output(task: Task, bytes: Buffer): void {
    const lines = `${this.rests.get(task.id) ?? ""}${bytes.toString()}`.split("\n");
    this.rests.set(task.id, lines.pop() ?? "");
    for (const line of lines) this.line(task, `${this.seconds(task, 3)} ${line}`);
  }

  private line(task: Task, text: string): void {
    this.about(task);
    this.write(`#${this.numberOf(task.id)} ${text}\n`);
  }

  private end(progress: Exclude<Progress, { kind: "warning" | "begun" | "output" }>): void {
    const { task, kind } = progress;
    const rest = this.rests.get(task.id) ?? "";
    if (rest !== "") this.line(task, `${this.seconds(task, 3)} ${rest}`);
    if (kind === "cancelled") this.line(task, "CANCELED");
    else if (kind === "failed") this.fail(progress);
    else this.line(task, progress.isCached ? "CACHED" : `DONE ${this.seconds(task, 1)}s`);
  }

  private fail({ task, message, tail, excerpt }: Extract<Progress, { kind: "failed" }>): void {
    this.line(task, `ERROR: ${message.split("\n", 1)[0]}`);
    this.write(`${failureText({ task, tail, excerpt })}`);
  }

  private seconds({ id }: Task, digits: number): string {
    return ((Date.now() - (this.begun.get(id) ?? Date.now())) / 1000).toFixed(digits);
  }
}

/** The last words of what failed, and where in the Dockerfile it stands. */
export function failureText({
  task,
  tail,
  excerpt,
}: Pick<Extract<Progress, { kind: "failed" }>, "task" | "tail" | "excerpt">): string {
  const words = tail === "" ? "" : `------\n > ${task.name}:\n${tail}\n------\n`;
  return `${words}${excerpt}\n`;
}
