// Flags that come before the verb, as runc and crun have them.

import { join } from "node:path";
import { UserError } from "../../01-syscalls/error.ts";

export interface Globals {
  /** Where containers are kept. */
  root: string;
  /** Where errors are written besides standard error. */
  log?: string;
  logFormat: "text" | "json";
  /** Groups are to be made by systemd. */
  systemdCgroup: boolean;
}

interface Read {
  globals: Globals;
  rest: string[];
  help: boolean;
  version: boolean;
  /** Later flags still count: they may say where errors are to be written. */
  error?: UserError;
}

type Set = (read: Read, value: string) => void;

const SWITCHES: Record<string, Set> = {
  "--systemd-cgroup": ({ globals }, value) => {
    globals.systemdCgroup = value !== "false";
  },
  "--debug": () => {},
  "--help": (read) => {
    read.help = true;
  },
  "--version": (read) => {
    read.version = true;
  },
};

const VALUES: Record<string, Set> = {
  "--root": ({ globals }, value) => {
    globals.root = value;
  },
  "--log": ({ globals }, value) => {
    globals.log = value;
  },
  "--log-format": (read, value) => {
    if (value === "json" || value === "text") read.globals.logFormat = value;
    else read.error = new UserError(`invalid log format: "${value}" (json or text)`);
  },
  // Said by those who drive runc or crun; there is nothing here that they would change.
  "--log-level": () => {},
  "--rootless": () => {},
  "--criu": () => {},
  "--cgroup-manager": ({ globals }, value) => {
    globals.systemdCgroup = value === "systemd";
  },
};

const SHORT: Record<string, string> = { "-h": "--help", "-v": "--version" };

export function readGlobals(argv: string[]): Read {
  const read: Read = {
    globals: { root: defaultRoot(), logFormat: "text", systemdCgroup: false },
    rest: [...argv],
    help: false,
    version: false,
  };
  while (read.rest[0]?.startsWith("-")) readFlag(read, read.rest.shift()!);
  return read;
}

function readFlag(read: Read, word: string): void {
  const [given = "", ...inline] = word.split("=");
  const name = SHORT[given] ?? given.replace(/^-(?!-)/, "--");
  const [isSwitch, isKnown] = [Object.hasOwn(SWITCHES, name), Object.hasOwn(VALUES, name)];
  const value = inline.length > 0 ? inline.join("=") : isSwitch ? "true" : isKnown ? read.rest.shift() : "";
  if (!isSwitch && !isKnown) read.error = new UserError(`unknown flag: ${given}`, { hint: SEE_HELP });
  else if (value === undefined) read.error = new UserError(`flag needs an argument: ${given}`, { hint: SEE_HELP });
  else (SWITCHES[name] ?? VALUES[name]!)(read, value);
}

const SEE_HELP = "see 'mini-docker-oci --help'";

function defaultRoot(env = process.env, uid = process.getuid!()): string {
  if (uid === 0) return "/run/mini-docker-oci";
  return join(env.XDG_RUNTIME_DIR || `/tmp/mini-docker-oci-${uid}`, "mini-docker-oci");
}
