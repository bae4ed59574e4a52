// `network`: what containers are plugged into.

import type { Roots } from "../../10-containers/folders.ts";
import { callGroup } from "../group.ts";
import type { Verbs } from "../verbs.ts";

/** `list` is `ls` too, and `remove` is `rm`. */
const VERBS: Verbs = {
  connect: { summary: "Connect a container to a network", load: () => import("./network-connect.ts") },
  create: { summary: "Create a network", load: () => import("./network-create.ts") },
  disconnect: { summary: "Disconnect a container from a network", load: () => import("./network-disconnect.ts") },
  inspect: {
    summary: "Display detailed information on one or more networks",
    load: () => import("./network-inspect.ts"),
  },
  ls: { summary: "List networks", load: () => import("./network-ls.ts") },
  list: { summary: "", load: () => import("./network-ls.ts") },
  prune: { summary: "Remove all unused networks", load: () => import("./network-prune.ts") },
  rm: { summary: "Remove one or more networks", load: () => import("./network-rm.ts") },
  show: {
    summary: "Draw the cables: bridges, containers, addresses, ports, packets",
    load: () => import("./network-show.ts"),
  },
  remove: { summary: "", load: () => import("./network-rm.ts") },
};

export const verb = (argv: string[], roots: Roots): Promise<number> => callGroup("network", VERBS, argv, roots);
