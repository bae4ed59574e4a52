// `--security-opt`: one flag for what has no flag of its own. Each is `key=value`, with Docker's keys and words.

import { existsSync, readFileSync } from "node:fs";
import { UserError } from "../01-syscalls/index.ts";
import type { ConditionalProfile } from "./conditions.ts";
import { landlockAbi, noLandlock, parseLandlock } from "./landlock.ts";

export interface SecurityOptions {
  noNewPrivileges: boolean;
  /** The default profile, none at all, or somebody's own in Docker's format. */
  seccomp: "builtin" | "unconfined" | ConditionalProfile;
  /** An AppArmor profile's name. */
  apparmor?: string;
  /** Parts of an SELinux label, `type:spc_t`, or `disable`. */
  labels: string[];
  /** `unconfined`: nothing of /proc and /sys is masked or read-only. */
  systemPaths: "default" | "unconfined";
  /** The only files it may reach: `rx:/,rwx:/tmp`, see landlock.ts. */
  landlock?: string;
}

type Reader = (options: SecurityOptions, value: string, given: string) => void;

const READERS: Readonly<Record<string, Reader>> = {
  "no-new-privileges": (options, value, given) => {
    options.noNewPrivileges = parseBoolean(value || "true", given);
  },
  seccomp: (options, value) => {
    options.seccomp = value === "builtin" || value === "unconfined" ? value : parseProfile(value);
  },
  apparmor: (options, value) => {
    options.apparmor = value;
  },
  label: (options, value) => {
    options.labels.push(value);
  },
  systempaths: (options, value, given) => {
    if (value !== "unconfined") throw invalid(given);
    options.systemPaths = value;
  },
  landlock: (options, value) => {
    parseLandlock(value);
    options.landlock = value;
  },
};

/** `["seccomp=unconfined"]` → the options, with the defaults of those not given. Throws UserError in Docker's words. */
export function parseSecurityOptions(list: readonly string[]): SecurityOptions {
  const options: SecurityOptions = { noNewPrivileges: false, seccomp: "builtin", labels: [], systemPaths: "default" };
  for (const given of list) {
    // A colon is how it was written once.
    const [, key = given, value = ""] = /^([^=:]*)[=:](.*)$/s.exec(given) ?? [];
    const read = READERS[key];
    if (!read || (value === "" && key !== "no-new-privileges")) throw invalid(given);
    read(options, value, given);
  }
  return options;
}

function invalid(given: string): UserError {
  return new UserError(`invalid --security-opt: ${JSON.stringify(given)}`);
}

/** What Go's strconv.ParseBool takes. */
function parseBoolean(value: string, given: string): boolean {
  if (/^(1|t|T|TRUE|true|True)$/.test(value)) return true;
  if (/^(0|f|F|FALSE|false|False)$/.test(value)) return false;
  throw invalid(given);
}

/** A profile's own text, or the path of a file that holds it. */
function parseProfile(value: string): ConditionalProfile {
  const text = value.trimStart().startsWith("{") ? value : readProfile(value);
  try {
    return JSON.parse(text) as ConditionalProfile;
  } catch (error) {
    throw new UserError(`decoding seccomp profile failed: ${(error as Error).message}`);
  }
}

function readProfile(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new UserError(`opening seccomp profile (${path}) failed: ${(error as Error).message}`);
  }
}

/** Which of the kernel's optional security modules this host has. */
export interface SecurityModules {
  apparmor: boolean;
  selinux: boolean;
  landlock: boolean;
}

export function findSecurityModules(): SecurityModules {
  return {
    apparmor: existsSync("/sys/kernel/security/apparmor/profiles"),
    selinux: existsSync("/sys/fs/selinux/enforce"),
    landlock: landlockAbi() > 0,
  };
}

/** Refuses a protection that was asked for by name and isn't there: to go on without would be a lie. Throws UserError. */
export function refuseMissingModules(asked: SecurityOptions, modules = findSecurityModules()): void {
  const { apparmor, labels, landlock } = asked;
  if (apparmor && apparmor !== "unconfined" && !modules.apparmor) {
    throw new UserError(`apparmor=${apparmor} was asked for, but this host's kernel has no AppArmor`);
  }
  const label = labels.find((each) => each !== "disable");
  if (label !== undefined && !modules.selinux) {
    throw new UserError(`label=${label} was asked for, but this host's kernel has no SELinux`);
  }
  if (landlock !== undefined && !modules.landlock) throw noLandlock(landlock);
}
