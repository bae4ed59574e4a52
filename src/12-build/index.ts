// Stage 12, from outside: a Dockerfile and a context become an image.

export { fromAnywhere, fromStore, type Obtain } from "./base.ts";
export { type BuildRequest, buildStages, Cancelled } from "./build.ts";
export { type CommitRequest, commitContainer } from "./commit.ts";
export { type BuildContext, type ContextRequest, openContext } from "./context.ts";
export type { Network, Secret, Snapshot } from "./deed.ts";
export { buildImage, type ImageRequest } from "./image.ts";
export { type Output, parseOutput } from "./output.ts";
export type { OnProgress, Progress, Task } from "./progress.ts";
