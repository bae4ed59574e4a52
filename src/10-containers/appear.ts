// A container appears in one moment, whole and with its name: until then it lies under a name nobody looks at, and who is
// killed while making it leaves only that (sweep.ts).

import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Container, type ContainerRecord, claimName, NEW_STATE, whileCreating } from "./container.ts";
import { containerEvent } from "./container-events.ts";
import { Lock } from "./files.ts";
import { containerFolder, containersFolder, type Roots } from "./folders.ts";
import { randomName } from "./names.ts";
import { beingMade, sweepLeftovers } from "./sweep.ts";

export interface NewContainer {
  roots: Roots;
  id: string;
  /** One is made up where none is wished for. */
  name: string | undefined;
  /** Writes everything but the record into the folder, and says what the record will be under its name. */
  fill(draft: string): (name: string) => ContainerRecord;
}

/** Makes the folder. Throws UserError for a name that is taken, and what `fill` throws; leaves nothing then. */
export async function appear(wish: NewContainer): Promise<Container> {
  const { roots, id, fill } = wish;
  mkdirSync(containersFolder(roots), { recursive: true, mode: 0o711 });
  sweepLeftovers(roots);
  const draft = beingMade(roots, id);
  const lock = holdDraft(draft);
  try {
    const record = await publish(draft, wish, fill(draft));
    const container = { roots, folder: containerFolder(roots, id), record, state: NEW_STATE };
    containerEvent(container, "create");
    return container;
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    throw error;
  } finally {
    lock.close();
  }
}

/** The folder, and its lock: as long as that is held nobody takes the folder for a leftover. */
function holdDraft(draft: string): Lock {
  mkdirSync(draft, { mode: 0o711 });
  return Lock.tryTake(join(draft, "lock"))!;
}

/** One moment in which the name is taken and the folder appears: nobody sees one without the other. */
function publish(draft: string, wish: NewContainer, recordOf: (name: string) => ContainerRecord) {
  const { roots, id } = wish;
  return whileCreating(roots, () => {
    const name = wish.name ?? freeName(roots, id);
    if (wish.name !== undefined) claimName(roots, name, id);
    const record = recordOf(name);
    writeFileSync(join(draft, "container.json"), JSON.stringify(record, null, 2), { mode: 0o600 });
    renameSync(draft, containerFolder(roots, id).bundle);
    return record;
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
