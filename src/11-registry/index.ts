// Stage 11, from outside: where images come from and go to.

export { type ServeOptions, type Serving, serveRegistry } from "./server/serve.ts";
export type { ToldRequest } from "./server/told.ts";
