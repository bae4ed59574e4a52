// What a lab is, as a container: made of `base`, with users that are nobody's on the machine, root of which a student is.
// It may do whatever root of a container can be allowed to, since it is its own little machine that breaks.

import { createHash } from "node:crypto";
import { readFileSync, realpathSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { ERRNO, programPath, UserError } from "../../01-syscalls/index.ts";
import { machineHere } from "../../10-containers/cgroup.ts";
import { type MountOption, type RunOptions, runOptions } from "../../10-containers/spec/options.ts";
import { ourMark } from "../ours.ts";
import { packageFolder } from "../package-folder.ts";
import { quoted } from "../quoted.ts";
import { LAB_VARIABLE } from "../workshop.ts";
import type { LentImage } from "./image.ts";
import { engineCommand, viewsOf } from "./views.ts";

export interface LabWish {
  /** The student's own folder, to be seen at the same place. Each has a lab of its own. */
  workshop?: string | undefined;
}

const MEBIBYTE = 1024 ** 2;

/** Its memory is also what its files are in, so they have to leave room for programs. */
const MEMORY_BYTES = 1024 * MEBIBYTE;
const FILES_BYTES = 256 * MEBIBYTE;
const PROCESSES = 500;

/** Where its process 1 lies, which never ends by itself and can't be killed from inside. */
const REAPER = "/sbin/mini-docker-init";

/** As /proc/PID/comm has it, which cuts names off. */
export const REAPER_NAME = "mini-docker-init".slice(0, 15);

/** Every lab has it: other containers may be called as a lab is. */
export const LAB_LABEL = "mini-docker.lab";

/** The name of the container: always the same for the same workshop. */
export function labName({ workshop }: LabWish): string {
  if (workshop === undefined) return "lab";
  return `lab-${createHash("sha256").update(realpathSync(workshop)).digest("hex").slice(0, 8)}`;
}

/** One to come back to. */
export function labOptions(wish: LabWish): RunOptions {
  const folders = wish.workshop === undefined ? [] : [realpathSync(wish.workshop)];
  return {
    ...anyLab(folders),
    name: labName(wish),
    labels: { [LAB_LABEL]: "" },
    entrypoint: ["/bin/sh", "-c", furnish()],
  };
}

export interface OneCommand {
  /** Folders with the student's modules. */
  folders: string[];
  tty: boolean;
  interactive: boolean;
  /** Besides `base`. */
  image?: LentImage;
  /** Of this engine, from its verb on. */
  command: string[];
}

/** One for a single command, which it ends with. */
export function onceOptions({ folders, tty, interactive, image, command }: OneCommand): RunOptions {
  const lab = anyLab(folders);
  const words = [...engineCommand(), ...command];
  return {
    ...lab,
    mounts: [...lab.mounts, ...(image?.mounts ?? [])],
    labels: ourMark(),
    command: image ? ["/bin/sh", "-c", `${image.script}exec "$@"`, "sh", ...words] : words,
    remove: true,
    tty,
    interactive,
  };
}

/** Keyrings know no namespaces: who is an ordinary user outside would reach his keys in there. As on a kernel without keys. */
const NO_KEYS = {
  defaultAction: "SCMP_ACT_ALLOW",
  syscalls: [{ names: ["add_key", "keyctl", "request_key"], action: "SCMP_ACT_ERRNO", errnoRet: ERRNO.ENOSYS }],
};

function anyLab(folders: string[]): RunOptions {
  folders.forEach(requireOwnFolder);
  return runOptions("base", {
    env: [`PATH=${PATH}`, "PS1=lab# "],
    hostname: "lab",
    scratchBytes: FILES_BYTES,
    workdir: "/root",
    ...(process.getuid?.() === 0 ? { userns: "auto" } : { isSealed: true }),
    capAdd: ["ALL"],
    // A container in there has to be able to mount a /proc of its own, and all that is masked stands in its way.
    securityOpt: [`seccomp=${JSON.stringify(NO_KEYS)}`, "systempaths=unconfined"],
    mounts: [
      ...viewsOf(folders),
      { type: "bind", source: programPath("init"), target: REAPER, readOnly: true },
      // Where containers and overlays are made: the upper directory of one can't lie on another, as the lab's own files do.
      memory("/var/lib/mini-docker", "mode=700", "size=256m"),
      memory("/run/mini-docker", "mode=700", "size=16m"),
      memory("/root", "mode=700", "size=128m"),
      memory("/tmp", "mode=1777", "size=128m"),
    ],
    delegateCgroups: true,
    ...limits(),
  });
}

/** What can be limited here. An ordinary user's processes can always be counted, but those of all his labs together. */
function limits(): Partial<RunOptions> {
  const { memory, pids } = labLimits();
  return {
    ...(memory && { memoryBytes: MEMORY_BYTES, memorySwapBytes: MEMORY_BYTES }),
    ...(pids ? { pidsLimit: PROCESSES } : { ulimits: [{ name: "nproc", soft: PROCESSES, hard: PROCESSES }] }),
  };
}

/** Whether a lab can be kept from taking all memory, and all processes, of this machine. */
export function labLimits(): { memory: boolean; pids: boolean } {
  const has = (name: string) => machineHere().bases.some(({ controllers }) => controllers.includes(name));
  return { memory: has("memory"), pids: has("pids") };
}

/** All that is in it can be read in the lab, so it mustn't be where everything else is, too. Throws UserError. */
function requireOwnFolder(folder: string): void {
  const real = realpathSync(folder);
  const isAround = (path: string) => path === real || path.startsWith(real === "/" ? real : `${real}/`);
  if (![...CROWDED, homedir(), ...homes()].some(isAround)) return;
  throw new UserError(`${folder} is no folder for a lab to see: there is more in it than modules`, {
    hint: "put them in a folder of their own",
  });
}

const CROWDED = ["/root", "/home", "/tmp", "/var/lib", "/etc", "/usr/lib", "/opt"];

/** Everybody's: under sudo, ours is not the one that matters. See passwd(5). */
function homes(): string[] {
  const lines = readFileSync("/etc/passwd", "utf8").trim().split("\n");
  return lines.map((line) => line.split(":")[5] ?? "").filter((home) => home.startsWith("/"));
}

const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** The first thing that runs in it: puts a few files where they belong, and then becomes the reaper. */
function furnish(): string {
  const words = [...engineCommand().map(quoted), '"$@"'].join(" ");
  return `set -e
cat > /bin/mini-docker <<'END'
#!/bin/sh
${LAB_VARIABLE}=1 exec ${words}
END
chmod 755 /bin/mini-docker
[ -e /bin/node ] || ln -s ${quoted(process.execPath)} /bin/node
ln -s ${quoted(join(packageFolder(), "lessons"))} /lessons
exec ${REAPER} --`;
}

function memory(target: string, ...options: string[]): MountOption {
  return { type: "tmpfs", target, readOnly: false, options: [...options, "exec", "dev", "suid"] };
}
