// A plan and how it went. The plan says what there is and in which order; the trace says what came of each call. Put
// together: the list that `--explain` prints.

import {
  ERRNO,
  isAwait,
  type Registers,
  refsOf,
  type Step,
  SyscallError,
  spellWith,
  type Traced,
} from "../../01-syscalls/index.ts";
import type { Ordered } from "./in-order.ts";
import type { Ending, Watch } from "./watch.ts";

export type Outcome =
  /** Nothing is known of it: it hasn't run, or never will. */
  | "planned"
  | "done"
  /** It failed with an errno that the step allows. */
  | "allowed"
  /** Not called, because an earlier allowed failure left it nothing to work on. */
  | "left out"
  | "failed";

export interface Ran extends Ordered {
  /** Whose decision it was: `02-rootfs`, `pivotSteps`. What no stage decided is in the plan's own words, those of 01. */
  stage: string;
  by: string;
  /** Of whose module, where it isn't ours. */
  file?: string;
  outcome: Outcome;
  /** As strace would print it, with the registers that were known. */
  call: string;
  /** The kernel's: negative is -errno. Of a step that was left out, the errno that is to blame. */
  result?: number;
  /** Of a step that was left out: the register that is empty. */
  missing?: string;
  /** Nanoseconds. Missing where nobody was left to tell, as after execve. */
  ns?: number;
  /** It waited for another process; the time is no work. */
  isWait: boolean;
}

/** Follows a launch, and tells of it when the program runs or something has kept it from that. */
export function historyWatch(tell: (all: Ran[]) => void): Watch {
  let history = new History([]);
  return {
    onPlan: (steps) => {
      history = new History(steps);
    },
    onStep: (traced) => {
      history.step(traced);
    },
    onEnd: (ending) => {
      history.end(ending);
      tell(history.all);
    },
  };
}

/** Follows a launch. What it is told, it puts into `all`. */
export class History {
  readonly all: Ran[];
  /** Registers by the process that has them: the launcher's become the child's at the split. */
  private readonly registers: Record<"launcher" | "child" | "parent", Registers> = {
    launcher: {},
    child: {},
    parent: {},
  };

  constructor(planned: Ordered[]) {
    this.all = planned.map((entry) => ({
      ...entry,
      stage: entry.step.stage ?? "01-syscalls",
      by: entry.step.by ?? "plan",
      ...(entry.step.file !== undefined && { file: entry.step.file }),
      outcome: "planned",
      call: spellWith({}, briefly(entry.step)),
      isWait: isAwait(entry.step),
    }));
  }

  /** The call as it is about to be made, with what is known of its registers so far. */
  spellNext({ list, step }: Ordered): string {
    return spellWith(valuesOf(this.registersOf(list)), briefly(step));
  }

  /** Takes a step that ran, and returns what has become of it. */
  step({ list, index, step, result, ns, registers }: Traced): Ran {
    const own = this.registersOf(list);
    Object.assign(own, registers);
    const ran = this.all.find((each) => each.list === list && each.index === index)!;
    Object.assign(ran, { ...outcomeOf(step, result, own), call: this.spellNext(ran), result, ns });
    if (step.as !== undefined) own[step.as] = result;
    if (step.call === "clone3") this.registers.child = { ...own };
    return ran;
  }

  /** Nobody reports an execve that succeeds; how far all came says which ones they were. */
  end(outcome: Ending): void {
    const monitor = this.all.filter(({ list }) => list === "after");
    if (monitor.findIndex((ran) => ran.outcome === "planned") === monitor.length - 1) this.succeed("after");
    if ("error" in outcome) this.fail(outcome.error);
    else this.succeed("inside");
  }

  private succeed(list: Ordered["list"]): void {
    const last = this.all.find((ran) => ran.list === list && ran.outcome === "planned");
    if (last) Object.assign(last, { outcome: "done", result: 0, call: this.spellNext(last) });
  }

  /** A failing call of this process is an error before it is a step that ran. */
  private fail(error: unknown): void {
    if (!(error instanceof SyscallError)) return;
    const failed = this.all.find(({ step, outcome }) => step === error.step && outcome === "planned");
    if (failed) Object.assign(failed, { outcome: "failed", result: -error.errno, call: this.spellNext(failed) });
  }

  private registersOf(list: Ordered["list"]): Registers {
    return this.registers[list === "beside" ? "parent" : list === "inside" ? "child" : "launcher"];
  }
}

function outcomeOf({ args, allow = [] }: Step, result: number, registers: Registers): Pick<Ran, "outcome" | "missing"> {
  const empty = args.flatMap(refsOf).find(({ reg }) => (registers[reg] ?? 0) < 0);
  if (empty) return { outcome: "left out", missing: empty.reg };
  if (result >= 0) return { outcome: "done" };
  return { outcome: allow.some((name) => ERRNO[name] === -result) ? "allowed" : "failed" };
}

/** Registers with a value; one that holds an allowed failure has none to show. */
function valuesOf(registers: Registers): Registers {
  return Object.fromEntries(Object.entries(registers).filter(([, value]) => value >= 0));
}

/** Structures of these calls grew with the years, and most of each is zero. */
const MOSTLY_ZERO: Step["call"][] = ["clone3", "mount_setattr", "openat2"];

/** What says nothing is left out, as strace leaves it out. */
function briefly(step: Step): Step {
  if (step.call === "prctl") return { ...step, args: withoutZeros(step.args) };
  if (!MOSTLY_ZERO.includes(step.call)) return step;
  const args = step.args.map((arg) =>
    typeof arg === "object" && arg !== null && "struct" in arg
      ? { struct: arg.struct.filter(({ value }) => value !== 0 && value !== 0n) }
      : arg,
  );
  return { ...step, args };
}

/** An option of prctl and its first argument mean something, zeros that follow only fill the registers. */
function withoutZeros(args: Step["args"]): Step["args"] {
  return args.slice(0, Math.max(2, args.findLastIndex((arg) => arg !== 0) + 1));
}
