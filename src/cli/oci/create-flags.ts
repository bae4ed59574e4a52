// What `create` and `run` can be told.

import { resolve } from "node:path";
import { UserError } from "../../01-syscalls/index.ts";
import type { CreateRequest } from "../../10-containers/runtime/create.ts";
import { type FlagGroup, setters } from "../flags/flags.ts";
import { boolean, unsigned16 } from "../flags/values.ts";
import type { Globals } from "./globals.ts";
import { word } from "./line.ts";
import { warner } from "./log.ts";

export interface CreateAsked {
  bundle: string;
  consoleSocket?: string;
  pidFile?: string;
  preserveFds: number;
  noPivot: boolean;
  noNewKeyring: boolean;
}

export const createUnasked = (): CreateAsked => ({ bundle: ".", preserveFds: 0, noPivot: false, noNewKeyring: false });

const create = setters<CreateAsked>();

export const CREATE_FLAGS: FlagGroup<CreateAsked> = [
  "Options:",
  ["-b, --bundle", "dir", "The bundle's directory (the current one)", create.one("bundle", word)],
  ["--console-socket", "path", "Send the terminal to this socket", create.one("consoleSocket", word)],
  ["--pid-file", "path", "Write the process id to this file", create.one("pidFile", word)],
  ["--preserve-fds", "int", "Hand over so many descriptors, from 3 on", create.one("preserveFds", unsigned16)],
  ["--no-pivot", "", "Move the root instead, where it can't be pivoted (a ramdisk)", create.one("noPivot", boolean)],
  ["--no-new-keyring", "", "Leave the program the caller's session keyring", create.one("noNewKeyring", boolean)],
];

export function createRequest(asked: CreateAsked, id: string, globals: Globals): CreateRequest {
  const { bundle, consoleSocket, pidFile, preserveFds, noPivot, noNewKeyring } = asked;
  if (globals.systemdCgroup) refuseSystemd();
  return {
    root: globals.root,
    id,
    bundle: resolve(bundle),
    preserveFds,
    ...(consoleSocket !== undefined && { console: { socket: resolve(consoleSocket) } }),
    ...(pidFile !== undefined && { pidFile: resolve(pidFile) }),
    ...(noPivot && { noPivot }),
    ...(noNewKeyring && { keepsKeyring: true }),
    onWarning: warner(globals),
  };
}

export function refuseSystemd(): never {
  throw new UserError("--systemd-cgroup: groups are made by this program itself, not by systemd", {
    hint: "use the caller's cgroupfs driver (podman --cgroup-manager cgroupfs, SystemdCgroup = false in containerd)",
  });
}
