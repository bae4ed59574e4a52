// Stage 01, from outside: steps, the kernel's names, and the two ways to carry a list out.

export { become } from "./become.ts";
export { bindStep, type Registers, refsOf } from "./bind.ts";
export * from "./calls.ts";
export { closeInheritedSteps } from "./close-inherited.ts";
export { exitCodeAtEnd, exitCodeIfEnded, exitCodeOf } from "./ended.ts";
export * from "./errno.ts";
export * from "./error.ts";
export * from "./flags.ts";
export { announcedAwaitSteps, awaitStep, goStep, isAwait, isGo, partSteps, readyStep } from "./handshake.ts";
export { LaunchError, type Launched, type LaunchOptions, type ListName, launch, type Traced } from "./launch.ts";
export { addressOf } from "./libc.ts";
export { type CallName, callNumber } from "./numbers.ts";
export { type Performed, perform, performOne } from "./perform.ts";
export { type Program, programFd, programPath } from "./programs.ts";
export { randomBytes } from "./random.ts";
export { beginProgram, type RanProgram } from "./run-program.ts";
export * from "./spell.ts";
export { reap } from "./start.ts";
export * from "./step.ts";
export * from "./unix-socket.ts";
