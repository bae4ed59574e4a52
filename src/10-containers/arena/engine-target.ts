// This engine as a target: the command line, in the arena's own folders.

import { findContainer } from "../container.ts";
import type { Roots } from "../folders.ts";
import { commandLine } from "../on-exit-command.ts";
import { removeContainer } from "../remove.ts";
import { readLog } from "../streams/logs.ts";
import { NotPerformed } from "./attack.ts";
import { call, type Said, type Standing, type Target } from "./target.ts";

/** Each container is made with `flags` besides those an attack asks for. */
export function engineTarget(roots: Roots, flags: readonly string[] = []): Target {
  const engine = engineCall(roots);
  return {
    name: "mini-docker",
    program: commandLine(roots)[2]!,
    isEngine: true,
    run: ({ image = "base", flags: more = [], command, open }) =>
      engine(["run", "--rm", ...flags, ...more, image, ...command], open),
    async start({ image = "base", flags: more = [], command, open }) {
      const said = await engine(["run", "-d", ...flags, ...more, image, ...command], open);
      if (said.code !== 0) throw new NotPerformed(said.stderr.trim());
      return standing(roots, said.stdout.trim());
    },
  };
}

type Engine = (argv: readonly string[], open?: readonly number[]) => Promise<Said>;

/** The command line, called on these folders. */
export function engineCall(roots: Roots): Engine {
  return (argv, open) => call([...commandLine(roots), ...argv], open);
}

/** It is entered from outside, as by anybody; what is only looked up needs no program of its own. */
function standing(roots: Roots, id: string): Standing {
  return {
    exec: (command, { open, workdir, user } = {}) => {
      const flags = [...(workdir ? ["-w", workdir] : []), ...(user ? ["-u", user] : [])];
      return engineCall(roots)(["exec", ...flags, id, ...command], open);
    },
    async output() {
      const pieces: Buffer[] = [];
      readLog(findContainer(roots, id).folder.log, ({ bytes }) => pieces.push(bytes));
      return Buffer.concat(pieces).toString();
    },
    pid: async () => findContainer(roots, id).state.process!.pid,
    end: () => removeContainer(roots, id, { force: true }),
  };
}
