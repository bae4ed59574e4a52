// `run`: create and start at once; in the foreground unless detached.

import { runRuntimeContainer } from "../../../10-containers/runtime/run.ts";
import { type FlagGroup, setters } from "../../flags/flags.ts";
import { boolean } from "../../flags/values.ts";
import { CREATE_FLAGS, type CreateAsked, createRequest, createUnasked } from "../create-flags.ts";
import type { Globals } from "../globals.ts";
import { readOciLine } from "../line.ts";

interface RunAsked extends CreateAsked {
  detach: boolean;
  keep: boolean;
  noSubreaper: boolean;
}

const run = setters<RunAsked>();

const RUN_FLAGS: FlagGroup<RunAsked> = [
  ...(CREATE_FLAGS as FlagGroup<RunAsked>),
  ["-d, --detach", "", "Don't wait for its end", run.one("detach", boolean)],
  ["--keep", "", "Don't delete it when it has ended", run.one("keep", boolean)],
  // Without a subreaper nobody could tell how it ended.
  ["--no-subreaper", "", "Said to runc; without effect", run.one("noSubreaper", boolean)],
];

const unasked = (): RunAsked => ({ ...createUnasked(), detach: false, keep: false, noSubreaper: false });

export async function verb(argv: string[], globals: Globals): Promise<number> {
  const line = await readOciLine({ name: "run", flags: [RUN_FLAGS], unasked }, argv);
  if (!line) return 0;
  const { asked, words } = line;
  return runRuntimeContainer({
    ...createRequest(asked, words[0]!, globals),
    detach: asked.detach,
    keep: asked.keep,
  });
}
