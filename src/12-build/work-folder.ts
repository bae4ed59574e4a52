// Where a build keeps what isn't finished: a folder with a lock in it. Whoever is killed lets go of the lock, and the next
// build takes away what they left: the folder, and the control groups of the containers in it.
//
//   ROOT/build/work/<id>/     steps in the making, on the filesystem of the layers
//   STATE/build/<id>/         secrets: gone with every boot

import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { randomBytes } from "../01-syscalls/index.ts";
import { makeFolder } from "../06-images/index.ts";
import { cleanGroupNamed, removeParentGroups } from "../10-containers/cgroup.ts";
import { Lock } from "../10-containers/files.ts";
import type { Roots } from "../10-containers/folders.ts";
import { removeFolder } from "../10-containers/remove-folder.ts";

export class WorkFolder {
  readonly path: string;
  /** For what is fetched or unpacked on the way. */
  readonly drafts: string;
  readonly secrets: string;
  private readonly lock: Lock;
  private steps = 0;

  private constructor(path: string, secrets: string) {
    this.path = path;
    this.secrets = secrets;
    this.drafts = join(path, "drafts");
    makeFolder(this.drafts);
    this.lock = Lock.tryTake(join(path, "lock"))!;
  }

  /** Makes one, after taking away what others left. */
  static async open(roots: Roots): Promise<WorkFolder> {
    await sweep(roots);
    const id = randomBytes(6).toString("hex");
    return new WorkFolder(join(workOf(roots), id), join(roots.state, "build", id));
  }

  /** A folder of its own for a step. */
  step(): string {
    this.steps += 1;
    const path = join(this.path, String(this.steps));
    makeFolder(path, 0o755);
    return path;
  }

  close(): void {
    removeFolder(this.secrets);
    removeFolder(this.path);
    removeParentGroups();
    this.lock.close();
  }
}

const workOf = ({ root }: Roots): string => join(root, "build", "work");

async function sweep(roots: Roots): Promise<void> {
  for (const id of namesIn(workOf(roots))) {
    const path = join(workOf(roots), id);
    const lock = existsSync(join(path, "lock")) ? Lock.tryTake(join(path, "lock")) : undefined;
    if (!lock) continue;
    await takeAway(roots, id, path);
    lock.close();
  }
}

async function takeAway(roots: Roots, id: string, path: string): Promise<void> {
  const containers = namesIn(path).flatMap((step) => namesIn(join(path, step, "containers")));
  for (const container of containers) if (!container.startsWith(".")) await cleanGroupNamed(container);
  removeFolder(join(roots.state, "build", id));
  removeFolder(path);
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
