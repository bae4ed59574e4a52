// What is the machine's and not the container's: settings, memory, disks, mounts, namespaces, groups. All of it is asked
// for by a program that is root in its container. Opening a file is enough of an answer: nothing is written if it succeeds.

import { readFileSync } from "node:fs";
import { findMachine } from "../../../04-cgroups/index.ts";
import { type Attack, NotPerformed, notApplicable, verdictOn } from "../attack.ts";
import type { Ground } from "../ground.ts";
import { descriptorsOf, parentOf } from "../proc.ts";
import { printed, whileStanding } from "../target.ts";

/** What a script printed, line by line. It says "done" at last: one that ended before has tried nothing. */
async function linesFrom(ground: Ground, script: string, ...flags: string[]): Promise<string[]> {
  const { stdout, stderr, code } = await ground.inside(`{ ${script}\n} 2>/dev/null; echo done`, ...flags);
  const lines = stdout.trim().split("\n");
  if (lines.pop() !== "done") throw new NotPerformed(`it didn't come to its end (${code}): ${stderr.trim()}`);
  return lines;
}

const SETTINGS = [
  "/proc/sys/kernel/core_pattern",
  "/proc/sys/kernel/hostname",
  "/proc/sys/vm/overcommit_memory",
  "/proc/sysrq-trigger",
  "/sys/kernel/uevent_helper",
  "/sys/fs/cgroup/*/release_agent",
  "/sys/fs/cgroup/*/cgroup.procs",
  "/sys/fs/cgroup/cgroup.procs",
  "/sys/fs/cgroup/*/devices.allow",
  "/sys/fs/cgroup/memory.max",
];

export const setTheMachine: Attack = {
  name: "set the machine through /proc, /sys and its groups",
  cve: ["CVE-2015-3630"],
  async perform(ground) {
    const script = `for f in ${SETTINGS.join(" ")}; do [ -e $f ] && (: >>$f) && echo $f; done`;
    const open = await linesFrom(ground, script);
    return verdictOn(open, {
      escaped: "could be opened for writing",
      held: `none of ${SETTINGS.length} kinds of setting could be opened for writing`,
    });
  },
};

const TELLING = [
  "/proc/keys",
  "/proc/timer_list",
  "/proc/kcore",
  "/proc/scsi/scsi",
  "/proc/sched_debug",
  "/proc/interrupts",
];
const TELLING_FOLDERS = ["/proc/acpi", "/sys/firmware", "/sys/devices/virtual/powercap"];

export const readTheNeighbours: Attack = {
  name: "read what the kernel tells of others",
  cve: ["CVE-2017-16539", "CVE-2018-10892"],
  async perform(ground) {
    const script = `
      for f in ${TELLING.join(" ")}; do [ -n "$(head -c1 $f | tr '\\0' x)" ] && echo $f; done
      for d in ${TELLING_FOLDERS.join(" ")}; do [ -n "$(ls $d)" ] && echo $d; done`;
    return verdictOn(await linesFrom(ground, script), {
      escaped: "could be read",
      held: `${TELLING.length + TELLING_FOLDERS.length} places of /proc and /sys are empty`,
    });
  },
};

export const makeADisk: Attack = {
  name: "make a device node for the disk and for memory",
  async perform(ground) {
    const disks = readFileSync("/proc/partitions", "utf8").split("\n").slice(2, 4).filter(Boolean);
    const blocks = disks.map((line) => `b ${line.trim().split(/\s+/).slice(0, 2).join(" ")}`);
    const nodes = ["c 1 1", "c 1 2", "c 1 11", ...blocks];
    const script = `for d in "${nodes.join('" "')}"; do rm -f /tmp/n; mknod /tmp/n $d && (: </tmp/n) && echo "$d"; done`;
    return verdictOn(await linesFrom(ground, script), {
      escaped: "could be opened",
      held: `none of ${nodes.length} devices could be opened, though a node for each could be made`,
    });
  },
};

export const mountAnew: Attack = {
  name: "mount it otherwise, or take the masks away",
  async perform(ground) {
    const mounts = [
      "-t tmpfs t /mnt",
      "-t proc p /mnt",
      "--bind / /mnt",
      "-o remount,rw /sys",
      "-o remount,bind,rw /proc/sys",
    ];
    const tries = [
      ...mounts.map((args) => `mount ${args}`),
      "umount /proc/keys",
      "umount /sys/firmware",
      "umount /proc/sys",
    ];
    return verdictOn(await linesFrom(ground, tries.map(thatWorks).join("\n")), {
      escaped: "was done",
      held: `each of ${tries.length} calls of mount and umount was refused`,
    });
  },
};

export const newNamespaces: Attack = {
  name: "become root in a namespace of one's own",
  cve: ["CVE-2022-0185"],
  async perform(ground) {
    const tries = ["-U -r", "-m", "-n", "-p -f", "-i", "-u", "-C"].map((flags) => `unshare ${flags} true`);
    const all = [...tries, "nsenter -t 1 -m true"];
    return verdictOn(await linesFrom(ground, all.map(thatWorks).join("\n")), {
      escaped: "was done",
      held: `${all.length} ways to make or join a namespace were refused`,
    });
  },
};

/** The kernel starts the program that is named there, as root of the host, when a group of cgroup v1 is empty. */
export const releaseAgent: Attack = {
  name: "have the kernel run a program: cgroup v1's release_agent",
  cve: ["CVE-2022-0492"],
  async perform(ground) {
    const controllers = findMachine().hierarchies.flatMap((each) => (each.version === 1 ? each.controllers : []));
    if (controllers.length === 0) return notApplicable("this machine has no cgroup v1");
    const script = `
      for c in ${controllers.join(" ")}; do
        mkdir -p /tmp/$c
        mount -t cgroup -o $c c /tmp/$c && (: >>/tmp/$c/release_agent) && echo $c
        unshare -U -r -m -C sh -c "mount -t cgroup -o $c c /tmp/$c && (: >>/tmp/$c/release_agent)" && echo $c
      done`;
    const asDockerDoes = ["--cgroupns", "host"];
    return verdictOn(await linesFrom(ground, script, ...asDockerDoes), {
      escaped: "its release_agent could be opened for writing",
      held: `none of ${controllers.length} hierarchies could be mounted, by root or in a user namespace`,
    });
  },
};

const thatWorks = (command: string) => `${command} && echo "${command}"`;

/** See `--network host`: names of the abstract kind belong to the network, and not to a folder that one could not reach. */
export const abstractSockets: Attack = {
  name: "reach the engine's socket through the host's network",
  cve: ["CVE-2020-15257"],
  perform({ target }) {
    const command = ["sh", "-c", "cat /proc/net/unix; echo done; exec sleep 1000"];
    return whileStanding(target, { flags: ["--network", "host"], command }, async (standing) => {
      const output = await printed(standing, /^done$/m);
      const abstract = output.split("\n").filter((line) => line.includes("@"));
      const watcher = parentOf(await standing.pid());
      const own = watcher > 1 ? descriptorsOf(watcher) : [];
      const theirs = abstract.filter((line) => own.includes(`socket:[${line.trim().split(/\s+/)[6]}]`));
      return verdictOn(theirs, {
        escaped: "what watches over the container listens on",
        held: `${abstract.length} abstract sockets can be seen, and none is of what watches over the container`,
      });
    });
  },
};
