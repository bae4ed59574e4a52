// `learn`: the course, verb by verb.

import type { Roots } from "../../10-containers/folders.ts";
import { callGroup } from "../group.ts";
import type { Verbs } from "../verbs.ts";

const VERBS: Verbs = {
  vm: { summary: "Compare a container with a virtual machine", load: () => import("./learn/vm.ts") },
  texts: { summary: "", load: () => import("./learn/texts.ts") },
};

export const verb = (argv: string[], roots: Roots): Promise<number> => callGroup("learn", VERBS, argv, roots);
