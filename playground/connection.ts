// The page's side of the live socket: what was told last of everything, for whoever shows it. It comes back by itself when
// the server was away for a moment.

import { useEffect, useState } from "preact/hooks";
import type { RecordedMachine, RecordedStep } from "../src/10-containers/explain/record.ts";
import type {
  Answer,
  CheckResult,
  GroupRow,
  Layers,
  NetworkPlace,
  ProcessRow,
  Question,
  Told,
  Wish,
  World,
} from "../src/course/playground/messages.ts";

/** A run that is under way, as far as it has come. */
export interface LiveRun {
  command: string[];
  machine: RecordedMachine;
  total: number;
  steps: RecordedStep[];
  next?: { call: string; why: string };
  outcome?: "started" | "failed" | "ended";
  error?: string;
}

export interface Known {
  isConnected: boolean;
  worlds: World[];
  pair: "none" | "beginning" | "there";
  problem?: string;
  answers: Record<string, Record<Question, Answer>>;
  groups: GroupRow[];
  layers: Layers[];
  networks: NetworkPlace[];
  processes: ProcessRow[];
  run?: LiveRun;
  checks: Record<string, CheckResult>;
}

const RETRY_MS = 1_000;

class Connection {
  known: Known = {
    isConnected: false,
    worlds: [],
    pair: "none",
    answers: {},
    groups: [],
    layers: [],
    networks: [],
    processes: [],
    checks: {},
  };
  private socket: WebSocket | undefined;
  private readonly listeners = new Set<() => void>();
  /** What a new connection has to hear again. */
  private readonly standing = new Map<string, Wish>();

  constructor() {
    this.connect();
  }

  say(wish: Wish): void {
    if ("show" in wish || "lesson" in wish) this.standing.set(Object.keys(wish)[0]!, wish);
    if (this.known.isConnected) this.socket?.send(JSON.stringify(wish));
  }

  listen(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private connect(): void {
    const socket = new WebSocket(socketUrl("live"));
    this.socket = socket;
    socket.onopen = () => {
      const { run: _, ...rest } = this.known;
      this.learn({ ...rest, isConnected: true });
      for (const wish of this.standing.values()) this.say(wish);
    };
    socket.onmessage = ({ data }) => this.learn(withTold(this.known, JSON.parse(data) as Told));
    socket.onclose = () => {
      this.learn({ ...this.known, isConnected: false });
      setTimeout(() => this.connect(), RETRY_MS);
    };
  }

  private learn(known: Known): void {
    this.known = known;
    for (const listener of this.listeners) listener();
  }
}

function withTold(known: Known, told: Told): Known {
  if ("pair" in told) {
    const { problem: _, ...rest } = known;
    return { ...rest, ...told };
  }
  if ("check" in told) return { ...known, checks: { ...known.checks, [told.check.lesson]: told.check } };
  if ("run" in told) return { ...known, run: { ...told.run, total: told.total, steps: [] } };
  if (!("ran" in told) && !("runEnded" in told)) return { ...known, ...told };
  return known.run ? { ...known, run: withStep(known.run, told) } : known;
}

function withStep(run: LiveRun, told: Extract<Told, { ran: unknown } | { runEnded: unknown }>): LiveRun {
  const { next: _, ...rest } = run;
  if ("runEnded" in told) return { ...rest, outcome: told.runEnded, ...(told.error && { error: told.error }) };
  return { ...rest, steps: [...run.steps, told.ran], ...(told.next && { next: told.next }) };
}

/** Below the token that the page itself lies below. */
export function socketUrl(name: string): URL {
  const url = new URL(name, location.href);
  url.protocol = "ws:";
  url.search = "";
  return url;
}

export const connection = new Connection();

export function useKnown(): Known {
  const [known, setKnown] = useState(connection.known);
  useEffect(() => connection.listen(() => setKnown(connection.known)), []);
  return known;
}
