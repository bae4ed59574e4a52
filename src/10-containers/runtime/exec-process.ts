// The process of an exec: the container's own with something else to run, or one that a file describes.

import { UserError } from "../../01-syscalls/index.ts";
import { CAPABILITIES, type CapabilitySets } from "../../07-security/index.ts";
import { readText } from "../files.ts";
import { parseJson } from "../spec/bundle.ts";
import { requireProcess } from "../spec/check-spec.ts";
import type { Process } from "../spec/oci.ts";
import { mergeEnv } from "../spec/process.ts";

export interface ExecAsked {
  /** Of a file that describes the whole process; nothing else is asked for then. */
  file?: string;
  cwd?: string;
  env: string[];
  tty: boolean;
  /** `uid[:gid]` */
  user?: string;
  additionalGids: number[];
  noNewPrivileges: boolean;
  /** Besides the container's own. */
  caps: string[];
}

/** Throws UserError for what is no process. */
export function execProcess(own: Process, asked: ExecAsked, command: string[]): Process {
  if (asked.file !== undefined) return readProcess(asked.file);
  if (command.length === 0) throw new UserError("no command specified");
  const { apparmorProfile: _, consoleSize: __, ...rest } = own;
  const user = { ...own.user, ...(asked.user !== undefined && userOf(asked.user)) };
  return requireProcess(
    {
      ...rest,
      terminal: asked.tty,
      args: command,
      env: mergeEnv(own.env ?? [], asked.env),
      cwd: asked.cwd ?? own.cwd,
      user: asked.additionalGids.length > 0 ? { ...user, additionalGids: asked.additionalGids } : user,
      noNewPrivileges: asked.noNewPrivileges || (own.noNewPrivileges ?? false),
      ...(asked.caps.length > 0 && { capabilities: withCaps(own.capabilities ?? {}, asked.caps) }),
    },
    "the process",
  );
}

function readProcess(path: string): Process {
  const text = readText(path);
  if (text === undefined) throw new UserError(`there is no file ${path}`);
  return requireProcess(parseJson(text, path) as Process, path);
}

function userOf(text: string): { uid: number; gid?: number } {
  const [, uid, gid] = /^(\d+)(?::(\d+))?$/.exec(text) ?? [];
  if (uid === undefined) throw new UserError(`invalid user "${text}": uid[:gid], by number`);
  return { uid: Number(uid), ...(gid !== undefined && { gid: Number(gid) }) };
}

function withCaps(sets: CapabilitySets, added: string[]): CapabilitySets {
  const unknown = added.find((name) => !CAPABILITIES.includes(name));
  if (unknown !== undefined) throw new UserError(`unknown capability ${unknown}`);
  const with_ = (names: string[] = []) => [...new Set([...names, ...added])];
  return {
    ...sets,
    bounding: with_(sets.bounding),
    permitted: with_(sets.permitted),
    effective: with_(sets.effective),
    ...(sets.ambient?.length && { inheritable: with_(sets.inheritable), ambient: with_(sets.ambient) }),
  };
}
