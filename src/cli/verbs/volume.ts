// `volume`: folders that outlive containers.

import type { Roots } from "../../10-containers/folders.ts";
import { callGroup } from "../group.ts";
import type { Verbs } from "../verbs.ts";

/** `list` is `ls` too, and `remove` is `rm`. */
const VERBS: Verbs = {
  create: { summary: "Create a volume", load: () => import("./volume-create.ts") },
  inspect: {
    summary: "Display detailed information on one or more volumes",
    load: () => import("./volume-inspect.ts"),
  },
  ls: { summary: "List volumes", load: () => import("./volume-ls.ts") },
  list: { summary: "", load: () => import("./volume-ls.ts") },
  prune: { summary: "Remove unused local volumes", load: () => import("./volume-prune.ts") },
  rm: { summary: "Remove one or more volumes", load: () => import("./volume-rm.ts") },
  remove: { summary: "", load: () => import("./volume-rm.ts") },
};

export const verb = (argv: string[], roots: Roots): Promise<number> => callGroup("volume", VERBS, argv, roots);
