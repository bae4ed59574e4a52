// CMD, ENTRYPOINT and SHELL: what a container runs. In JSON it is the command itself; otherwise a line for the image's
// shell. An ENTRYPOINT of one's own makes the base image's CMD meaningless, so that goes.

import type { ProcessConfig } from "../../06-images/index.ts";
import { type Arguments, type Kind, requireWords } from "../deed.ts";
import { mistakeIn } from "../lines.ts";
import { jsonList } from "../words.ts";

/** A list is what execve gets; a text is what a shell gets. */
export type Command = string[] | string;

export function commandOf({ rest }: Arguments): Command {
  return jsonList(rest.text) ?? rest.text;
}

const DEFAULT_SHELL = ["/bin/sh", "-c"];

/** As it will be executed. */
export function withShell(command: Command, { Shell }: Pick<ProcessConfig, "Shell">): string[] {
  return typeof command === "string" ? [...(Shell ?? DEFAULT_SHELL), command] : command;
}

/** Who wrote a CMD in this Dockerfile wants it, whatever ENTRYPOINT comes later. */
const OWN_CMD = Symbol("CMD of this Dockerfile");

type Marked = ProcessConfig & { [OWN_CMD]?: true };

export const cmd: Kind<Command> = {
  parse: commandOf,
  plan(command, { process }) {
    const Cmd = command.length === 0 ? [] : withShell(command, process);
    const marked: Marked = { ...process, Cmd, [OWN_CMD]: true };
    return { process: marked, history: `CMD ${JSON.stringify(Cmd)}` };
  },
};

export const entrypoint: Kind<Command> = {
  parse: commandOf,
  plan(command, { process }) {
    const Entrypoint = command.length === 0 ? [] : withShell(command, process);
    const { Cmd, ...rest } = process;
    const isOwn = (process as Marked)[OWN_CMD] === true;
    return {
      process: { ...rest, ...(isOwn && Cmd !== undefined && { Cmd }), Entrypoint },
      history: `ENTRYPOINT ${JSON.stringify(Entrypoint)}`,
    };
  },
};

export const shell: Kind<string[]> = {
  parse(written) {
    requireWords(written, 1);
    const list = jsonList(written.rest.text);
    if (list && list.length > 0) return list;
    throw mistakeIn(written.line, "SHELL requires the arguments to be in JSON form", written.rest);
  },
  plan(Shell, { process }) {
    return { process: { ...process, Shell }, history: `SHELL ${JSON.stringify(Shell)}` };
  },
};
