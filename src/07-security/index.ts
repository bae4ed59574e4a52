// Stage 07, from outside: how a root that may do everything becomes one that may do little. The compiler of filters is
// not among it: `cachedFilter` calls for it when there is something to compile.

export * from "./cache.ts";
export * from "./capabilities.ts";
export * from "./capability-steps.ts";
export * from "./conditions.ts";
export * from "./confine.ts";
export * from "./identity.ts";
export * from "./keyring.ts";
export * from "./landlock.ts";
export * from "./listener.ts";
export * from "./masks.ts";
export * from "./nonewprivs.ts";
export * from "./oom.ts";
export * from "./profile.ts";
export * from "./rlimits.ts";
export * from "./seccomp.ts";
export * from "./security-options.ts";
export * from "./sysctls.ts";
