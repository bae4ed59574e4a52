// `image`: every verb that is about images, under the names that Docker gives them there.

import type { Roots } from "../../10-containers/folders.ts";
import { callGroup } from "../group.ts";
import { VERBS as ALL, type Verbs } from "../verbs.ts";

const { build, history, images, import: importVerb, load, pull, push, rmi, save, tag } = ALL;

/** `list` is `ls` too, and `remove` is `rm`. */
const VERBS: Verbs = {
  build: build!,
  explore: { summary: "Show what each layer of an image brings and wastes", load: () => import("./image-explore.ts") },
  history: history!,
  import: importVerb!,
  inspect: { summary: "Display detailed information on one or more images", load: () => import("./image-inspect.ts") },
  load: load!,
  ls: images!,
  list: { ...images!, summary: "" },
  prune: { summary: "Remove unused images", load: () => import("./image-prune.ts") },
  pull: pull!,
  push: push!,
  rm: rmi!,
  remove: { ...rmi!, summary: "" },
  save: save!,
  tag: tag!,
  tree: { summary: "Show the images as a tree of the layers that they share", load: () => import("./image-tree.ts") },
};

export const verb = (argv: string[], roots: Roots): Promise<number> => callGroup("image", VERBS, argv, roots);
