// A build on a terminal: a line for each step, with the time it has taken so far, and below a step that is at work the last
// it has said. The lines change in place; when all is over they stay.
//
//   [+] Building 1.3s (3/4)
//    => [1/4] FROM base                                0.0s
//    => CACHED [2/4] COPY . /app                       0.0s
//    => [3/4] RUN make                                 1.2s
//    => => cc -c main.c

import type { ChalkInstance } from "chalk";
import type { OnProgress, Progress, Task } from "../../12-build/index.ts";
import { failureText } from "./build-progress-plain.ts";
import { padTo, truncate } from "./width.ts";

interface Output {
  write(text: string): unknown;
  columns?: number;
  rows?: number;
}

type State = "at work" | "done" | "cached" | "failed" | "cancelled";

interface Shown {
  task: Task;
  state: State;
  beganMs: number;
  endedMs: number | undefined;
  /** Its last lines; the last one may go on. */
  tail: string[];
}

const FRAME_MS = 100;
const MOST_TAIL = 5;

export class BuildPicture {
  private readonly output: Output;
  private readonly paint: ChalkInstance;
  private readonly now: () => number;
  private readonly beganMs: number;
  private readonly steps = new Map<number, Shown>();
  /** What comes below the picture when it is over. */
  private readonly after: string[] = [];
  private readonly timer: NodeJS.Timeout;
  private drawn = 0;

  constructor(output: Output, paint: ChalkInstance, now: () => number = Date.now) {
    this.output = output;
    this.paint = paint;
    this.now = now;
    this.beganMs = now();
    this.timer = setInterval(() => this.draw(false), FRAME_MS);
  }

  readonly tell: OnProgress = (progress) => {
    if (progress.kind === "warning") this.after.push(this.paint.yellow(`WARNING: ${progress.message}\n`));
    else this.change(progress);
    this.draw(false);
  };

  close(): void {
    clearInterval(this.timer);
    this.draw(true);
    for (const text of this.after) this.output.write(text);
  }

  private change(progress: Exclude<Progress, { kind: "warning" }>): void {
    const { task, kind } = progress;
    const began = { task, state: "at work" as const, beganMs: this.now(), endedMs: undefined, tail: [""] };
    const step: Shown = this.steps.get(task.id) ?? began;
    this.steps.set(task.id, step);
    if (kind === "output") step.tail = withOutput(step.tail, progress.bytes.toString());
    else if (kind !== "begun") this.end(step, progress);
  }

  private end(step: Shown, progress: Extract<Progress, { kind: "done" | "failed" | "cancelled" }>): void {
    step.endedMs = this.now();
    step.state = progress.kind === "done" ? (progress.isCached ? "cached" : "done") : progress.kind;
    if (progress.kind === "failed") this.after.push(failureText(progress));
  }

  /** Up to the first line, each line anew, and whatever stood below is gone. */
  private draw(isLast: boolean): void {
    // A terminal that doesn't know its size says 0.
    const [columns, rows] = [this.output.columns || 80, this.output.rows || 24];
    const all = [this.heading(isLast), ...[...this.steps.values()].flatMap((step) => this.lines(step, columns))];
    // A line that has left the window can't be changed any more: the first ones have to go without.
    const lines = isLast ? all : [all[0]!, ...all.slice(1).slice(-(rows - 2))];
    const up = this.drawn > 0 ? `\x1b[${this.drawn}A` : "";
    this.output.write(`${up}${lines.map((line) => `\r${line}\x1b[K\n`).join("")}\x1b[J`);
    this.drawn = lines.length;
  }

  private heading(isLast: boolean): string {
    const steps = [...this.steps.values()];
    const ended = steps.filter(({ endedMs }) => endedMs !== undefined).length;
    const isOver = isLast && steps.every(({ state }) => state === "done" || state === "cached");
    return `[+] Building ${seconds(this.now() - this.beganMs)} (${ended}/${steps.length})${isOver ? " FINISHED" : ""}`;
  }

  private lines({ task, state, beganMs, endedMs, tail }: Shown, columns: number): string[] {
    const time = seconds((endedMs ?? this.now()) - beganMs);
    const words = { cached: "CACHED ", failed: "ERROR ", cancelled: "CANCELED ", done: "", "at work": "" }[state];
    const room = columns - time.length - 2;
    const name = padTo(truncate(` => ${words}${task.name.replaceAll(/\s+/g, " ")}`, room), room);
    const said = state === "at work" ? tail.filter((line) => line !== "").slice(-MOST_TAIL) : [];
    return [this.painted(`${name} ${time}`, state), ...said.map((line) => truncate(` => => ${line}`, columns - 1))];
  }

  private painted(line: string, state: State): string {
    if (state === "failed") return this.paint.red(line);
    return state === "done" || state === "cached" ? this.paint.blue(line) : line;
  }
}

/** Lines as a terminal would show them: what comes after a carriage return takes the place of what was there. */
function withOutput(tail: string[], text: string): string[] {
  const lines = `${tail.at(-1) ?? ""}${text}`.split("\n").map(plain);
  return [...tail.slice(0, -1), ...lines].slice(-MOST_TAIL - 1);
}

function plain(line: string): string {
  const last = line.replace(/\r+$/, "").split("\r").at(-1) ?? "";
  return last.replaceAll(/\x1b\[[0-9;?]*[a-zA-Z]/g, "").replaceAll(/[\x00-\x08\x0b-\x1f\x7f]/g, " ");
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)}s`;
}
