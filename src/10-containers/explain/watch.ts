// Somebody looks on while a process is made: is told the plan, each step of it, and how it ended. With `stepping` the
// plan stands still while they look. `--explain`, `--step` and `--record` are three such watchers, and know no more.

import {
  type Launched,
  type LaunchOptions,
  launch,
  type Plan,
  type Traced,
  UserError,
} from "../../01-syscalls/index.ts";
import { inOrder, type Ordered } from "./in-order.ts";

/** The program runs; or an error kept it from it. */
export type Ending = Launched | { error: unknown };

export interface Watch {
  /** Before anything runs. `steps` are all there are, in the order they will run. */
  onPlan?(steps: Ordered[]): void;
  /** After each. An error thrown here ends the launch. */
  onStep?(traced: Traced, launched: Launched): void;
  onEnd?(outcome: Ending): void;
  stepping?: boolean;
}

/** Thrown by a watcher that has seen enough: what was begun is to be taken away, a new container too. */
export class GivenUp extends UserError {
  override name = "GivenUp";

  constructor(call: string) {
    super(`given up before ${call}: what was begun is taken away`, { exitCode: 130 });
  }
}

/** `launch`, with somebody looking on. Throws what `launch` and they throw. */
export function launchWatched(plan: Plan, options: LaunchOptions, watch: Watch): Launched {
  const launched = launchOrTell(plan, options, watch);
  watch.onEnd?.(launched);
  return launched;
}

function launchOrTell(plan: Plan, options: LaunchOptions, watch: Watch): Launched {
  const { onStep, stepping = false } = watch;
  try {
    if (watch.onPlan) watch.onPlan(inOrder(plan, options.after));
    return launch(plan, { ...options, stepping, ...(onStep && { onStep: onStep.bind(watch) }) });
  } catch (error) {
    watch.onEnd?.({ error });
    throw error;
  }
}

/** Several watchers as one: the plan stands still if one of them wants it to. */
export function watchTogether(watches: Watch[]): Watch {
  return {
    onPlan: (steps) => each(watches, (watch) => watch.onPlan?.(steps)),
    onStep: (traced, launched) => each(watches, (watch) => watch.onStep?.(traced, launched)),
    onEnd: (outcome) => each(watches, (watch) => watch.onEnd?.(outcome)),
    stepping: watches.some(({ stepping }) => stepping),
  };
}

function each(watches: Watch[], tell: (watch: Watch) => void): void {
  for (const watch of watches) tell(watch);
}
