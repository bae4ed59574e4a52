// Walks through a list of calls, one by one: what each is, why it is there, and what it changed. From any of them on, two
// moments can be compared. The list may still be growing, where the run is happening now.

import { useEffect, useRef, useState } from "preact/hooks";
import type { RecordedMachine, RecordedStep } from "../../src/10-containers/explain/record.ts";
import { useWords } from "../settings.ts";
import { brief, ChangesList, glance } from "./changes-list.tsx";
import { differences, signOf } from "./moments.ts";
import { useWhy } from "./why.ts";

export interface WalkedRun {
  command: string[];
  machine: RecordedMachine;
  steps: RecordedStep[];
  total: number;
  outcome?: "started" | "failed" | "ended";
  error?: string;
}

interface WalkerProps {
  run: WalkedRun;
  /** Tells it from others on the page. */
  id: string;
  /** The call that is shown first, from 0. */
  begin?: number;
  /** Stands behind the buttons: what else can be done with it. */
  children?: preact.ComponentChildren;
  /** Instead of going forward at the end of the list: the next call is made. */
  onNext?: (() => void) | undefined;
}

export function Walker({ run, id, begin = 0, children, onNext }: WalkerProps) {
  const words = useWords();
  const { steps } = run;
  const [at, setAt] = useState(begin);
  const [mark, setMark] = useState<number>();
  const [isBrief, setBrief] = useState(false);
  const go = (to: number) => setAt(Math.min(Math.max(to, 0), steps.length - 1));

  // Where a run is happening, the newest call is the one to look at.
  useEffect(() => {
    if (onNext) setAt(steps.length - 1);
  }, [steps.length]);

  const shown = steps
    .map((step, index) => ({ step, index }))
    .filter(({ step, index }) => isTold(step, isBrief) || index === at);
  const neighbour = (by: number) => shown[shown.findIndex(({ index }) => index === at) + by]?.index;
  const forward = () => {
    const next = neighbour(1);
    if (next !== undefined) go(next);
    else onNext?.();
  };
  const backward = () => go(neighbour(-1) ?? at);
  const step = steps[at];

  return (
    <div class="walker">
      <p class="command">
        <code>mini-docker {run.command.join(" ")}</code>
        <small>
          {run.machine.kernel} · cgroup {run.machine.cgroups}
        </small>
      </p>
      <div class="controls">
        <button type="button" aria-label={words.first} title={words.first} onClick={() => go(0)}>
          ⇤
        </button>
        <button type="button" aria-label={words.back} title={words.back} onClick={backward}>
          ←
        </button>
        <button type="button" class="main" onClick={forward}>
          {onNext && neighbour(1) === undefined ? words.nextLive : words.next} →
        </button>
        <button type="button" aria-label={words.last} title={words.last} onClick={() => go(steps.length - 1)}>
          ⇥
        </button>
        <button
          type="button"
          class="quiet"
          aria-pressed={mark !== undefined}
          onClick={() => setMark(mark === undefined ? at : undefined)}
        >
          {mark === undefined ? words.setMark : words.clearMark}
        </button>
        <label class="check">
          <input type="checkbox" checked={isBrief} onChange={({ currentTarget }) => setBrief(currentTarget.checked)} />
          {words.onlyChanging}
        </label>
        {children}
      </div>
      <input
        type="range"
        min={1}
        max={Math.max(1, run.total)}
        value={at + 1}
        aria-label={words.call(at + 1, run.total)}
        onInput={({ currentTarget }) => go(Number(currentTarget.value) - 1)}
      />
      <div class="walk">
        <CallList id={id} shown={shown} at={at} mark={mark} onGo={go} onForward={forward} onBackward={backward} />
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached with keys */}
        <section class="detail" aria-live="polite" aria-label={words.call(at + 1, run.total)} tabIndex={0}>
          {step && <Detail step={step} total={run.total} />}
          {mark !== undefined && step && <Compared steps={steps} from={mark} to={at} />}
          {at === steps.length - 1 && run.outcome && (
            <p class="ending" data-outcome={run.outcome}>
              {words.endings[run.outcome]} {run.error}
            </p>
          )}
        </section>
      </div>
    </div>
  );
}

function isTold({ changes, outcome }: RecordedStep, isBrief: boolean): boolean {
  return !isBrief || changes.length > 0 || outcome === "failed";
}

interface CallListProps {
  id: string;
  shown: { step: RecordedStep; index: number }[];
  at: number;
  mark: number | undefined;
  onGo(index: number): void;
  onForward(): void;
  onBackward(): void;
}

function CallList({ id, shown, at, mark, onGo, onForward, onBackward }: CallListProps) {
  const words = useWords();
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // Only the list moves, never the page around it.
    const chosen = list.current?.querySelector<HTMLElement>("[aria-selected=true]");
    if (!chosen || !list.current) return;
    const { offsetTop, offsetHeight } = chosen;
    list.current.scrollTop = offsetTop - (list.current.clientHeight - offsetHeight) / 2;
  }, [at, shown.length]);

  const onKey = (event: KeyboardEvent) => {
    const moves: Record<string, () => void> = {
      ArrowDown: onForward,
      ArrowUp: onBackward,
      Home: () => onGo(0),
      End: () => onGo(shown.at(-1)?.index ?? 0),
    };
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    move();
  };

  return (
    <div
      class="calls"
      role="listbox"
      aria-label={words.calls}
      aria-activedescendant={`${id}-call-${at}`}
      tabIndex={0}
      ref={list}
      onKeyDown={onKey}
    >
      {shown.map(({ step, index }) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: keys are the list's, which has the focus
        <div
          role="option"
          tabIndex={-1}
          id={`${id}-call-${index}`}
          key={index}
          aria-selected={index === at}
          data-mark={index === mark}
          data-outcome={step.outcome}
          data-stage={step.stage.slice(0, 2)}
          onClick={() => onGo(index)}
        >
          <span class="number">{step.n}</span>
          <span class="stage">{step.stage.slice(0, 2)}</span>
          <code>{glance(step.call)}</code>
          <Counts step={step} />
        </div>
      ))}
    </div>
  );
}

function Counts({ step: { changes } }: { step: RecordedStep }) {
  const count = (sign: string) => changes.filter((change) => signOf(change) === sign).length;
  return (
    <span class="counts">
      {(["+", "−", "~"] as const).map(
        (sign) =>
          count(sign) > 0 && (
            <span key={sign} data-sign={sign}>
              {sign}
              {count(sign)}
            </span>
          ),
      )}
    </span>
  );
}

function Detail({ step, total }: { step: RecordedStep; total: number }) {
  const words = useWords();
  const why = useWhy();
  return (
    <>
      <p class="place">
        {words.call(step.n, total)} ·{" "}
        <span class="stage" data-stage={step.stage.slice(0, 2)}>
          {step.source}
        </span>
      </p>
      <pre class="call">
        <code>{brief(step.call)}</code>
      </pre>
      <p class="result" data-outcome={step.outcome}>
        {words.outcomes[step.outcome]}
        {step.result !== undefined && ` = ${step.result}`}
        {step.ns !== undefined && ` · ${timeText(step.ns)}`}
      </p>
      <p class="why">
        <Said text={why(step.why)} />
      </p>
      <h3>{words.changed}</h3>
      {step.changes.length === 0 ? <p class="faint">{words.nothingChanged}</p> : <ChangesList changes={step.changes} />}
    </>
  );
}

/** What stands between backticks is said by a machine. */
function Said({ text }: { text: string }) {
  return <>{text.split("`").map((piece, index) => (index % 2 === 0 ? piece : <code key={index}>{piece}</code>))}</>;
}

function Compared({ steps, from, to }: { steps: RecordedStep[]; from: number; to: number }) {
  const words = useWords();
  const changes = differences(steps, from, to);
  return (
    <section class="compared">
      <h3>{words.compared(from + 1, to + 1)}</h3>
      {changes.length === 0 ? <p class="faint">= {words.unchanged}</p> : <ChangesList changes={changes} />}
    </section>
  );
}

function timeText(ns: number): string {
  if (ns < 1000) return `${ns} ns`;
  return ns < 1e6 ? `${(ns / 1e3).toFixed(1)} µs` : `${(ns / 1e6).toFixed(1)} ms`;
}
