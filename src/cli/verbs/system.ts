// `system`: the engine as a whole.

import type { Roots } from "../../10-containers/folders.ts";
import { callGroup } from "../group.ts";
import { VERBS as ALL, type Verbs } from "../verbs.ts";

const VERBS: Verbs = {
  df: { summary: "Show how much of the disk is used", load: () => import("./system-df.ts") },
  events: ALL.events!,
  info: ALL.info!,
  prune: { summary: "Remove unused data", load: () => import("./system-prune.ts") },
};

export const verb = (argv: string[], roots: Roots): Promise<number> => callGroup("system", VERBS, argv, roots);
