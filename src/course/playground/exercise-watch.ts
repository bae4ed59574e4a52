// The student's exercise, checked whenever it is saved: nobody has to press anything. The check is a process of its own,
// since it starts containers, and one of it runs at a time.

import { execFile } from "node:child_process";
import { existsSync, type FSWatcher, watch } from "node:fs";
import { basename } from "node:path";
import type { Said } from "../language.ts";
import { exerciseFile } from "../workshop.ts";
import type { CheckResult } from "./messages.ts";
import type { Program } from "./stepped-run.ts";

type Tell = (result: CheckResult) => void;

/** An editor writes a file in several steps, and some give it another name meanwhile. */
const SETTLED_MS = 150;

/** What `internal check` prints. */
interface Checked {
  passed: boolean;
  goals: { id: string; goal: Said; reached: boolean; reachedBefore?: true; hint?: { say: Said } }[];
}

export class ExerciseWatch {
  private readonly workshop: string | undefined;
  private readonly program: Program;
  private last: Promise<unknown> = Promise.resolve();

  constructor(workshop: string | undefined, program: Program) {
    this.workshop = workshop;
    this.program = program;
  }

  /** `tell` is called now, and whenever something is known anew, until the returned function is called. */
  watch(lesson: string, tell: Tell): () => void {
    if (this.workshop === undefined || !/^\d\d-[\w-]+$/.test(lesson)) return () => {};
    const watching = new Watching(exerciseFile(this.workshop, lesson), lesson, tell, () => this.check(lesson));
    return () => watching.close();
  }

  private check(lesson: string): Promise<Checked> {
    const next = this.last.then(() => this.checkNow(lesson));
    this.last = next.catch(() => {});
    return next;
  }

  private checkNow(lesson: string): Promise<Checked> {
    const [command = "", ...words] = this.program("internal", "check", lesson, this.workshop!);
    return new Promise((resolve, reject) => {
      execFile(command, words, { encoding: "utf8" }, (error, stdout, stderr) => {
        if (error) reject(new Error(stderr.trim() || error.message));
        else resolve(JSON.parse(stdout) as Checked);
      });
    });
  }
}

class Watching {
  private readonly path: string;
  private readonly tell: Tell;
  private readonly check: () => Promise<Checked>;
  private readonly watcher: FSWatcher;
  private known: CheckResult;
  private timer: NodeJS.Timeout | undefined;
  private isOver = false;

  constructor(path: string, lesson: string, tell: Tell, check: () => Promise<Checked>) {
    this.path = path;
    this.tell = tell;
    this.check = check;
    this.known = { lesson, status: "waiting", file: basename(path), goals: [] };
    // The folder, since a file that is replaced is another one.
    this.watcher = watch(path.slice(0, -basename(path).length), (_, name) => {
      if (name === basename(path)) this.begin();
    }).on("error", () => this.close());
    this.say({});
    if (existsSync(path)) this.begin();
  }

  close(): void {
    this.isOver = true;
    clearTimeout(this.timer);
    this.watcher.close();
  }

  private begin(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.look(), SETTLED_MS);
  }

  private async look(): Promise<void> {
    if (!existsSync(this.path)) return this.say({ status: "waiting" });
    this.say({ status: "checking" });
    try {
      this.say(resultOf(await this.check()));
    } catch (error) {
      const why = (error as Error).message;
      this.say({ status: "broken", hint: { en: why, zh: why } });
    }
  }

  private say(change: Partial<CheckResult>): void {
    if (this.isOver) return;
    const { hint: _, ...known } = this.known;
    this.known = { ...known, ...change };
    this.tell(this.known);
  }
}

/** A goal that was reached once stays lit. */
function resultOf({ passed, goals }: Checked): Partial<CheckResult> {
  const hint = goals.find(({ reached }) => !reached)?.hint?.say;
  return {
    status: passed ? "passed" : "failed",
    goals: goals.map(({ id, goal, reached, reachedBefore }) => {
      return { id, says: goal, isReached: reached || reachedBefore === true };
    }),
    ...(hint && { hint }),
  };
}
