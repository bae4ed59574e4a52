// What was begun and has to come to an end, also when who has begun it is killed: it is written down first, in a file that
// its process keeps locked (flock(2)). A lock goes with its process, however that ends. So whoever finds such a file without
// its lock has found what nobody will tidy up any more.
//
//   STATE/unfinished-1f3a…    one fact a line: {"folder":"/tmp/check-…"} {"probe":"probe-…"}

import { randomBytes } from "node:crypto";
import { appendFileSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { O } from "../01-syscalls/index.ts";
import { makeFolder } from "../06-images/index.ts";
import { isMissing, Lock, readText, removeFile } from "../10-containers/files.ts";
import type { Roots } from "../10-containers/folders.ts";
import type { ProcessId } from "../10-containers/identity.ts";

export interface Facts {
  /** The id of a lab, in which a check goes on. */
  lab?: string;
  /** The folder of a check on this machine, and the name of the probe that it is at. */
  folder?: string;
  probe?: string;
  /** Who runs a lesson's container, and that container's first process. */
  trying?: number;
  child?: ProcessId;
}

export interface Unfinished {
  /** What is known by now, too: before it is done, if it can be. */
  note(facts: Facts): void;
  end(): void;
}

const PREFIX = "unfinished-";

export function begin({ state }: Pick<Roots, "state">, facts: Facts): Unfinished {
  makeFolder(state);
  const path = join(state, `${PREFIX}${randomBytes(8).toString("hex")}`);
  const draft = join(state, `.${path.slice(-16)}`);
  const line = (known: Facts) => `${JSON.stringify(known)}\n`;
  writeFileSync(draft, line(facts), { mode: 0o600 });
  const lock = Lock.tryTake(draft)!;
  // By this name it has never been without its lock.
  renameSync(draft, path);
  return {
    note: (known) => appendFileSync(path, line(known)),
    end: () => {
      removeFile(path);
      lock.close();
    },
  };
}

/**
 * Has everything done that was left so, and returns how often there was something. What is left of one may show only when
 * another has been ended. Throws what `takeAway` throws; then it is still there for the next.
 */
export async function finishAll(
  roots: Pick<Roots, "state">,
  takeAway: (facts: Facts) => Promise<void>,
): Promise<number> {
  let count = 0;
  for (const path of leftIn(roots)) count += (await finish(path, takeAway)) ? 1 : 0;
  return count === 0 ? 0 : count + (await finishAll(roots, takeAway));
}

async function finish(path: string, takeAway: (facts: Facts) => Promise<void>): Promise<boolean> {
  const lock = lockOn(path);
  const text = lock && readText(path);
  try {
    if (!text) return false;
    await takeAway(
      Object.assign(
        {},
        ...text
          .trim()
          .split("\n")
          .map((line) => JSON.parse(line)),
      ),
    );
    removeFile(path);
    return true;
  } finally {
    lock?.close();
  }
}

function leftIn({ state }: Pick<Roots, "state">): string[] {
  try {
    return readdirSync(state)
      .filter((name) => name.startsWith(PREFIX))
      .map((name) => join(state, name));
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** Undefined while its process lives, and when it is gone. */
function lockOn(path: string): Lock | undefined {
  try {
    return Lock.tryTake(path, O.RDWR);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
