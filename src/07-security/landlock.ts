// Landlock: a process gives up, for itself and for all it will ever start, every file but those it names. It needs nobody's
// permission for that, and there is no way back. Root gives them up as well: a capability doesn't help, nor does the owner.
// What is a ring of its own: a hole in another (an open descriptor of the host's root, a mount too many) meets it, too.
// See landlock(7).
//
// A kernel knows the rights that were there when it was made. Those it doesn't know it can't take away, so they are left
// out: a rule that holds in most places is better than none. Without any Landlock what asks for it is refused.

import {
  LANDLOCK_ACCESS_FS,
  LANDLOCK_CREATE_RULESET,
  LANDLOCK_RULE,
  O,
  openInRootStep,
  openStep,
  performOne,
  RESOLVE,
  reg,
  type Step,
  SyscallError,
  spellFlags,
  step,
  struct,
  UserError,
} from "../01-syscalls/index.ts";

/** Where a bundle says it; a runtime that doesn't know the word passes it over. */
export const LANDLOCK_ANNOTATION = "mini-docker.landlock";

/** What may be done with `path` and all below it. */
export interface LandlockRule {
  path: string;
  /** Letters of `rwx`: read and list, change, start. */
  rights: string;
}

export interface Landlock {
  rules: LandlockRule[];
  /** Which of its versions the kernel has. */
  abi: number;
}

/** `rx:/usr,rwx:/tmp` → its rules. Throws UserError. */
export function parseLandlock(text: string): LandlockRule[] {
  return text.split(",").map((rule) => {
    const [, rights, path] = /^([rwx]+):(\/.*)$/s.exec(rule) ?? [];
    if (rights !== undefined && path !== undefined) return { rights, path };
    throw new UserError(`invalid Landlock rule "${rule}"`, {
      hint: "landlock=rx:/usr,rwx:/tmp: letters of rwx and an absolute path, with commas between",
    });
  });
}

/** What a bundle asks for; undefined if nothing. Throws UserError where the kernel can't do it. */
export function landlockIn(annotations: Readonly<Record<string, string>> = {}): Landlock | undefined {
  const text = annotations[LANDLOCK_ANNOTATION];
  if (text === undefined) return undefined;
  const [rules, abi] = [parseLandlock(text), landlockAbi()];
  if (abi === 0) throw noLandlock(text);
  return { rules, abi };
}

export function noLandlock(asked: string): UserError {
  return new UserError(`landlock=${asked} was asked for, but this host's kernel has no Landlock`);
}

/** The kernel's version of Landlock; 0 where it was left out, or not switched on at boot. */
export function landlockAbi(): number {
  const args = [null, 0, LANDLOCK_CREATE_RULESET.VERSION];
  try {
    return performOne(step("landlock_create_ruleset", args, { why: "which version of Landlock is here?" }));
  } catch (error) {
    if (error instanceof SyscallError && ["ENOSYS", "EOPNOTSUPP", "EPERM"].includes(error.code)) return 0;
    throw error;
  }
}

/**
 * To be made where `/` is the container's, by who has CAP_SYS_ADMIN. What is open by then stays open. Every later process
 * of the container goes through the same: a domain is inherited, not entered.
 */
export function landlockSteps({ rules, abi }: Landlock): Step[] {
  const handled = bitsOf(Object.keys(RIGHTS), abi, [...ON_FILES, ...ON_DIRECTORIES]);
  const attributes = struct(["handled_access_fs", "u64", handled, spellAccess]);
  return [
    openStep({ path: "/", flags: O.PATH | O.DIRECTORY, why: "the container's root", as: "top" }),
    step("landlock_create_ruleset", [attributes, 8, 0], {
      why: "none of this, but with the files named",
      as: "ruleset",
    }),
    ...rules.flatMap((rule) => ruleSteps(rule, abi)),
    step("landlock_restrict_self", [reg("ruleset"), 0], { why: "from here on, and for all that it starts" }),
  ];
}

/**
 * A rule holds for the file that its path leads to now. No link may lead there: who can change one while the container
 * runs could have a later process be given more than he has himself.
 */
function ruleSteps({ path, rights }: LandlockRule, abi: number): Step[] {
  const resolve = RESOLVE.IN_ROOT | RESOLVE.NO_SYMLINKS;
  const letters = [...rights];
  const [files, directories] = [bitsOf(letters, abi, ON_FILES), bitsOf(letters, abi, ON_DIRECTORIES)];
  const why = `"${rights}": the files that are named`;
  return [
    openInRootStep({ root: reg("top"), path, flags: O.PATH, resolve, why: "what the rule is about", as: "path" }),
    addRuleStep(files, { why }),
    ...(directories === 0 ? [] : [addRuleStep(directories, { why: "and if it is a directory", allow: ["EINVAL"] })]),
  ];
}

function addRuleStep(access: number, about: Pick<Step, "why" | "allow">): Step {
  const attributes = struct(["allowed_access", "u64", access, spellAccess], ["parent_fd", "u32", reg("path")]);
  return step("landlock_add_rule", [reg("ruleset"), LANDLOCK_RULE.PATH_BENEATH, attributes, 0], about);
}

const spellAccess = (value: bigint) => spellFlags(LANDLOCK_ACCESS_FS, value, "LANDLOCK_ACCESS_FS_");

type Right = keyof typeof LANDLOCK_ACCESS_FS;

const RIGHTS: Readonly<Record<string, readonly Right[]>> = {
  r: ["READ_FILE", "READ_DIR"],
  w: [
    ...([
      "WRITE_FILE",
      "TRUNCATE",
      "IOCTL_DEV",
      "REFER",
      "REMOVE_DIR",
      "REMOVE_FILE",
      "MAKE_CHAR",
      "MAKE_DIR",
    ] as const),
    ...(["MAKE_REG", "MAKE_SOCK", "MAKE_FIFO", "MAKE_BLOCK", "MAKE_SYM"] as const),
  ],
  x: ["EXECUTE"],
};

/** The kernel refuses a rule about a file that speaks of what only directories have. */
const ON_FILES: readonly Right[] = ["EXECUTE", "WRITE_FILE", "READ_FILE", "TRUNCATE", "IOCTL_DEV"];
const ON_DIRECTORIES = (Object.keys(LANDLOCK_ACCESS_FS) as Right[]).filter((right) => !ON_FILES.includes(right));

/** Rights that came later than the first version. */
const SINCE: Partial<Record<Right, number>> = { REFER: 2, TRUNCATE: 3, IOCTL_DEV: 5 };

function bitsOf(letters: readonly string[], abi: number, of: readonly Right[]): number {
  const rights = letters.flatMap((letter) => RIGHTS[letter] ?? []);
  const known = rights.filter((right) => of.includes(right) && (SINCE[right] ?? 1) <= abi);
  return known.reduce((bits, right) => bits | LANDLOCK_ACCESS_FS[right], 0);
}
