// Stage 11, from outside: images from registries, and to them. The other side of it, being a registry, has a door of its
// own (server/serve.ts): who pulls needs none of that.

export type { Credentials } from "./credentials.ts";
export { HUB } from "./endpoint.ts";
export { knownCredentials, logIn, logOut, registryName } from "./login.ts";
export type { LayerState, OnLayer } from "./progress.ts";
export { type Pulled, type PullOptions, pullImage } from "./pull.ts";
export { localTags, type Pushed, type PushOptions, pushImage } from "./push.ts";
export { type SearchOptions, type SearchResult, searchImages } from "./search.ts";
export { listTags } from "./tags.ts";
