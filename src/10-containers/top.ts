// The processes of a container, read from outside: its group says which they are, /proc what they do.

import { UserError } from "../01-syscalls/index.ts";
import { groupPids } from "../04-cgroups/index.ts";
import type { Container } from "./container.ts";

/** Process ids of the host, of everything that runs in the container. Throws UserError unless it is running. */
export function containerPids({ state, record }: Container): number[] {
  if (!state.group || !["running", "paused"].includes(state.status)) {
    throw new UserError(`container ${record.id} is not running`);
  }
  return groupPids(state.group);
}
