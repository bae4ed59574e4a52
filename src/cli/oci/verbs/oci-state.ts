// `state`: what the specification calls a container's state, as JSON.

import { readContainer, stateOf } from "../../../10-containers/runtime/runtime-container.ts";
import { writeAll } from "../../output.ts";
import type { Globals } from "../globals.ts";
import { readOciLine } from "../line.ts";

export async function verb(argv: string[], globals: Globals): Promise<number> {
  const line = await readOciLine({ name: "state" }, argv);
  if (!line) return 0;
  const container = readContainer(globals.root, line.words[0]!);
  const { annotations, ...state } = stateOf(container);
  const { rootfs, created, owner } = container;
  writeAll(
    1,
    `${JSON.stringify({ ...state, rootfs, created, ...(annotations && { annotations }), owner }, null, 2)}\n`,
  );
  return 0;
}
