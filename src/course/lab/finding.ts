// What kind of lab this machine can have, for `doctor`; and where it can have none, why.

import { existsSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { isIdmappable, isInitialUserNamespace } from "../../03-namespaces/index.ts";
import { kernelSupport } from "../../05-overlay/index.ts";
import type { Finding } from "../../10-containers/doctor/finding.ts";
import type { Roots } from "../../10-containers/folders.ts";
import { labLimits } from "./options.ts";

/** All that is said, in one place. */
export const WORDS = {
  name: "the lab",
  whole: "root in there is nobody here; memory and processes are limited",
  single: "with root as its only user",
  none: "none",
  overlay: { why: "this kernel has no overlay", mend: "load it (modprobe overlay), or boot a distribution's kernel" },
  users: {
    why: "user namespaces can't be made here",
    mend: "mend those first, see above; attacks in lessons are shown as they were recorded",
  },
  nested: { why: "this is a container already", mend: "modules run where they are" },
  owners: {
    why: "the filesystem of our root folder can't show files with other owners",
    mend: "choose one on ext4, XFS or btrfs with --root",
  },
  user: { why: "an ordinary user can have one id there: his own", mend: "as root there are 65536" },
  limits: {
    why: "no group that limits memory and processes is ours to make",
    mend: "have cgroups delegated, see above; until then the attacks on memory are shown as they were recorded",
  },
};

type Refusal = { why: string; mend: string };

/** Why there can be no lab, as a hint to follow the error; undefined where nothing speaks against one. */
export function labRefusal(): { hint: string } | undefined {
  const refusal = refusalHere();
  return refusal && { hint: `${refusal.why}: ${refusal.mend}` };
}

function refusalHere(): Refusal | undefined {
  if (kernelSupport() === "none") return WORDS.overlay;
  return mayMakeUsers() ? undefined : WORDS.users;
}

/** What the kernel's own settings say; `doctor` tries it besides. */
function mayMakeUsers(): boolean {
  if (setting("user/max_user_namespaces") === "0") return false;
  if (process.getuid?.() === 0) return true;
  return (
    setting("kernel/unprivileged_userns_clone") !== "0" &&
    setting("kernel/apparmor_restrict_unprivileged_userns") !== "1"
  );
}

function setting(name: string): string | undefined {
  try {
    return readFileSync(`/proc/sys/${name}`, "latin1").trim();
  } catch {
    return undefined;
  }
}

/** The folder, or where it would be made. */
function nearest(folder: string): string {
  return existsSync(folder) ? folder : nearest(dirname(folder));
}

export function labFinding({ root }: Pick<Roots, "root">): Finding {
  const refusal = refusalHere();
  if (refusal) return { name: WORDS.name, status: "limited", found: WORDS.none, ...refusal };
  if (!isInitialUserNamespace()) return { name: WORDS.name, status: "limited", found: WORDS.none, ...WORDS.nested };
  const { memory, pids } = labLimits();
  if (!memory || !pids) return { name: WORDS.name, status: "limited", found: WORDS.single, ...WORDS.limits };
  if (process.getuid?.() !== 0) return { name: WORDS.name, status: "limited", found: WORDS.single, ...WORDS.user };
  if (!isIdmappable(nearest(root)))
    return { name: WORDS.name, status: "limited", found: WORDS.single, ...WORDS.owners };
  return { name: WORDS.name, status: "ok", found: WORDS.whole };
}
