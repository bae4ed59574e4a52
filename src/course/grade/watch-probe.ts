// Follows the probe of one run: finds it, reads what there is to read each time it waits, lets it go on, and sees it end.
//
//   runtime started ──► no probe ──► found, at work ──► waits ──► evidence, SIGTERM ──► at work … ──► ended
//
// There must be only one. A fake that runs one where it is easy and another where it is safe has run none.

import { setTimeout as sleep } from "node:timers/promises";
import { askedIn, spoken, type Told, toldBy } from "./answers.ts";
import { evidenceOf, type Surroundings } from "./evidence.ts";
import { executes, isRunning, processesNamed, procText, statusLine } from "./processes.ts";
import type { Evidence, SeenOutcome } from "./seen.ts";

export interface Watching {
  name: string;
  program: Buffer;
  /** As they are said to the probe, and as the scenario has them. */
  words: string[];
  named: string[];
  surroundings: Surroundings;
  /** Processes that were there before. */
  known: ReadonlySet<number>;
  /** The runtime has ended. */
  isOver(): boolean;
  /** As Date.now() tells time. */
  deadline: number;
  signal: AbortSignal;
}

export interface Watched {
  outcome: SeenOutcome;
  moments: Evidence[];
  answers: Told["answers"];
  /** The word that it was at when it vanished. */
  killedAt?: string;
}

const [QUICK_MS, SLOW_MS] = [2, 15];

/** Until the runtime has ended, or the time is over, or it is clear that nothing can come of it. */
export async function watchProbe(watching: Watching): Promise<Watched> {
  const probe = new Probe(watching);
  for (let waitMs = QUICK_MS; ; waitMs = Math.min(waitMs * 1.3, SLOW_MS)) {
    watching.signal.throwIfAborted();
    // Asked first: what was started before the runtime ended is still found below.
    const isOver = watching.isOver();
    const isThere = probe.find();
    if (probe.look()) waitMs = QUICK_MS;
    if (probe.isHopeless || (isOver && !isThere)) return probe.watched();
    if (Date.now() > watching.deadline) return { ...probe.watched(), outcome: "too slow" };
    await sleep(waitMs);
  }
}

class Probe {
  private readonly watching: Watching;
  private readonly asked;
  private outcome: SeenOutcome = "not started";
  private readonly moments: Evidence[] = [];
  private answers: Told["answers"] = {};
  /** Every one that was ever there. */
  private readonly pids: number[] = [];
  /** The last of its waits that it was let go on from, and where it was seen last. */
  private handled = -1;
  private current = 0;

  constructor(watching: Watching) {
    this.watching = watching;
    this.asked = askedIn(watching.named);
  }

  get isHopeless(): boolean {
    return this.outcome === "two probes" || this.outcome === "unreadable";
  }

  /** Whether one is there. */
  find(): boolean {
    const found = processesNamed(this.watching.name, this.watching.known);
    this.pids.push(...found.filter((pid) => !this.pids.includes(pid)));
    if (this.pids.length > 1) this.outcome = "two probes";
    return found.length > 0;
  }

  /** Whether it was seen to wait, and let go on. */
  look(): boolean {
    const [pid] = this.pids;
    const told =
      pid === undefined || this.isHopeless ? undefined : toldBy(pid, this.watching.words, this.watching.named);
    if (pid === undefined || told === undefined) return false;
    this.answers = { ...this.answers, ...told.answers };
    const at = told.current ? this.asked.findIndex(({ at }) => at === told.current!.at) : this.asked.length;
    // Let go on, it is a moment until it says so.
    this.current = Math.max(this.current, at);
    const isNew = this.asked[at]?.word === "wait" && at > this.handled;
    return isNew && isWaiting(pid) && this.readAndLetGo(pid);
  }

  private readAndLetGo(pid: number): boolean {
    const is = executes(pid, this.watching.program);
    const seen = is === "yes" ? evidenceOf(pid, this.watching.surroundings) : undefined;
    if (is === "no" || !isRunning(pid)) return false;
    if (seen === undefined || !letGoOn(pid)) {
      this.outcome = "unreadable";
      return false;
    }
    this.outcome = "seen";
    this.moments.push(seen);
    this.handled = this.current++;
    return true;
  }

  watched(): Watched {
    const { outcome, moments, answers } = this;
    const at = this.asked[this.current];
    return { outcome, moments, answers, ...(at && { killedAt: spoken(at) }) };
  }
}

/** It sleeps until a signal: nobody who is only on the way there is in this state. */
function isWaiting(pid: number): boolean {
  return statusLine(procText(pid, "status") ?? "", "State")?.startsWith("S") ?? false;
}

function letGoOn(pid: number): boolean {
  try {
    process.kill(pid, "SIGTERM");
    return true;
  } catch {
    return false;
  }
}
