// A lab as the place where a runtime is started: what a student's module does there, it does to the lab. The files are put
// there by a shell of the lab's; from outside only /proc is read.

import { constants } from "node:os";
import { UserError } from "../../01-syscalls/index.ts";
import type { Roots } from "../../10-containers/folders.ts";
import type { Lab } from "../lab.ts";
import { quoted } from "../quoted.ts";
import { begin } from "../unfinished.ts";
import { requireNoMounts } from "./mounts-below.ts";
import { type Place, type StartedRuntime, type StartOptions, Tail } from "./place.ts";
import { killTree } from "./processes.ts";

export async function labPlace(roots: Pick<Roots, "state">, lab: Lab): Promise<Place> {
  const unfinished = begin(roots, { lab: lab.id });
  const shell = async (script: string): Promise<string> => {
    const { exitCode, output } = await lab.run(["/bin/sh", "-c", script]);
    if (exitCode !== 0)
      throw new UserError(`the lab is broken: ${output.trim()}`, { hint: "mini-docker learn lab reset makes it new" });
    return output;
  };
  const folder = (await shell('d=$(mktemp -d /tmp/check-XXXXXX) && chmod 755 "$d" && echo "$d"')).trim();
  return {
    folder,
    pid: lab.pid,
    start: (argv, options) => startThere(lab, argv, options),
    shell,
    close: async () => {
      requireNoMounts(lab.pid, folder);
      await lab.run(["/bin/rm", "-rf", folder]);
      unfinished.end();
    },
  };
}

async function startThere(lab: Lab, argv: string[], { env, open }: StartOptions): Promise<StartedRuntime> {
  const text = new Tail();
  const add = (bytes: Buffer) => text.add(bytes);
  const words = open ? ["bash", "-c", `exec "$@" ${open.fd}< ${quoted(open.path)}`, "bash", ...argv] : argv;
  const started = await lab.exec(words, { env, stdout: add, stderr: add });
  let isOver = false;
  const ended = started.ended.then((code) => {
    isOver = true;
    return code ?? 128 + constants.signals.SIGKILL;
  });
  const kill = () => {
    if (!isOver) killTree(started.pid);
  };
  return { pid: started.pid, ended, printed: () => text.text, kill };
}
