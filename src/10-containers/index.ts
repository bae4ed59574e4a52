// Stage 10, from outside: a container's whole life, one function a wish. What follows are the names by which a later stage
// or a program finds them; the command line takes each from its own file, so that `run` doesn't load `stats`.

export { createFromBundle } from "./bundle-in.ts";
export { copyBundle, mountBundle } from "./bundle-out.ts";
export { renameContainer, type Update, updateContainer } from "./change.ts";
export { type Container, findContainer, findId, readContainer } from "./container.ts";
export { type CopyRequest, copyIn, copyOut, packOut, unpackIn } from "./copy/copy.ts";
export { createContainer } from "./create.ts";
export { examine, isWell } from "./doctor/examine.ts";
export type { Finding } from "./doctor/finding.ts";
export { type Event, readEvents } from "./events.ts";
export { type Exec, type ExecOptions, startExec } from "./exec.ts";
export { defaultRoots, type Roots } from "./folders.ts";
export { loadImages, removeImageNamed } from "./images.ts";
export { containerChanges } from "./look/diff.ts";
export { systemFacts } from "./look/facts.ts";
export { type EventRequest, tellEvents } from "./look/follow-events.ts";
export { inspectContainer } from "./look/inspect.ts";
export { type ListRequest, listContainers } from "./look/list.ts";
export { findImages, type ImageRequest } from "./look/list-images.ts";
export { containerSize } from "./look/size.ts";
export { stateName, statusText } from "./look/status.ts";
export { containerProcesses } from "./look/top.ts";
export { takeSample, usageBetween } from "./look/usage.ts";
export { pauseContainer, unpauseContainer } from "./pause.ts";
export { containerPlan } from "./plan.ts";
export { pruneContainers, pruneImages } from "./prune.ts";
export { removeContainer } from "./remove.ts";
export { restartContainer, startExisting } from "./restart.ts";
export { findSettled, settled } from "./settle.ts";
export type { Spec } from "./spec/oci.ts";
export { type RunOptions, runOptions } from "./spec/options.ts";
export { Stages } from "./stages.ts";
export { killContainer, stopContainer } from "./stop.ts";
export { type AttachHandlers, Attachment, connectTo } from "./streams/attach.ts";
export { type LogRequest, tellLog } from "./streams/follow-log.ts";
export { attachInForeground, runInForeground } from "./streams/foreground.ts";
export { waitForExit } from "./wait.ts";
