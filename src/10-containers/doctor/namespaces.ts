// Each kind of namespace is tried: a process is made in a new one. Without root a user namespace has to come first, and
// there are three ways in which a machine forbids that (user_namespaces(7), namespaces(7), "The /proc/sys/user directory").

import {
  awaitStep,
  CLONE,
  cloneStep,
  execveatStep,
  goStep,
  launch,
  programFd,
  reap,
  reg,
  SyscallError,
} from "../../01-syscalls/index.ts";
import { KINDS, type Kind, manyIdsMap } from "../../03-namespaces/index.ts";
import { readText } from "../files.ts";
import { type Finding, lacking, ok } from "./finding.ts";

export function namespaceFindings(): Finding[] {
  const refused = KINDS.flatMap((kind) => {
    const errno = refusalOf(kind);
    return errno === undefined ? [] : [{ kind, errno }];
  });
  const made = KINDS.filter((kind) => !refused.some((other) => other.kind === kind)).map(({ type }) => type);
  const user = refused.find(({ kind }) => kind.type === "user");
  // Without root all kinds need that one, so one finding says it.
  if (user && !isRoot()) return [userFinding(user.errno)];
  return [
    ...(made.length > 0 ? [ok("namespaces", made.join(" "))] : []),
    ...refused.map(({ kind, errno }) => (kind.type === "user" ? userFinding(errno) : kindFinding(kind, errno))),
    ...(isRoot() ? [] : [idsFinding()]),
  ];
}

const isRoot = (): boolean => process.getuid?.() === 0;

/** Undefined where a process could be made in a new namespace of this kind. */
function refusalOf({ flag }: Kind): string | undefined {
  const flags = flag | (isRoot() ? 0 : CLONE.NEWUSER);
  const ending = { argv: ["init", "--", "/"], env: [], why: "a program that ends at once" };
  const plan = {
    before: [cloneStep({ flags, why: "is there such a namespace for us?" })],
    beside: [goStep("it is")],
    inside: [awaitStep("the parent has seen it"), execveatStep({ fd: reg("ending"), ...ending })],
  };
  try {
    reap(launch(plan, { fds: { ending: programFd("init") } }).launcherPid, true);
    return undefined;
  } catch (error) {
    if (error instanceof SyscallError) return error.code;
    throw error;
  }
}

/** A container can do without some of them, if it is told to. */
const OPTIONAL = ["user", "time"];

function kindFinding({ type, file }: Kind, errno: string): Finding {
  const status = OPTIONAL.includes(type) ? "limited" : "broken";
  const why = errno === "EINVAL" ? "this kernel was built without them" : `the kernel says ${errno}`;
  const mend =
    errno === "ENOSPC"
      ? `raise the limit: sysctl -w user.max_${file}_namespaces=10000`
      : "boot a distribution's kernel; in a container, ask for more privileges there";
  return lacking(status, `${type} namespace`, "none", { why, mend });
}

function userFinding(errno: string): Finding {
  const status = isRoot() ? "limited" : "broken";
  return lacking(
    status,
    "user namespace",
    "none",
    USER_REASONS.find(({ holds }) => holds()) ?? { why: errno, ...AS_ROOT },
  );
}

/** Of an ordinary user: whether his containers can have more users than him. */
function idsFinding(): Finding {
  const count = manyIdsMap()?.uidMappings.reduce((sum, { size }) => sum + size, 0);
  if (count !== undefined) return ok("users in containers", `${count}, by newuidmap`);
  const why = "it takes newuidmap, newgidmap, and ids that /etc/subuid and /etc/subgid give you";
  const mend = "apt install uidmap; usermod --add-subuids 100000-165535 --add-subgids 100000-165535 NAME";
  return lacking("limited", "users in containers", "one, who is you", { why, mend });
}

const AS_ROOT = { mend: "run as root, which needs none" };

const setting = (name: string): string => (readText(`/proc/sys/${name}`) ?? "").trim();

const USER_REASONS = [
  {
    holds: () => setting("kernel/apparmor_restrict_unprivileged_userns") === "1",
    why: "AppArmor keeps user namespaces from programs without a profile, as Ubuntu does from 23.10 on",
    mend: "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0, or run as root",
  },
  {
    holds: () => setting("kernel/unprivileged_userns_clone") === "0",
    why: "kernel.unprivileged_userns_clone is 0",
    mend: "sudo sysctl -w kernel.unprivileged_userns_clone=1, or run as root",
  },
  {
    holds: () => setting("user/max_user_namespaces") === "0",
    why: "user.max_user_namespaces is 0",
    mend: "sudo sysctl -w user.max_user_namespaces=10000, or run as root",
  },
];
