// New namespaces. clone3(2) makes most of them together with the process that will live in them. Two can't be made
// there: what a cgroup namespace shows as `/` is the cgroup its maker is in, so it has to come after the process was
// placed; and a time namespace wants its offsets written before anybody is in it (time.ts).

import { CLONE, type Step, UserError, unshareStep } from "../01-syscalls/index.ts";
import { flagsOf, KINDS, type NamespaceType } from "./kinds.ts";

/** One element of `linux.namespaces` in an OCI bundle: without `path` a new one, with it one to join. */
export interface Namespace {
  type: NamespaceType;
  path?: string;
}

const AFTER_CLONE: readonly NamespaceType[] = ["cgroup", "time"];

/** The CLONE flags for clone3. Throws UserError for a kind that isn't one, or is named twice. */
export function cloneFlags(namespaces: readonly Namespace[]): number {
  checkNamespaces(namespaces);
  return flagsOf(namespaces.filter(isNew).flatMap(({ type }) => (AFTER_CLONE.includes(type) ? [] : [type])));
}

/** In the child, once it is in its cgroup: that becomes the `/` of its tree. */
export function cgroupNamespaceSteps(): Step[] {
  return [unshareStep({ flags: CLONE.NEWCGROUP, why: "the cgroup we are in is the top of the tree from here on" })];
}

function isNew({ path }: Namespace): boolean {
  return path === undefined || path === "";
}

/** What a hand-written bundle may get wrong. */
function checkNamespaces(namespaces: readonly Namespace[]): void {
  const types = namespaces.map(({ type }) => type);
  const stray = types.find((type) => !KINDS.some((kind) => kind.type === type));
  if (stray !== undefined) throw new UserError(`no kind of namespace is called "${stray}"`);
  const twice = types.find((type, index) => types.indexOf(type) !== index);
  if (twice !== undefined) throw new UserError(`the ${twice} namespace is listed twice`);
}
