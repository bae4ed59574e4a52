// Stage 10, from outside: a container's whole life, one function a wish. What follows are the names by which a later stage
// or a program finds them; the command line takes each from its own file, so that `run` doesn't load `stats`.

export { type AttachHandlers, Attachment, connectTo } from "./attach.ts";
export { createFromBundle } from "./bundle-in.ts";
export { copyBundle, mountBundle } from "./bundle-out.ts";
export { renameContainer, type Update, updateContainer } from "./change.ts";
export { type Container, findContainer, findId, readContainer } from "./container.ts";
export { type CopyRequest, copyIn, copyOut, packOut, unpackIn } from "./copy.ts";
export { createContainer } from "./create.ts";
export { containerChanges } from "./diff.ts";
export { examine, isWell } from "./doctor/examine.ts";
export type { Finding } from "./doctor/finding.ts";
export { type Event, readEvents } from "./events.ts";
export { type Exec, type ExecOptions, startExec } from "./exec.ts";
export { systemFacts } from "./facts.ts";
export { defaultRoots, type Roots } from "./folders.ts";
export { type EventRequest, tellEvents } from "./follow-events.ts";
export { type LogRequest, tellLog } from "./follow-log.ts";
export { attachInForeground, runInForeground } from "./foreground.ts";
export { loadImages, removeImageNamed } from "./images.ts";
export { inspectContainer } from "./inspect.ts";
export { type ListRequest, listContainers } from "./list.ts";
export { findImages, type ImageRequest } from "./list-images.ts";
export type { Spec } from "./oci.ts";
export { type RunOptions, runOptions } from "./options.ts";
export { pauseContainer, unpauseContainer } from "./pause.ts";
export { containerPlan } from "./plan.ts";
export { pruneContainers, pruneImages } from "./prune.ts";
export { removeContainer } from "./remove.ts";
export { restartContainer, startExisting } from "./restart.ts";
export { findSettled, settled } from "./settle.ts";
export { containerSize } from "./size.ts";
export { Stages } from "./stages.ts";
export { stateName, statusText } from "./status.ts";
export { killContainer, stopContainer } from "./stop.ts";
export { containerProcesses } from "./top.ts";
export { takeSample, usageBetween } from "./usage.ts";
export { waitForExit } from "./wait.ts";
