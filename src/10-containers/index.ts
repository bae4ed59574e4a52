// Stage 10, from outside: the engine as a library. The command line imports the files themselves, one verb at a time, so
// that `run` does not load what only `stats` needs.

export { afterExit } from "./after-exit.ts";
export { renameContainer, updateContainer } from "./change.ts";
export { type Container, findContainer, findId, locked, readContainer } from "./container.ts";
export { createContainer } from "./create.ts";
export { type Event, readEvents } from "./events.ts";
export { type ExecOptions, startExec } from "./exec.ts";
export { containerFolder, defaultRoots, type Roots } from "./folders.ts";
export { runInForeground } from "./foreground.ts";
export { inOrder } from "./in-order.ts";
export { inspectContainer } from "./inspect.ts";
export { type RunOptions, runOptions } from "./options.ts";
export { pauseContainer, unpauseContainer } from "./pause.ts";
export { containerPlan, type PlanInput } from "./plan.ts";
export { removeContainer } from "./remove.ts";
export { restartContainer, startExisting } from "./restart.ts";
export { allContainers } from "./settle.ts";
export { Stages } from "./stages.ts";
export { type StartOptions, startContainer } from "./start.ts";
export { killContainer, stopContainer } from "./stop.ts";
export { waitForExit } from "./wait.ts";
