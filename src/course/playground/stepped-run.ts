// A run that the page walks through, call by call, while it happens. It happens in a process of its own (walk.ts); here is
// what that one says, kept for pages that are opened in the middle of it.

import { type ChildProcessByStdio, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import type { Told } from "./messages.ts";
import { GO_ON } from "./walk.ts";

/** A command line of this program. */
export type Program = (...argv: string[]) => string[];

export class SteppedRun {
  onTold: (told: Told) => void = () => {};
  private readonly program: Program;
  private told: Told[] = [];
  private child: ChildProcessByStdio<Writable, Readable, Readable> | undefined;
  /** Also when it was told to stop: what others still say isn't of this run. */
  private latest: SteppedRun["child"];
  private ended: Promise<unknown> = Promise.resolve();

  constructor(program: Program) {
    this.program = program;
  }

  soFar(): Told[] {
    return this.told;
  }

  /** `argv` is what `run` takes. One that is under way is ended first. */
  begin(argv: string[]): void {
    this.stop();
    this.told = [];
    const [command = "", ...words] = this.program("internal", "walk", ...argv);
    // Ctrl-C in our terminal is for us: it ends when its input does, and takes its container along.
    const child = spawn(command, words, { stdio: ["pipe", "pipe", "pipe"], detached: true });
    this.child = child;
    this.latest = child;
    this.ended = new Promise((resolve) => child.on("close", resolve));
    let complaint = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      complaint += text;
    });
    createInterface({ input: child.stdout }).on("line", (line) => {
      const told = toldIn(line);
      if (!told) complaint += `${line}\n`;
      else if (child === this.latest) this.hear(told);
    });
    child.stdin.on("error", () => {});
    child.on("error", ({ message }) => {
      complaint += message;
    });
    child.on("close", () => this.over(child, complaint));
  }

  step(how: "next" | "rest" | "stop"): void {
    if (how === "stop") this.stop();
    else this.child?.stdin.write(GO_ON[how]);
  }

  /** It takes away what it has begun, or the container that it has started. */
  stop(): void {
    this.child?.stdin.end();
    this.child = undefined;
  }

  /** The same, and waits until nothing is left of it. */
  async close(): Promise<void> {
    this.stop();
    await this.ended;
  }

  private hear(told: Told): void {
    this.told.push(told);
    this.onTold(told);
  }

  private over(child: SteppedRun["child"], complaint: string): void {
    if (child !== this.latest) return;
    this.child = undefined;
    const isSaid = this.told.some((told) => "runEnded" in told);
    if (!isSaid) this.hear({ runEnded: "ended", error: complaint.trim() });
  }
}

/** Undefined for what is no message, such as the text of `--help`. */
function toldIn(line: string): Told | undefined {
  try {
    return JSON.parse(line) as Told;
  } catch {
    return undefined;
  }
}
