// `registry`: this machine as the place where images come from.

import type { Roots } from "../../10-containers/folders.ts";
import { callGroup } from "../group.ts";
import type { Verbs } from "../verbs.ts";

const VERBS: Verbs = {
  serve: {
    summary: "Serve the images that are here, and take in those that are pushed",
    load: () => import("./registry-serve.ts"),
  },
};

export const verb = (argv: string[], roots: Roots): Promise<number> => callGroup("registry", VERBS, argv, roots);
