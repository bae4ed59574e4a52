// The live side of the page: what it shows is looked at twice a second and sent when it has changed; what the page wishes
// is done. While nobody looks, nothing is looked at.

import type { WebSocket } from "ws";
import type { ExerciseWatch } from "./exercise-watch.ts";
import { TABS, type Told, type Wish } from "./messages.ts";
import type { Pair } from "./pair.ts";
import type { SteppedRun } from "./stepped-run.ts";
import type { Shown, Xray } from "./xray/xray.ts";

const EVERY_MS = 500;

export interface LiveParts {
  xray: Xray;
  pair: Pair;
  run: SteppedRun;
  exercises: ExerciseWatch;
}

interface Page {
  socket: WebSocket;
  shown: Shown;
  /** Kind of message → what was sent last. */
  sent: Map<string, string>;
  unwatch: () => void;
}

/** Things go away while they are looked at; for one page that sees nothing of it, the others' server doesn't end. */
function spared(deed: () => void): void {
  try {
    deed();
  } catch (error) {
    process.stderr.write(`mini-docker: ${(error as Error).message}\n`);
  }
}

export class Live {
  private readonly parts: LiveParts;
  private readonly pages = new Set<Page>();
  private timer: NodeJS.Timeout | undefined;

  constructor(parts: LiveParts) {
    this.parts = parts;
    parts.run.onTold = (told) => this.tellAll(told);
  }

  join(socket: WebSocket): void {
    const page: Page = { socket, shown: { tab: "answers", worlds: [] }, sent: new Map(), unwatch: () => {} };
    this.pages.add(page);
    socket.on("message", (message) => spared(() => this.obey(page, wishIn(String(message)))));
    socket.on("close", () => this.leave(page));
    for (const told of this.parts.run.soFar()) send(page, told);
    this.parts.pair.begin().finally(() => this.look());
    this.timer ??= setInterval(() => spared(() => this.look()), EVERY_MS);
    this.look();
  }

  async close(): Promise<void> {
    for (const { socket } of this.pages) socket.close();
    await this.parts.run.close();
    await this.parts.pair.close();
  }

  private leave(page: Page): void {
    page.unwatch();
    this.pages.delete(page);
    if (this.pages.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private look(): void {
    const looked = this.parts.xray.look([...this.pages].map(({ shown }) => shown));
    for (const page of this.pages) for (const told of [...looked, this.parts.pair.state()]) sendIfNew(page, told);
  }

  private obey(page: Page, wish: Wish | undefined): void {
    const { pair, run } = this.parts;
    if (!wish) return;
    if ("show" in wish) {
      page.shown = { tab: wish.show, worlds: wish.worlds };
      this.look();
    } else if ("beginPair" in wish) pair.begin().finally(() => this.look());
    else if ("stepRun" in wish) run.begin(wish.stepRun);
    else if ("step" in wish) run.step(wish.step);
    else if ("lesson" in wish) this.watch(page, wish.lesson);
  }

  private watch(page: Page, lesson: string): void {
    page.unwatch();
    page.unwatch = this.parts.exercises.watch(lesson, (check) => send(page, { check }));
  }

  private tellAll(told: Told): void {
    for (const page of this.pages) send(page, told);
  }
}

function sendIfNew(page: Page, told: Told): void {
  const text = JSON.stringify(told);
  const [kind = ""] = Object.keys(told);
  if (page.sent.get(kind) === text) return;
  page.sent.set(kind, text);
  page.socket.send(text);
}

function send({ socket }: Page, told: Told): void {
  socket.send(JSON.stringify(told));
}

/** Whatever else comes is nobody's wish. */
function wishIn(text: string): Wish | undefined {
  try {
    const wish = JSON.parse(text) as unknown;
    return isWish(wish) ? wish : undefined;
  } catch {
    return undefined;
  }
}

const isText = (value: unknown): value is string => typeof value === "string";
const areTexts = (value: unknown): value is string[] => Array.isArray(value) && value.every(isText);

function isWish(wish: unknown): wish is Wish {
  if (typeof wish !== "object" || wish === null) return false;
  const { show, worlds, beginPair, stepRun, step, lesson } = wish as Record<string, unknown>;
  if (show !== undefined) return TABS.some((tab) => tab === show) && areTexts(worlds);
  if (stepRun !== undefined) return areTexts(stepRun);
  if (step !== undefined) return step === "next" || step === "rest" || step === "stop";
  return beginPair === true || isText(lesson);
}
