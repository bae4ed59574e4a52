// Stage 11, from outside: where images come from and go to.

export { type ServeOptions, type Serving, serveRegistry } from "./server/serve.ts";
export type { ToldRequest } from "./server/told.ts";
// Stage 11, from outside: images from registries, and to them.

export type { Credentials } from "./credentials.ts";
export { HUB } from "./endpoint.ts";
export { knownCredentials, logIn, logOut, registryName } from "./login.ts";
export type { LayerState, OnLayer } from "./progress.ts";
export { type Pulled, type PullOptions, pullImage } from "./pull.ts";
export { localTags, type Pushed, type PushOptions, pushImage } from "./push.ts";
export { type SearchOptions, type SearchResult, searchImages } from "./search.ts";
export { listTags } from "./tags.ts";
