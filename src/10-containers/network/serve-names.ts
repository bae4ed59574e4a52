// What the name server does: it takes the sockets of all containers that ask, and answers on them from one table, until
// nobody asks any more. Only it needs Node's network, which takes long to load.

import { existsSync, statSync, watch } from "node:fs";
import { join } from "node:path";
import { perform } from "../../01-syscalls/index.ts";
import { takeNameSocketsSteps, whileChanging } from "../../08-network/index.ts";
import { serveNames } from "../../08-network/name-server.ts";
import { removeFile } from "../files.ts";
import type { Roots } from "../folders.ts";
import { type Asking, knowledgeOf, type NameTable, namesFile, readNames } from "./names.ts";
import { processFile } from "./resolver.ts";

/** Answers until nobody asks any more. */
export async function serveResolver(roots: Roots): Promise<number> {
  // A folder that is gone is watched no more; and it goes with the last network.
  const changes = watch(join(roots.state, "networks"));
  const served = new Map<string, { close(): void; asking: string }>();
  let table = readNames(roots);
  let seen = stampOf(roots);
  /** What a command has changed before a question is asked is in its answer. */
  const current = () => {
    const stamp = stampOf(roots);
    if (stamp !== seen) [table, seen] = [readNames(roots), stamp];
    return table;
  };
  const knowledge = (id: string) => () => {
    const asking = current().containers[id];
    return asking ? knowledgeOf(table, asking) : NOTHING;
  };
  serveAll(current(), served, knowledge);
  await new Promise<void>((resolve) => {
    changes.on("change", () => {
      serveAll(current(), served, knowledge);
      if (isOver(roots, served.size)) resolve();
    });
    changes.on("error", () => resolve());
    if (isOver(roots, served.size)) resolve();
  });
  changes.close();
  return 0;
}

/** Nobody asks, and whoever starts to from here on knows that there is nobody to answer. */
function isOver(roots: Roots, served: number): boolean {
  if (served > 0) return false;
  if (!existsSync(join(roots.root, "networks"))) return true;
  return whileChanging(roots.root, () => {
    const isAsked = Object.keys(readNames(roots).containers).length > 0;
    if (!isAsked) removeFile(processFile(roots));
    return !isAsked;
  });
}

const NOTHING = { lookUp: () => undefined, servers: [] };

/** Which file it is; empty where there is none. */
function stampOf(roots: Roots): string {
  const found = statSync(namesFile(roots), { throwIfNoEntry: false, bigint: true });
  return found ? `${found.ino} ${found.mtimeNs}` : "";
}

/** Those who have come are served from now on, and those who have gone are no more. */
function serveAll(
  { containers }: NameTable,
  served: Map<string, { close(): void; asking: string }>,
  knowledge: (id: string) => Parameters<typeof serveNames>[1],
): void {
  for (const [id, { close, asking }] of served) {
    if (containers[id] && whoseOf(containers[id]) === asking) continue;
    close();
    served.delete(id);
  }
  for (const [id, asking] of Object.entries(containers)) {
    if (served.has(id)) continue;
    const sockets = socketsOf(asking);
    if (sockets) served.set(id, { ...serveNames(sockets, knowledge(id)), asking: whoseOf(asking) });
  }
}

const whoseOf = ({ monitor, sockets }: Asking): string => JSON.stringify([monitor, sockets]);

/** Undefined where it has just ended. */
function socketsOf({ monitor, sockets }: Asking): { udp: number; tcp: number } | undefined {
  try {
    const taken = perform(takeNameSocketsSteps(monitor.pid, sockets));
    return { udp: taken["names-udp"]!, tcp: taken["names-tcp"]! };
  } catch {
    return undefined;
  }
}
