// `learn`: the course. Each of its verbs is a file of the folder `learn`.

import type { Roots } from "../../10-containers/folders.ts";
import { callGroup } from "../group.ts";
import type { Verbs } from "../verbs.ts";

const VERBS: Verbs = {
  vm: { summary: "Compare a container with a virtual machine", load: () => import("./learn/vm.ts") },
  start: { summary: "Make your folder with the exercises", load: () => import("./learn/start.ts") },
  kit: { summary: "Make one folder that a class installs from", load: () => import("./learn/kit.ts") },
  book: { summary: "Write the lessons as a folder of pages", load: () => import("./learn/book.ts") },
  read: { summary: "Read a lesson", load: () => import("./learn/read.ts") },
  lab: { summary: "Work in a little machine of your own", load: () => import("./learn/lab.ts") },
  texts: { summary: "", load: () => import("./learn/texts.ts") },
  check: { summary: "Check an exercise by what the kernel says of it", load: () => import("./learn/check.ts") },
  watch: { summary: "Check an exercise each time it is saved", load: () => import("./learn/watch.ts") },
  hint: { summary: "Say more about what is wrong", load: () => import("./learn/hint.ts") },
  reset: { summary: "Put an exercise back as it was", load: () => import("./learn/reset.ts") },
  solution: { summary: "Show our solution beside yours", load: () => import("./learn/solution.ts") },
  progress: { summary: "Show how far you have come, or a class", load: () => import("./learn/progress.ts") },
  grade: { summary: "Grade a container runtime, in any language", load: () => import("./learn/grade.ts") },
  try: { summary: "Run a command in the container of a lesson", load: () => import("./learn/try.ts"), failure: 125 },
};

/** By itself it leads whoever calls it to where they were. */
export async function verb(argv: string[], roots: Roots): Promise<number> {
  await (await import("../tidied.ts")).tidied(roots);
  const isBare = argv.length === 0 || argv[0]?.startsWith("--lang");
  return isBare ? (await import("./learn/front.ts")).verb(argv, roots) : callGroup("learn", VERBS, argv, roots);
}
