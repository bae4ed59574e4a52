// Stage 01, from outside: steps, the kernel's names, and the two ways to carry a list out.

export * from "./calls.ts";
export * from "./errno.ts";
export * from "./error.ts";
export * from "./flags.ts";
export { type CallName, callNumber } from "./numbers.ts";
export * from "./spell.ts";
export * from "./step.ts";
