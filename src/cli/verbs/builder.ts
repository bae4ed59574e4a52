// `builder`: what builds leave for the next one.

import type { Roots } from "../../10-containers/folders.ts";
import { callGroup } from "../group.ts";
import { VERBS as ALL, type Verbs } from "../verbs.ts";

const VERBS: Verbs = {
  build: ALL.build!,
  prune: { summary: "Remove build cache", load: () => import("./builder-prune.ts") },
};

export const verb = (argv: string[], roots: Roots): Promise<number> => callGroup("builder", VERBS, argv, roots);
