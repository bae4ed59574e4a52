// The arena: each published escape is performed for real, against a container that is made for it and thrown away. See
// attacks/ for what they are; here they are let in, a few at a time.

import { chmodSync } from "node:fs";
import { availableParallelism } from "node:os";
import { UserError } from "../../01-syscalls/index.ts";
import { ensureImage } from "../../06-images/index.ts";
import type { Roots } from "../folders.ts";
import { inOwnFolders } from "../own-folders.ts";
import type { Attack, Verdict } from "./attack.ts";
import { leaveASetuidProgram, libraryForCp, shareAnotherShm } from "./attacks/engine.ts";
import {
  inheritCapabilities,
  leakedDescriptors,
  overwriteTheRuntime,
  traceWhoEnters,
  workdirOfAnImage,
} from "./attacks/entering.ts";
import {
  archivePaths,
  consoleByALink,
  linksForFiles,
  linksForFolders,
  maskByALink,
  procElsewhere,
  redirectedWrite,
  usersWithoutEnd,
} from "./attacks/images.ts";
import { leaveByChroot, reachTheKernel, readTheKeys } from "./attacks/kernel.ts";
import {
  abstractSockets,
  makeADisk,
  mountAnew,
  newNamespaces,
  readTheNeighbours,
  releaseAgent,
  setTheMachine,
} from "./attacks/machine.ts";
import { exchangeAMountPoint, exchangeWhatIsCopied } from "./attacks/races.ts";
import { engineTarget } from "./engine-target.ts";
import { Ground } from "./ground.ts";
import { runtimeTarget } from "./runtime-target.ts";

/** From what a container is, to who enters it, to what it is made from. */
export const ATTACKS: readonly Attack[] = [
  leaveByChroot,
  setTheMachine,
  readTheNeighbours,
  makeADisk,
  mountAnew,
  newNamespaces,
  releaseAgent,
  reachTheKernel,
  readTheKeys,
  abstractSockets,
  overwriteTheRuntime,
  traceWhoEnters,
  leakedDescriptors,
  workdirOfAnImage,
  inheritCapabilities,
  linksForFolders,
  linksForFiles,
  procElsewhere,
  maskByALink,
  consoleByALink,
  redirectedWrite,
  archivePaths,
  usersWithoutEnd,
  exchangeAMountPoint,
  exchangeWhatIsCopied,
  libraryForCp,
  leaveASetuidProgram,
  shareAnotherShm,
];

/** Those whose name or CVE has one of these words in it. Throws UserError for a word that none has. */
export function attacksNamed(words: readonly string[]): Attack[] {
  const isMeant = ({ name, cve = [] }: Attack, word: string) =>
    [name, ...cve].some((text) => text.toLowerCase().includes(word.toLowerCase()));
  const stray = words.find((word) => !ATTACKS.some((attack) => isMeant(attack, word)));
  if (stray !== undefined) throw new UserError(`no attack is called ${JSON.stringify(stray)}`);
  return ATTACKS.filter((attack) => words.some((word) => isMeant(attack, word)));
}

/** Rings that can be turned off, and the flags that do it. */
export const RINGS = {
  seccomp: ["--security-opt", "seccomp=unconfined"],
  capabilities: ["--cap-add", "ALL"],
  masks: ["--security-opt", "systempaths=unconfined"],
  all: ["--privileged"],
} satisfies Record<string, string[]>;

export type Ring = keyof typeof RINGS;

export interface ArenaOptions {
  /** Another runtime, by its name or path. */
  runtime?: string;
  /** How often each race is run; a few times unless said. */
  tries?: number;
  without?: readonly Ring[];
  attacks?: readonly Attack[];
}

export interface Score extends Pick<Attack, "name" | "cve"> {
  outcome: Verdict["outcome"] | "not performed";
  evidence: string;
}

/** Performs the attacks; each score is also given to `onScore`, in order. Throws UserError where none can be. */
export async function holdArena(
  roots: Roots,
  { runtime, tries, without = [], attacks = ATTACKS }: ArenaOptions,
  onScore: (score: Score) => void = () => {},
): Promise<Score[]> {
  if (process.getuid?.() !== 0)
    throw new UserError("the arena is root's: what an attack wins here is what root could lose");
  return inOwnFolders(roots, "arena-", async (own) => {
    // An ordinary user shall be kept out by the engine, and not by these folders.
    chmodSync(own.root, 0o711);
    await ensureImage(own.root, "base");
    const flags = without.flatMap((ring) => RINGS[ring]);
    const target =
      runtime === undefined
        ? engineTarget(own, flags)
        : await runtimeTarget({ program: runtime, folder: own.state, roots: own }, flags);
    const ground = new Ground({ target, roots: own, folder: own.state, tries });
    return fewAtATime(attacks, (attack) => scoreOf(attack, ground), onScore);
  });
}

async function scoreOf(attack: Attack, ground: Ground): Promise<Score> {
  const { name, cve } = attack;
  const about = { name, ...(cve && { cve }) };
  try {
    return { ...about, ...(await attack.perform(ground)) };
  } catch (error) {
    return { ...about, outcome: "not performed", evidence: (error as Error).message };
  }
}

/** Most of an attack's time is waiting. What comes out is told in order, as soon as all before it is known. */
async function fewAtATime<T, R>(
  items: readonly T[],
  work: (item: T) => Promise<R>,
  tell: (result: R) => void,
): Promise<R[]> {
  const results = new Map<number, R>();
  let [next, told] = [0, 0];
  const worker = async () => {
    while (next < items.length) {
      const index = next++;
      results.set(index, await work(items[index]!));
      while (results.has(told)) tell(results.get(told++)!);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() + 1 }, worker));
  return items.map((_, index) => results.get(index)!);
}
