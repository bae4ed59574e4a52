// Runs a plan through the launcher. The protocol is drawn in native/launcher.c; this is its left column.
//
// Everything here is synchronous: a start is a few milliseconds of calls that must happen in order.

import { closeSync, readSync, writeSync } from "node:fs";
import { outsOf, type Registers } from "./bind.ts";
import { step } from "./calls.ts";
import type { Lists } from "./encode.ts";
import { ERRNO, errnoName } from "./errno.ts";
import { SyscallError } from "./error.ts";
import { isAnnouncement, isAwait, isGo } from "./handshake.ts";
import { type Performed, perform, performOne } from "./perform.ts";
import { REPORT } from "./report.ts";
import { LaunchError, reap, startLauncher } from "./start.ts";
import type { Plan, Step } from "./step.ts";

export { LaunchError } from "./start.ts";

export type ListName = keyof Plan | "after";

/**
 * One step as it ran. `result` is the kernel's, negative -errno; `ns` the time the call took. `registers` are those its
 * process was given, and those the step set besides its result.
 */
export interface Traced extends Performed {
  list: ListName;
  index: number;
}

export interface LaunchOptions {
  /** What the launcher's own process goes on to do once the child is split off; its last step is an execve. */
  after?: Step[];
  /** Descriptors of ours that the launcher gets, by the register that holds them in the plan. */
  fds?: Record<string, number>;
  /**
   * Called with every step in the order it ran, each list for itself; a failing one too. An execve that succeeds is not
   * told of: whoever made it is another program by then. `launched.pid` is 0 until the child exists.
   */
  onStep?: ((traced: Traced, launched: Launched) => void) | undefined;
  /** The launcher waits after each step until `onStep` has returned. */
  stepping?: boolean;
  /** Called when the child exists and `after` has said it is ready: the last moment before the plan's last "go". */
  beforeGo?: (launched: Launched) => void;
  /** Called when the child has come to a wait that is announced and not the last, before its "go". */
  atWait?: (launched: Launched) => void;
  /** Keep this process's stdin, stdout and stderr; otherwise all three are /dev/null. */
  keepStdio?: boolean;
  /** Stay in this process's session, so that the terminal stays the child's own. */
  keepSession?: boolean;
}

export interface Launched {
  /** The child's process id, as this process sees it. */
  pid: number;
  /** The launcher's own, which is the monitor's where `after` executes one. */
  launcherPid: number;
}

const LISTS = ["before", "inside", "after"] as const;
/** What it was at, by the numbers of protocol.h. */
const MONITOR_STAGES = [
  "begin",
  "understand what it was asked for",
  "enter the container's runtime folder",
  "make room for the exit status",
  "open the log",
  "listen for clients",
  "watch the container",
];

/** Carries a plan out and returns once the child has called execve. Throws SyscallError with the step that failed. */
export function launch(plan: Plan, options: LaunchOptions = {}): Launched {
  const session = new Session(plan, options);
  try {
    return session.run();
  } catch (error) {
    session.giveUp();
    throw error;
  } finally {
    session.close();
  }
}

class Session {
  private readonly lists: Required<Lists>;
  private readonly beside: Step[];
  private readonly options: LaunchOptions;
  private readonly control: number;
  private readonly launcherPid: number;
  private readonly given: Registers;
  private readonly outs: number[] = [];
  private readonly packet = Buffer.alloc(REPORT.SIZE);
  private pid = 0;
  private isReady: boolean;
  private isExec = false;
  /** Why earlier execve attempts of a search through $PATH came back. */
  private execErrnos: number[] = [];
  private insideDone = -1;
  /** How often the child has said that it waits. */
  private arrivals = 0;

  constructor({ before, beside, inside }: Plan, options: LaunchOptions) {
    this.lists = { before, inside, after: options.after ?? [] };
    this.beside = beside;
    this.options = options;
    this.isReady = options.after === undefined;
    const { control, launcherPid, given } = startLauncher(this.lists, options);
    this.control = control;
    this.launcherPid = launcherPid;
    this.given = given;
  }

  run(): Launched {
    while (this.pid === 0) this.receive();
    try {
      this.performBeside();
    } catch (error) {
      if (error instanceof SyscallError && (isGo(error.step) || this.isChildGone())) this.hearWhy(error);
      throw error;
    }
    while (this.receive());
    return this.launched();
  }

  /** There is nobody left to do this for: why, has been said before, unless this is it. */
  private hearWhy(known: SyscallError): void {
    try {
      while (this.receive());
    } catch (reason) {
      if (isGo(known.step) || reason instanceof SyscallError) throw reason;
    }
  }

  private isChildGone(): boolean {
    return performOne(step("kill", [this.pid, 0], { why: "is it there still?", allow: ["ESRCH"] })) < 0;
  }

  /** What was begun must not go on. The child would fail at its next wait by itself, but perhaps it is past all. */
  giveUp(): void {
    for (const pid of [this.pid, this.launcherPid]) {
      if (pid > 0) performOne(step("kill", [pid, 9], { why: "a failed start leaves nothing", allow: ["ESRCH"] }));
    }
    reap(this.launcherPid, true);
  }

  close(): void {
    closeSync(this.control);
  }

  private launched(): Launched {
    return { pid: this.pid, launcherPid: this.launcherPid };
  }

  /** The parent's list, in slices that end with a "go". Before the last one everything else must be ready. */
  private performBeside(): void {
    const waits = this.lists.inside.flatMap((step, index) => (isAwait(step) ? [index] : []));
    let registers: Registers = { control: this.control, pid: this.pid };
    let index = 0;
    let announced = 0;
    const performSlice = (steps: Step[]) => {
      registers = perform(steps, registers, (done) => this.report({ ...done, list: "beside", index: index++ }));
    };
    for (const slice of slicesUntilGo(this.beside)) {
      performSlice(slice.slice(0, -1));
      const wait = waits.shift() ?? 0;
      const isHeard = isAnnouncement(this.lists.inside[wait - 1]);
      if (isHeard) this.awaitArrival(++announced);
      this.awaitChild(wait);
      if (index === this.beside.length - 1) this.awaitReady();
      else if (isHeard) this.options.atWait?.(this.launched());
      performSlice(slice.slice(-1));
    }
  }

  /** When stepping, a byte meant as "go" must not be taken for "next step": the child has to be at its wait. */
  private awaitChild(wait: number): void {
    while (this.options.stepping && this.insideDone < wait - 1) this.receive();
  }

  private awaitArrival(count: number): void {
    while (this.arrivals < count) this.receive();
  }

  private awaitReady(): void {
    while (!this.isReady) this.receive();
    this.options.beforeGo?.(this.launched());
  }

  /** Takes one report; false at the end of file, when the child has gone over to its own program. */
  private receive(): boolean {
    const bytes = this.readPacket();
    if (bytes === REPORT.SIZE) this.take();
    else if (!this.isExec) throw new LaunchError("the launcher was killed before the container's program could start");
    return bytes > 0;
  }

  /** A child that failed before it took its "go" resets the socket. The kernel tells of that first, and once. */
  private readPacket(): number {
    try {
      return readSync(this.control, this.packet);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ECONNRESET") throw error;
      return readSync(this.control, this.packet);
    }
  }

  private take(): void {
    const kind = this.packet.readUInt32LE(0);
    const list = LISTS[this.packet.readUInt32LE(4)] ?? "after";
    const index = this.packet.readUInt32LE(8);
    const result = Number(this.packet.readBigInt64LE(16));
    const ns = Number(this.packet.readBigUInt64LE(24));
    if (kind === REPORT.STEP) this.tell(list, index, result, ns);
    else if (kind === REPORT.SPLIT) this.split(index, result, ns);
    else if (kind === REPORT.EXEC) this.exec(result);
    else if (kind === REPORT.READY) this.isReady = true;
    else if (kind === REPORT.WAITING) this.arrivals++;
    else if (kind === REPORT.OUT) this.outs.push(result);
    else if (kind === REPORT.FAILED) this.fail(list, index, result);
    else throw new LaunchError(`the monitor could not ${MONITOR_STAGES[index]}: ${errnoName(-result)}`);
  }

  private split(index: number, pid: number, ns: number): void {
    this.pid = pid;
    this.trace("before", index, pid, ns);
  }

  private fail(list: "before" | "inside" | "after", index: number, result: number): never {
    this.trace(list, index, result, 0);
    throw new SyscallError(this.lists[list][index]!, this.worstErrno(-result));
  }

  private exec(result: number): void {
    this.isExec = result === 0;
    if (result < 0) this.execErrnos.push(-result);
  }

  /** As execvp(3) reports: a program that was found but may not be run matters more than the places it was not in. */
  private worstErrno(last: number): number {
    return this.execErrnos.find((errno) => errno === ERRNO.EACCES) ?? last;
  }

  private tell(list: "before" | "inside" | "after", index: number, result: number, ns: number): void {
    this.trace(list, index, result, ns);
    if (list === "inside") this.insideDone = index;
    if (this.options.stepping && list !== "after") writeSync(this.control, "n");
  }

  private trace(list: "before" | "inside" | "after", index: number, result: number, ns: number): void {
    const step = this.lists[list][index]!;
    const set = step.args.flatMap(outsOf).map((name) => [name, this.outs.shift()]);
    const own = list === "after" ? { pid: this.pid } : {};
    this.report({ list, index, step, result, ns, registers: { ...this.given, ...own, ...Object.fromEntries(set) } });
  }

  private report(traced: Traced): void {
    this.options.onStep?.(traced, this.launched());
  }
}

function slicesUntilGo(steps: Step[]): Step[][] {
  const slices: Step[][] = [[]];
  for (const step of steps) {
    slices.at(-1)!.push(step);
    if (isGo(step)) slices.push([]);
  }
  return slices.filter((slice) => slice.length > 0);
}
