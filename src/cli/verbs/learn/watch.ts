// `learn watch`: checks the exercise each time it is saved. At a terminal single keys ask for more.

import { once } from "node:events";
import type { Roots } from "../../../10-containers/folders.ts";
import { type Attempted, attempt, lessonAtHand } from "../../../course/grade/attempt.ts";
import { checkedLessons, type Lesson, lessonNamed } from "../../../course/grade/lesson.ts";
import { onSave } from "../../../course/grade/on-save.ts";
import { reportOf } from "../../../course/grade/report.ts";
import { exerciseFile, requireWorkshop } from "../../../course/workshop.ts";
import { readCommand } from "../../flags/command.ts";
import { COURSE_FLAGS, type CourseAsked, lookOf, PLACE_FLAGS, type PlaceAsked } from "../../flags/course-flags.ts";
import type { FlagGroup } from "../../flags/flags.ts";
import { importModule } from "../../import-module.ts";
import { interruptible } from "../../interrupt.ts";
import { writeAll } from "../../output.ts";
import { resultLines } from "../../show/grade/result.ts";
import { WORDS } from "../../show/grade/words.ts";
import { report } from "../../show/report.ts";

type Asked = CourseAsked & PlaceAsked;

const FLAGS: FlagGroup<Asked>[] = [["Options:", ...PLACE_FLAGS, ...COURSE_FLAGS]];

const SUMMARY = "Check an exercise each time it is saved";

export async function verb(argv: string[], roots: Roots): Promise<number> {
  const asked: Asked = { json: false, plain: false, onHost: false };
  const line = { name: "learn watch", operands: ["[lesson]"], flags: FLAGS, asked, summary: SUMMARY };
  const words = readCommand(line, argv);
  if (words === undefined) return 0;
  const workshop = requireWorkshop();
  const lesson = words[0] === undefined ? lessonAtHand(workshop) : lessonNamed(words[0], checkedLessons());
  return interruptible((signal) => new Watcher({ roots, workshop, asked, signal }).watch(lesson));
}

interface Setting {
  roots: Roots;
  workshop: string;
  asked: Asked;
  signal: AbortSignal;
}

/** What is to be done next; the last one counts of those that come while a check runs. */
type Wish = "check" | "hint" | "next" | "quit";

const KEYS: Record<string, Wish> = {
  "\r": "check",
  "\n": "check",
  " ": "check",
  h: "hint",
  n: "next",
  q: "quit",
  "\x04": "quit",
};
const CTRL_C = "\x03";

class Watcher {
  private readonly setting: Setting;
  private readonly isPerson: boolean;
  private wish: Wish | undefined = "check";
  private readonly bell = new EventTarget();

  constructor(setting: Setting) {
    this.setting = setting;
    this.isPerson = process.stdin.isTTY === true && process.stdout.isTTY === true && !setting.asked.json;
  }

  async watch(lesson: Lesson): Promise<number> {
    const { workshop } = this.setting;
    const letGoKeys = this.isPerson ? this.takeKeys() : () => {};
    let letGoFile = onSave(exerciseFile(workshop, lesson.name), () => this.ring("check"));
    let at = lesson;
    try {
      for (;;) {
        const wish = await this.nextWish();
        if (wish === "quit") return 0;
        if (wish === "next") {
          at = lessonAtHand(workshop);
          letGoFile();
          letGoFile = onSave(exerciseFile(workshop, at.name), () => this.ring("check"));
        }
        await this.check(at, wish === "hint");
      }
    } finally {
      letGoFile();
      letGoKeys();
    }
  }

  private ring(wish: Wish): void {
    this.wish = wish;
    this.bell.dispatchEvent(new Event("ring"));
  }

  private async nextWish(): Promise<Wish> {
    if (this.wish === undefined) await once(this.bell, "ring", { signal: this.setting.signal });
    const wish = this.wish ?? "check";
    this.wish = undefined;
    return wish;
  }

  /** What is wrong with the workshop is said, and may be mended; who watches goes on watching. */
  private async check(lesson: Lesson, isAsked: boolean): Promise<void> {
    const { roots, workshop, asked, signal } = this.setting;
    try {
      const { onHost } = asked;
      const done = await attempt({ roots, workshop, lesson, onHost, signal, isAsked, isQuiet: true }, importModule);
      this.show(lesson, done);
    } catch (error) {
      if (signal.aborted) throw error;
      report(error, 1);
    }
  }

  private show(lesson: Lesson, { graded, standing }: Attempted): void {
    const { asked } = this.setting;
    const look = lookOf(lesson.name, asked);
    const menu = this.isPerson ? ["", `  ${look.ink.faint(WORDS[look.language].menu(graded.passed))}`] : [""];
    const text = asked.json
      ? JSON.stringify(reportOf(graded, standing))
      : [...resultLines(graded, standing, look), ...menu].join("\n");
    writeAll(1, `${this.isPerson && !asked.plain ? CLEAR : ""}${text}\n`);
  }

  private takeKeys(): () => void {
    const { stdin } = process;
    const onKey = (bytes: Buffer) => {
      const key = bytes.toString();
      // Raw keys don't interrupt by themselves.
      if (key === CTRL_C) process.kill(process.pid, "SIGINT");
      else if (KEYS[key]) this.ring(KEYS[key]);
    };
    stdin.setRawMode(true).resume().on("data", onKey);
    return () => void stdin.off("data", onKey).setRawMode(false).pause();
  }
}

/** The screen, and what was scrolled off it stays. */
const CLEAR = "\x1b[2J\x1b[H";
