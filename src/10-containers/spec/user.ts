// The kernel knows numbers only; names come from two text files in the container, passwd(5) and group(5). Who runs the
// process is therefore looked up in the image, never on the host. The rules are Docker's (moby/sys/user, GetExecUser):
// a number means itself even where no entry has it, a name must exist.

import { UserError } from "../../01-syscalls/index.ts";

export interface ResolvedUser {
  uid: number;
  gid: number;
  /** The main group too, as Docker lists it. */
  additionalGids: number[];
  home: string;
}

/** The two files' text; undefined where the image has no such file. */
export interface UserFiles {
  passwd: string | undefined;
  group: string | undefined;
}

interface PasswdEntry {
  name: string;
  uid: number;
  gid: number;
  home: string;
}

interface GroupEntry {
  name: string;
  gid: number;
  members: string[];
}

/** A name or number somebody gave. */
interface Wanted {
  name: string;
  id: number | undefined;
}

const LARGEST_ID = 2 ** 31 - 1;

/**
 * Looks up `user` ("", `user`, `uid`, `user:group`, …) and the groups to add.
 * Without a group, the user's own and all that list him as a member; with one, that one alone.
 * @throws UserError in Docker's words, where a name is unknown or a number out of range
 */
export function resolveUser(files: UserFiles, user: string, groupAdd: string[] = []): ResolvedUser {
  const [userPart = "", groupPart = ""] = user.split(":", 2);
  const groups = parseGroup(files.group ?? "");
  const entry = findUser(parsePasswd(files.passwd ?? ""), userPart);
  const { gid, supplementary } = findGroups(groups, entry, groupPart);
  const added = groupAdd.map((name) => findGroup(groups, name));
  return {
    uid: entry.uid,
    gid,
    additionalGids: [...new Set([gid, ...supplementary, ...added])],
    home: entry.home || "/",
  };
}

function findUser(entries: PasswdEntry[], given: string): PasswdEntry {
  const wanted: Wanted = given === "" ? { name: "0", id: 0 } : parseWanted(given);
  const found = entries.find((entry) =>
    wanted.id === undefined ? entry.name === wanted.name : entry.uid === wanted.id,
  );
  if (found) return found;
  if (wanted.id === undefined) {
    throw new UserError(`unable to find user ${given}: no matching entries in passwd file`);
  }
  return { name: "", uid: wanted.id, gid: 0, home: "" };
}

function findGroups(groups: GroupEntry[], user: PasswdEntry, given: string): { gid: number; supplementary: number[] } {
  if (given !== "") return { gid: findGroup(groups, given), supplementary: [] };
  const memberships = groups.filter((group) => user.name !== "" && group.members.includes(user.name));
  return { gid: user.gid, supplementary: memberships.map((group) => group.gid) };
}

function findGroup(groups: GroupEntry[], given: string): number {
  const wanted = parseWanted(given);
  const found = groups.find((group) =>
    wanted.id === undefined ? group.name === wanted.name : group.gid === wanted.id,
  );
  const id = found?.gid ?? wanted.id;
  if (id === undefined) throw new UserError(`unable to find group ${given}: no matching entries in group file`);
  return id;
}

function parseWanted(given: string): Wanted {
  if (!/^[+-]?\d+$/.test(given)) return { name: given, id: undefined };
  const id = Number(given);
  if (id < 0 || id > LARGEST_ID) throw new UserError(`uids and gids must be in range 0-${LARGEST_ID}`);
  return { name: given, id };
}

/** `name:password:uid:gid:comment:home:shell`, a line each. */
function parsePasswd(text: string): PasswdEntry[] {
  return fieldsOf(text).map(([name = "", , uid, gid, , home = ""]) => ({
    name,
    uid: Number(uid),
    gid: Number(gid),
    home,
  }));
}

/** `name:password:gid:member,member`, a line each. */
function parseGroup(text: string): GroupEntry[] {
  return fieldsOf(text).map(([name = "", , gid, members = ""]) => ({
    name,
    gid: Number(gid),
    members: members.split(","),
  }));
}

/** Lines that are no entry, such as NIS's `+`, have no number in third place. */
function fieldsOf(text: string): string[][] {
  const lines = text.split("\n").map((line) => line.trim().split(":"));
  return lines.filter((fields) => /^\d+$/.test(fields[2] ?? ""));
}
