// The lab: a container of our own in which a student can be root, make containers with stages of their own, and break
// things. Its root is nobody on the host, so whatever goes wrong goes wrong in there; what it needs of the host it sees
// read-only, and nothing else of it.

import { realpathSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { type MountOption, type RunOptions, runOptions } from "../10-containers/spec/options.ts";

export interface Lab {
  /** Folders of the student's that are to be seen, at the same place. */
  folders: string[];
  tty: boolean;
  interactive: boolean;
  /** `run …`, as in a command line. */
  command: string[];
}

/** What a lab is, as a container: made of `base`, gone when its command has ended. */
export function labOptions({ folders, tty, interactive, command }: Lab): RunOptions {
  const needed = ["/usr", "/lib", "/lib64", prefixOfNode(), packageFolder()];
  const shown = [...new Set([...needed, ...folders.map((folder) => resolve(folder))])].filter(isOnlyOne);
  return runOptions("base", {
    command: [process.execPath, "--", join(distFolder(), "mini-docker.js"), ...command],
    env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
    hostname: "lab",
    userns: "auto",
    privileged: true,
    remove: true,
    tty,
    interactive,
    mounts: [
      ...shown.map(seen),
      // An overlay's upper directory can't lie on another overlay.
      ...["/var/lib/mini-docker", "/run/mini-docker"].map((path) => memory(path, "mode=700")),
      memory("/tmp", "mode=1777"),
    ],
    memoryBytes: 1024 ** 3,
    pidsLimit: 500,
  });
}

/** Nothing of it is the lab's own: root in there can lift what is read-only, but is nobody to these files. */
function seen(path: string): MountOption {
  return { type: "bind", source: path, target: path, readOnly: true };
}

function memory(target: string, mode: string): MountOption {
  return { type: "tmpfs", target, readOnly: false, options: [mode, "exec"] };
}

/** What lies in another one is seen with that. */
function isOnlyOne(path: string, _: number, all: string[]): boolean {
  return !all.some((other) => other !== path && path.startsWith(`${other}/`));
}

/** `/usr`, or where a version manager keeps this Node. */
function prefixOfNode(): string {
  return dirname(dirname(realpathSync(process.execPath)));
}

function distFolder(): string {
  return import.meta.dirname;
}

/** With the packages that we depend on, which lie in ours or beside it. */
function packageFolder(): string {
  const own = dirname(distFolder());
  const at = own.indexOf("/node_modules/");
  return at < 0 ? own : own.slice(0, at + "/node_modules".length);
}
