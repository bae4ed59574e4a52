// `exec`: one more process in a container, described by flags or, as other engines do it, by a file.

import { resolve } from "node:path";
import { UserError } from "../../../01-syscalls/index.ts";
import { execInRuntimeContainer } from "../../../10-containers/runtime/exec.ts";
import { type ExecAsked, execProcess } from "../../../10-containers/runtime/exec-process.ts";
import { readContainer } from "../../../10-containers/runtime/runtime-container.ts";
import { type FlagGroup, setters } from "../../flags/flags.ts";
import { boolean, integer, unsigned16 } from "../../flags/values.ts";
import type { Globals } from "../globals.ts";
import { readOciLine, word } from "../line.ts";

interface Asked extends ExecAsked {
  detach: boolean;
  ignorePaused: boolean;
  consoleSocket?: string;
  pidFile?: string;
  preserveFds: number;
  label?: string;
}

const exec = setters<Asked>();

const FLAGS: FlagGroup<Asked> = [
  "Options:",
  ["--console-socket", "path", "Send the terminal to this socket", exec.one("consoleSocket", word)],
  ["--cwd", "dir", "Working directory in the container", exec.one("cwd", word)],
  ["-e, --env", "list", "Set environment variables", exec.many("env", word)],
  ["-t, --tty", "", "Allocate a terminal", exec.one("tty", boolean)],
  ["-u, --user", "string", "User and group by number (uid[:gid])", exec.one("user", word)],
  ["-g, --additional-gids", "list", "Further groups", exec.many("additionalGids", integer)],
  ["-p, --process", "file", "All of it: the process in a file, as in config.json", exec.one("file", word)],
  ["-d, --detach", "", "Don't wait for its end", exec.one("detach", boolean)],
  ["--pid-file", "path", "Write the process id to this file", exec.one("pidFile", word)],
  ["--no-new-privs", "", "No program gains what this process lacks", exec.one("noNewPrivileges", boolean)],
  ["-c, --cap", "list", "Add a capability", exec.many("caps", word)],
  ["--preserve-fds", "int", "Hand over so many descriptors, from 3 on", exec.one("preserveFds", unsigned16)],
  ["--ignore-paused", "", "Also where it stands still", exec.one("ignorePaused", boolean)],
  ["--process-label", "string", "Refused: there are no SELinux labels here", exec.one("label", word)],
  ["--apparmor", "string", "Refused: there are no AppArmor profiles here", exec.one("label", word)],
];

const unasked = (): Asked => ({
  env: [],
  additionalGids: [],
  caps: [],
  tty: false,
  noNewPrivileges: false,
  detach: false,
  ignorePaused: false,
  preserveFds: 0,
});

export async function verb(argv: string[], globals: Globals): Promise<number> {
  const line = await readOciLine({ name: "exec", flags: [FLAGS], operands: ["<id>", "[command...]"], unasked }, argv);
  if (!line) return 0;
  const { asked } = line;
  const [id = "", ...words] = line.words;
  const command = words[0] === "--" ? words.slice(1) : words;
  if (asked.label) throw new UserError("labels and profiles of SELinux and AppArmor can't be given here");
  const { consoleSocket, pidFile, detach, ignorePaused, preserveFds } = asked;
  return execInRuntimeContainer({
    root: globals.root,
    id,
    process: execProcess(readContainer(globals.root, id).spec.process!, asked, command),
    detach,
    ignorePaused,
    preserveFds,
    ...(consoleSocket !== undefined && { console: { socket: resolve(consoleSocket) } }),
    ...(pidFile !== undefined && { pidFile: resolve(pidFile) }),
  });
}
