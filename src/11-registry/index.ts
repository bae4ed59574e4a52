// Stage 11, from outside: where images come from and go to.

export { type ServeOptions, type Serving, serveRegistry } from "./server/serve.ts";
export type { ToldRequest } from "./server/told.ts";
// Stage 11, from outside: images from registries, and to them.

export { HUB, HUB_ACCOUNT } from "./endpoint.ts";
export type { LayerState, OnLayer } from "./progress.ts";
export { type Pulled, type PullOptions, pullImage } from "./pull.ts";
export { listTags } from "./tags.ts";
