// Stage 12, from outside: a Dockerfile and a context become an image.

export { fromStore, type Obtain } from "./base.ts";
export { type BuildRequest, buildStages, Cancelled } from "./build.ts";
export { type BuildContext, type ContextRequest, openContext } from "./context.ts";
export type { Secret, Snapshot } from "./deed.ts";
export { buildImage, type ImageRequest } from "./image.ts";
export type { OnProgress, Progress, Task } from "./progress.ts";
