// Who is about to use volumes holds this lock shared, from when it finds or makes them until there is a container that
// everybody sees to use them. Who takes some away holds it alone. So no volume goes under the hands of who needs it, and
// whatever is unfinished while somebody holds it alone was left by who was killed.

import { LOCK } from "../01-syscalls/index.ts";
import { type Lock, takeLock } from "../06-images/index.ts";

const NAME = "volumes";

/** Until closed, no volume is taken away. */
export function keepVolumes(root: string): Lock {
  return takeLock(root, NAME, LOCK.SH)!;
}

/**
 * Carries `work` out while nobody uses volumes for the first time. Those may be what this process is doing besides, and
 * wait for it; so `work` itself must not wait.
 */
export async function aloneWithVolumes<T>(root: string, work: () => T): Promise<T> {
  const lock = await takeTurn(root, NAME);
  try {
    return work();
  } finally {
    lock.close();
  }
}

/** The lock of this name below `folder`, for one at a time. Waits without stopping this process's other work. */
export async function takeTurn(folder: string, name: string): Promise<Lock> {
  for (let waitMs = 1; ; waitMs = Math.min(waitMs * 2, 50)) {
    const lock = takeLock(folder, name, LOCK.EX | LOCK.NB);
    if (lock) return lock;
    await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
}
