// A container appears in one moment, whole and with its name: until then it lies under a name nobody looks at, and who is
// killed while making it leaves only that (sweep.ts).

import { existsSync, renameSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../01-syscalls/index.ts";
import { makeFolder } from "../06-images/index.ts";
import { type Container, type ContainerRecord, claimName, NEW_STATE, releaseName, whileCreating } from "./container.ts";
import { containerEvent } from "./container-events.ts";
import { isMissing, Lock, writeFileAtomic } from "./files.ts";
import { containerFolder, containersFolder, type Roots } from "./folders.ts";
import { randomName } from "./names.ts";
import { beingMade, sweepLeftovers, takeDraftAway } from "./sweep.ts";

export interface NewContainer {
  roots: Roots;
  id: string;
  /** One is made up where none is wished for. */
  name: string | undefined;
  /** Writes everything but the record into the folder, and says what the record will be under its name. */
  fill(draft: string): RecordOf | Promise<RecordOf>;
  /** Carries out the last step, with which it is there. */
  around?: (step: () => void) => void;
}

type RecordOf = (name: string) => ContainerRecord;

/** Makes the folder. Throws UserError for a name that is taken, and what `fill` throws; leaves nothing then. */
export async function appear(wish: NewContainer): Promise<Container> {
  const { roots, id, fill } = wish;
  // Root in a container can make a program set-user-ID; no ordinary user of the host may reach it (CVE-2021-41091).
  makeFolder(containersFolder(roots));
  sweepLeftovers(roots);
  const draft = beingMade(roots, id);
  const lock = holdDraft(draft);
  try {
    const record = await publish(draft, wish, await fill(draft));
    const container = { roots, folder: containerFolder(roots, id), record, state: NEW_STATE };
    containerEvent(container, "create");
    return container;
  } catch (cause) {
    takeDraftAway(roots, draft);
    throw isRefusedWrite(cause) ? new UserError("cannot make the container", { cause }) : cause;
  } finally {
    lock.close();
  }
}

/** A call of Node's that failed: a full disk, a folder that is read-only. */
function isRefusedWrite(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).syscall !== undefined;
}

/** The folder, and its lock: as long as that is held nobody takes the folder for a leftover. */
function holdDraft(draft: string): Lock {
  for (;;) {
    makeFolder(draft, 0o711);
    const path = join(draft, "lock");
    const lock = tryHold(path);
    if (lock && existsSync(path)) return lock;
    lock?.close();
  }
}

/** Undefined if the folder was taken for a leftover in the moment in which nobody held it. */
function tryHold(path: string): Lock | undefined {
  try {
    return Lock.tryTake(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** One moment in which the name is taken and the folder appears: nobody sees one without the other. */
function publish(draft: string, wish: NewContainer, recordOf: (name: string) => ContainerRecord) {
  const { roots, id, around = (step) => step() } = wish;
  return whileCreating(roots, () => {
    const name = wish.name ?? freeName(roots, id);
    if (wish.name !== undefined) claimName(roots, name, id);
    try {
      const record = recordOf(name);
      writeFileAtomic(join(draft, "container.json"), JSON.stringify(record, null, 2));
      around(() => renameSync(draft, containerFolder(roots, id).bundle));
      return record;
    } catch (error) {
      releaseName(roots, name, id);
      throw error;
    }
  });
}

/** A random name may be taken already: then another. */
function freeName(roots: Roots, id: string): string {
  for (let attempt = 0; ; attempt++) {
    const name = randomName(attempt);
    try {
      claimName(roots, name, id);
      return name;
    } catch (error) {
      if (attempt > 100) throw error;
    }
  }
}
