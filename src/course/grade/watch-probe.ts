// Follows the probe of one run: finds it, reads what there is to read each time it waits, lets it go on, and sees it end.
//
//   runtime started ──► no probe ──► found, at work ──► waits ──► evidence, SIGTERM ──► at work … ──► ended
//
// There must be only one. A fake that runs one where it is easy and another where it is safe has run none. And nobody but us
// lets it go on: a wait that is over without us, or words that are not those it was to be told, and nothing of it counts.

import { setTimeout as sleep } from "node:timers/promises";
import { askedIn, spoken, type Told, toldBy } from "./answers.ts";
import { evidenceOf, type Surroundings } from "./evidence.ts";
import { executes, processesNamed, procText, statusLine } from "./processes.ts";
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
    return ["two probes", "unreadable", "meddled with"].includes(this.outcome);
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
    const at = told.current ? this.asked.findIndex(({ at }) => at === told.current!.at) : this.asked.length;
    if ((told.isChanged || this.hasPassedWait(at)) && executes(pid, this.watching.program) === "yes")
      this.outcome = "meddled with";
    if (this.isHopeless) return false;
    this.answers = { ...this.answers, ...told.answers };
    // Let go on, it is a moment until it says so.
    this.current = Math.max(this.current, at);
    const isNew = this.asked[at]?.word === "wait" && at > this.handled;
    return isNew && this.readAndLetGo(pid);
  }

  /** It is beyond a wait at which we haven't let it go on. */
  private hasPassedWait(at: number): boolean {
    return this.asked.some(({ word }, index) => word === "wait" && index > this.handled && index < at);
  }

  private readAndLetGo(pid: number): boolean {
    const rest = restOf(pid);
    if (rest === undefined) return false;
    const is = executes(pid, this.watching.program);
    const seen = is === "yes" ? evidenceOf(pid, this.watching.surroundings) : undefined;
    // Somebody may have woken it while we looked: then what was read is of two moments.
    if (is === "no" || restOf(pid) !== rest) return false;
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

/**
 * It sleeps until a signal: nobody who is only on the way there is in this state. How often it has run before is the name of
 * this rest: the same one is found again only if it hasn't run meanwhile.
 */
function restOf(pid: number): string | undefined {
  const status = procText(pid, "status") ?? "";
  const runs = statusLine(status, "voluntary_ctxt_switches");
  return statusLine(status, "State")?.startsWith("S") ? runs : undefined;
}

function letGoOn(pid: number): boolean {
  try {
    process.kill(pid, "SIGTERM");
    return true;
  } catch {
    return false;
  }
}
