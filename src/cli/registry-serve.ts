// `registry serve`: the store's images for everybody who can reach us, until Ctrl-C. One line tells each request, so that
// one can look on at the protocol.

import { once } from "node:events";
import { STATUS_CODES } from "node:http";
import { UserError } from "../01-syscalls/index.ts";
import type { Roots } from "../10-containers/folders.ts";
import { userOf } from "../10-containers/images.ts";
import { type ServeOptions, serveRegistry, type ToldRequest } from "../11-registry/server/serve.ts";
import { readCommand } from "./command.ts";
import { type FlagGroup, setters } from "./flags.ts";
import { writeAll } from "./output.ts";
import { report } from "./report.ts";
import { humanSize } from "./units.ts";
import { boolean } from "./values.ts";

interface Asked {
  addr: string;
  readOnly: boolean;
}

const serve = setters<Asked>();

const FLAGS: FlagGroup<Asked>[] = [
  [
    "Options:",
    ["--addr", "string", 'Address to listen on (default "127.0.0.1:5000")', serve.one("addr", (text) => text)],
    ["--read-only", "", "Take nothing in, and remove nothing", serve.one("readOnly", boolean)],
  ],
];

export async function verb(argv: string[], roots: Roots): Promise<number> {
  const asked: Asked = { addr: "127.0.0.1:5000", readOnly: false };
  const summary = "Serve the images that are here, and take in those that are pushed";
  if (readCommand({ name: "registry serve", flags: FLAGS, asked, summary }, argv) === undefined) return 0;
  const ended = Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
  const serving = await serveRegistry(roots.root, optionsOf(asked, roots));
  print(`Serving the images of ${roots.root} at ${serving.url} (Ctrl-C ends it)`);
  await ended;
  await serving.close();
  return 0;
}

function optionsOf({ addr, readOnly }: Asked, roots: Roots): ServeOptions {
  return {
    ...addressOf(addr),
    readOnly,
    isUsed: (imageId) => userOf(roots)(imageId),
    onRequest: (told) => print(line(told)),
    onFailure: (error) => report(error, 1),
  };
}

/** `127.0.0.1:5000`, `[::1]:5000`, or `:5000` for all addresses. Throws UserError. */
function addressOf(addr: string): { host: string; port: number } {
  const [, bracketed, plain, port = ""] = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(addr) ?? [];
  if (port !== "" && Number(port) <= 65535) return { host: bracketed ?? (plain || "::"), port: Number(port) };
  throw new UserError(`invalid value "${addr}" for --addr: it is HOST:PORT, such as 127.0.0.1:5000`);
}

/** `127.0.0.1 GET /v2/base/manifests/latest: 200 OK, 1.2kB` */
function line({ method, url, status, receivedBytes, sentBytes, client }: ToldRequest): string {
  const outcome = status === undefined ? "left before the answer" : `${status} ${STATUS_CODES[status] ?? ""}`;
  const received = receivedBytes > 0 ? `, ${humanSize(receivedBytes)} in` : "";
  return `${client} ${method} ${url}: ${outcome}${received}, ${humanSize(sentBytes)} out`;
}

function print(text: string): void {
  writeAll(1, `${text}\n`);
}
