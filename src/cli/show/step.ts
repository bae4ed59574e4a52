// `--step`: a debugger for containers. The next call is shown before it is made, and waits for a key; then what came of it,
// and what it changed in /proc. Without a terminal there is nobody to wait for, and it runs through.

import type { Launched, Traced } from "../../01-syscalls/index.ts";
import { type Change, Observer } from "../../10-containers/explain/changes.ts";
import type { Ordered } from "../../10-containers/explain/in-order.ts";
import { History, type Ran } from "../../10-containers/explain/ran.ts";
import { type Ending, GivenUp, type Watch } from "../../10-containers/explain/watch.ts";
import type { Keys } from "../flags/keys.ts";
import { resultLine } from "./call-lines.ts";
import { changeLines } from "./change-lines.ts";
import { headings, type Look, stepLines, timeText } from "./explain.ts";
import { summaryLines } from "./summary.ts";

export interface StepOptions {
  look: Look;
  print: (text: string) => void;
  /** Undefined where nobody can strike one. */
  openKeys: (() => Pick<Keys, "read" | "close">) | undefined;
}

export function stepWatch(options: StepOptions): Watch {
  const walk = new Walk(options);
  return {
    stepping: true,
    onPlan: (steps) => walk.begin(steps),
    onStep: (traced, launched) => walk.step(traced, launched),
    onEnd: (outcome) => walk.end(outcome),
  };
}

const HELP = "Enter: make this call   n: next stage   c: to the end   q: give up";
const INDENT = " ".repeat(6);

class Walk {
  private readonly options: StepOptions;
  private readonly observer = new Observer();
  private history = new History([]);
  /** How far it goes before it waits again. */
  private until: "next" | "stage" | "end";
  /** The last one on the screen, and whether its result is still to come. */
  private shown: Ran | undefined;
  private isOpen = false;
  private keys: ReturnType<NonNullable<StepOptions["openKeys"]>> | undefined;

  constructor(options: StepOptions) {
    this.options = options;
    this.until = options.openKeys ? "next" : "end";
  }

  begin(steps: Ordered[]): void {
    this.history = new History(steps);
    this.keys = this.options.openKeys?.();
    this.offer(this.history.all[0]);
  }

  step(traced: Traced, launched: Launched): void {
    const ran = this.history.step(traced);
    // The launcher becomes the monitor beside all else: it is shown where the order has it.
    if (ran.list === "after") return;
    this.tell(ran, this.observer.changes(launched));
    if (ran.outcome !== "failed") this.offer(this.next(ran));
  }

  end(outcome: Ending): void {
    this.keys?.close();
    this.history.end(outcome);
    const last = this.history.all.findLast(({ list, outcome }) => list === "inside" && outcome === "done");
    if ("pid" in outcome && last) this.tell(last, this.observer.changes(outcome));
    this.print(["", ...summaryLines(this.history.all, this.options.look), ""]);
  }

  // ---- one call

  /** Shows the call that comes next and waits, if it is time to wait. */
  private offer(ran: Ran | undefined): void {
    if (!ran) return;
    for (const aside of this.between(ran)) this.show(this.spelled(aside));
    if (this.until === "stage" && ran.stage !== this.shown?.stage) this.until = "next";
    if (this.until !== "next") return;
    this.show(this.spelled(ran));
    this.isOpen = true;
    this.obey(ran);
  }

  private obey(ran: Ran): void {
    this.options.print(`${INDENT}${this.options.look.paint.inverse(` ${HELP} `)}`);
    let key = this.keys?.read();
    while (key !== undefined && !/[\r\n ncq\x03]/.test(key)) key = this.keys?.read();
    this.options.print("\r\x1b[K");
    if (key === "n") this.until = "stage";
    if (key === "c") this.until = "end";
    if (key === undefined || key === "q" || key === "\x03") throw new GivenUp(ran.step.call);
  }

  private tell(ran: Ran, changes: Change[]): void {
    const { look } = this.options;
    const { paint, columns } = look;
    if (this.isOpen) this.print([`${INDENT}${resultLine(ran, paint)}   ${timeText(ran, paint)}`.trimEnd()]);
    else this.show(ran);
    this.isOpen = false;
    this.print(changeLines(changes, { paint, columns: columns - INDENT.length }).map((line) => INDENT + line));
  }

  /** A call that is still to come, with what is known of its registers. */
  private spelled(ran: Ran): Ran {
    return ran.outcome === "planned" ? { ...ran, call: this.history.spellNext(ran) } : ran;
  }

  private show(ran: Ran): void {
    const { look } = this.options;
    const number = this.history.all.findIndex(({ list, index }) => list === ran.list && index === ran.index) + 1;
    this.print([...headings(ran, this.shown, look), ...stepLines(ran, { ...look, number, isSaid: false })]);
    this.shown = ran;
  }

  // ---- the order

  /** The next that is waited for. */
  private next(ran: Ran): Ran | undefined {
    const { all } = this.history;
    return all.slice(all.indexOf(ran) + 1).find(({ list }) => list !== "after");
  }

  /** What the launcher does of its own accord before `ran`. */
  private between(ran: Ran): Ran[] {
    const before = this.history.all.slice(0, this.history.all.indexOf(ran));
    const first = before.findLastIndex(({ list }) => list !== "after") + 1;
    return before.slice(first);
  }

  private print(lines: string[]): void {
    if (lines.length > 0) this.options.print(`${lines.join("\n")}\n`);
  }
}
