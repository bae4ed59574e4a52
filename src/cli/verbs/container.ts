// `container`: every verb that is about containers, under the names that Docker gives them there.

import type { Roots } from "../../10-containers/folders.ts";
import { callGroup } from "../group.ts";
import { CONTAINER_VERBS, type Verbs } from "../verbs.ts";

const { ps, rm, ...others } = CONTAINER_VERBS;

/** `list` and `ps` are `ls` too, and `remove` is `rm`; only one name of each is shown. */
const VERBS: Verbs = {
  ...others,
  inspect: {
    summary: "Display detailed information on one or more containers",
    load: () => import("./container-inspect.ts"),
  },
  ls: ps!,
  list: { ...ps!, summary: "" },
  ps: { ...ps!, summary: "" },
  rm: rm!,
  remove: { ...rm!, summary: "" },
  prune: { summary: "Remove all stopped containers", load: () => import("./container-prune.ts") },
};

export const verb = (argv: string[], roots: Roots): Promise<number> => callGroup("container", VERBS, argv, roots);
