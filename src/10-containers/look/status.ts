// A container's state in the words of `docker ps`: `Up 3 minutes`, `Exited (0) 2 hours ago`.

import type { ContainerState } from "../container.ts";
import { humanDuration } from "./duration.ts";

/** Docker's names for them. */
export const STATES = ["created", "restarting", "running", "removing", "paused", "exited", "dead"] as const;
export type StateName = (typeof STATES)[number];

/** Whoever is still being started has not begun yet, to everybody else. */
export function stateName({ status }: ContainerState): StateName {
  return status === "starting" ? "created" : status;
}

/** `now` is milliseconds since 1970. */
export function statusText(state: ContainerState, now = Date.now()): string {
  const since = (time: string) => humanDuration(now - Date.parse(time));
  const { exitCode, startedAt, finishedAt } = state;
  const texts: Record<StateName, () => string> = {
    created: () => "Created",
    restarting: () => `Restarting (${exitCode}) ${since(finishedAt)} ago`,
    running: () => `Up ${since(startedAt)}`,
    removing: () => "Removal In Progress",
    paused: () => `Up ${since(startedAt)} (Paused)`,
    exited: () => `Exited (${exitCode}) ${since(finishedAt)} ago`,
    dead: () => "Dead",
  };
  return texts[stateName(state)]();
}
