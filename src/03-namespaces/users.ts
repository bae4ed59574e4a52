// A user namespace is a table: the ids 0, 1, 2 … inside are these ids outside (user_namespaces(7)). "Root" inside has
// every capability over what belongs to the namespace, and outside is whoever the table says.
//
// The table is written once, from outside, into /proc/PID/uid_map and gid_map. The host's root may write any. Anybody
// else may write a single line with their own id, and must first give up setgroups: a group can be used to *deny*
// access, and dropping out of it would undo that (CVE-2014-8989). That one line needs no helper program.

import { readFileSync } from "node:fs";
import { PID, type Step, step, writeFileSteps } from "../01-syscalls/index.ts";

/** One line of a map, as an OCI bundle has it: `size` ids from `containerID` on are those from `hostID` on. */
export interface IdMapping {
  containerID: number;
  hostID: number;
  size: number;
}

export interface UserMap {
  uidMappings: readonly IdMapping[];
  gidMappings: readonly IdMapping[];
}

/** Whether ids are the machine's own. In any other user namespace root is root of less: no device can be made there. */
export function isInitialUserNamespace(map = readFileSync("/proc/self/uid_map", "latin1")): boolean {
  return /^\s*0\s+0\s+4294967295\s*$/.test(map);
}

/**
 * Root that may write any map and give up groups: not that of a user namespace which an ordinary user has made, where
 * setgroups is denied for good.
 */
export function isPrivileged(): boolean {
  return process.getuid?.() === 0 && readFileSync("/proc/self/setgroups", "latin1").trim() !== "deny";
}

/** The map anybody may write: inside, you are root (or `inside`, if given); every other id is nobody. */
export function oneIdMap(you: { uid: number; gid: number }, inside = { uid: 0, gid: 0 }): UserMap {
  return {
    uidMappings: [{ containerID: inside.uid, hostID: you.uid, size: 1 }],
    gidMappings: [{ containerID: inside.gid, hostID: you.gid, size: 1 }],
  };
}

const FIRST_ORDINARY = 1000;

/** Somebody who isn't root: you; or, if you are root, the first ordinary user, if your namespace has any but you. */
export function ordinaryUser(you = ourIds(), map = readFileSync("/proc/self/uid_map", "latin1")) {
  const hasOthers = !/^\s*\d+\s+\d+\s+1\s*$/.test(map);
  const other = hasOthers ? FIRST_ORDINARY : 0;
  return { uid: you.uid || other, gid: you.gid || other };
}

function ourIds() {
  return { uid: process.getuid!(), gid: process.getgid!() };
}

/** Writes the maps of the child, from the parent. `privileged`: the parent has the host's CAP_SETUID and CAP_SETGID. */
export function userMapSteps({ uidMappings, gidMappings }: UserMap, privileged: boolean): Step[] {
  const deny = privileged ? [] : procFileSteps("setgroups", "deny", "an ordinary user gives this up for gid_map");
  return [
    ...deny,
    ...procFileSteps("uid_map", mapText(uidMappings), "which users outside the ones inside are"),
    ...procFileSteps("gid_map", mapText(gidMappings), "and which groups"),
  ];
}

/** The same in the child itself, where nobody outside may: a line with his own id everybody may write. */
export function ownMapSteps({ uidMappings, gidMappings }: UserMap): Step[] {
  const write = (name: string, data: string, why: string) =>
    writeFileSteps({ path: `/proc/self/${name}`, data, why, as: name });
  return [
    ...write("setgroups", "deny", "an ordinary user gives this up for gid_map"),
    ...write("uid_map", mapText(uidMappings), "which user outside is the one inside"),
    ...write("gid_map", mapText(gidMappings), "and which group"),
  ];
}

/**
 * Becomes root of the namespace, in the child, once the maps are written. From here on the process is not dumpable, so
 * what is to be written to its own files in /proc by anybody but the host's root comes before.
 */
export function becomeRootSteps(): Step[] {
  return [
    // Groups of the one who started us would go on giving access to the host's files.
    step("setgroups", [0, null], { why: "no groups from outside; denied to ordinary users", allow: ["EPERM"] }),
    step("setresgid", [0, 0, 0], { why: "the root group of this namespace" }),
    step("setresuid", [0, 0, 0], { why: "its root, who is nobody special outside" }),
  ];
}

function procFileSteps(name: string, data: string, why: string): Step[] {
  return writeFileSteps({ path: { text: ["/proc/", PID, `/${name}`] }, data, why, as: name });
}

/** The kernel takes a map in one write, a line for each range. */
function mapText(mappings: readonly IdMapping[]): string {
  return mappings.map(({ containerID, hostID, size }) => `${containerID} ${hostID} ${size}\n`).join("");
}
