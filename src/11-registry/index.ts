// Stage 11, from outside: where images come from and go to.

export { type ServeOptions, type Serving, serveRegistry, type ToldRequest } from "./server/serve.ts";
