// What is done in the network where an ordinary user's bridges are (own-host.ts), by a command that was started in there.

import { readFileSync } from "node:fs";
import { perform, UserError } from "../../01-syscalls/index.ts";
import {
  cableSteps,
  matchHost,
  release,
  releaseNow,
  tableInPlace,
  takeDownNow,
  whileChanging,
} from "../../08-network/index.ts";
import { readContainer } from "../container.ts";
import type { Roots } from "../folders.ts";
import { cablesOf } from "./endpoint.ts";
import { isOver, type SeenInside } from "./own-host.ts";

/** `lay ID PID [NAME]`: its cables, or the one, into that process's network; `release ID [NETWORK]` and `look`, where the caller holds the lock. */
export function doInOwnHost(roots: Roots, [what, id = "", ...words]: string[]): void {
  const [pidOrNetwork, name] = words;
  if (what === "lay") whileChanging(roots.root, () => lay(roots, id, Number(pidOrNetwork), name));
  else if (what === "look") process.stdout.write(JSON.stringify(seenHere()));
  else releaseHere(roots, id, pidOrNetwork);
}

function lay(roots: Roots, id: string, pid: number, name: string | undefined): void {
  const endpoints = readContainer(roots, id)?.state.endpoints;
  if (endpoints === undefined) throw new UserError(`No such container: ${id}`);
  const cables = cablesOf(endpoints, matchHost(roots.root, roots.state));
  // Of somebody who has just ended there may be one of the same name.
  takeDownNow();
  perform(cableSteps(cables.filter((cable) => name === undefined || cable.name === name)), { pid });
}

export function seenHere(): SeenInside {
  return { links: readFileSync("/proc/net/dev", "latin1"), isGuarded: tableInPlace("netdev") !== undefined };
}

function releaseHere(roots: Roots, id: string, only: string | undefined): void {
  if (only === undefined) release(roots.root, isOver(roots, id));
  else releaseNow(roots.root, isOver(roots, id), only);
  matchHost(roots.root, roots.state);
  takeDownNow();
}
