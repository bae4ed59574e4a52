// `exec`: one more process in a running container.

import { type ExecOptions, startExec } from "../../10-containers/exec.ts";
import type { Roots } from "../../10-containers/folders.ts";
import { findSettled } from "../../10-containers/settle.ts";
import { execInForeground } from "../../10-containers/streams/attached-exec.ts";
import { type FlagGroup, setters } from "../flags/flags.ts";
import { environmentVariable, readPairs } from "../flags/key-values.ts";
import { readLine } from "../flags/plain.ts";
import { detachKeys } from "../flags/run-values.ts";
import { boolean } from "../flags/values.ts";
import { NOT_WATCHED, WATCH_FLAGS, type WatchAsked, watchOf } from "../flags/watch-flags.ts";
import { CTRL_P_CTRL_Q, requireTerminal, toOurOutput } from "../foreground.ts";

interface ExecCommand extends ExecOptions, WatchAsked {
  detachKeys: number[];
  envFile: string[];
}

const exec = setters<ExecCommand>();
const text = (given: string): string => given;

const EXEC_FLAGS: FlagGroup<ExecCommand>[] = [
  [
    "Options:",
    ["-d, --detach", "", "Detached mode: run command in the background", exec.one("detach", boolean)],
    ["--detach-keys", "string", "Keys to leave by (ctrl-p,ctrl-q)", exec.one("detachKeys", detachKeys)],
    ["-e, --env", "list", "Set environment variables", exec.many("env", environmentVariable)],
    ["--env-file", "list", "Read in a file of environment variables", exec.many("envFile", text)],
    ["-i, --interactive", "", "Keep STDIN open even if not attached", exec.one("interactive", boolean)],
    ["--privileged", "", "Give extended privileges to the command", exec.one("privileged", boolean)],
    ["-t, --tty", "", "Allocate a pseudo-TTY", exec.one("tty", boolean)],
    ["-u, --user", "string", "Username or UID (<name|uid>[:<group|gid>])", exec.one("user", text)],
    ["-w, --workdir", "string", "Working directory inside the container", exec.one("workdir", text)],
  ],
  WATCH_FLAGS,
];

const OPERANDS = ["<container>", "<command>", "[arg...]"];

const unasked = (): ExecCommand => ({
  command: [],
  tty: false,
  interactive: false,
  env: [],
  privileged: false,
  detach: false,
  detachKeys: CTRL_P_CTRL_Q,
  envFile: [],
  ...NOT_WATCHED,
});

export async function verb(argv: string[], roots: Roots): Promise<number> {
  const read = await readLine({ name: "exec", flags: EXEC_FLAGS, operands: OPERANDS, unasked }, argv);
  if (!read) return 0;
  const [name = "", ...command] = read.words;
  const asked = { ...read.asked, command };
  const options = { ...asked, env: [...asked.envFile.flatMap((path) => readPairs(path, process.env)), ...asked.env] };
  const container = await findSettled(roots, name);
  const watch = await watchOf(asked, ["exec", ...argv], container.record.image.reference);
  if (options.detach) {
    await startExec(container, options, watch);
    return 0;
  }
  requireTerminal(options);
  const { tty, interactive, detachKeys: keys } = options;
  const how = { tty, interactive, detachKeys: keys, proxySignals: false, handlers: toOurOutput, ...watch };
  return (await execInForeground(container, options, how)) ?? 0;
}
