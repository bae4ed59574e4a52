// `registry serve`: the store's images for everybody who can reach us, until Ctrl-C. One line tells each request, so that
// one can look on at the protocol.

import { once } from "node:events";
import { readFileSync } from "node:fs";
import { STATUS_CODES } from "node:http";
import { UserError } from "../../01-syscalls/index.ts";
import type { Roots } from "../../10-containers/folders.ts";
import { userOf } from "../../10-containers/images.ts";
import { type ServeOptions, serveRegistry } from "../../11-registry/server/serve.ts";
import type { ToldRequest } from "../../11-registry/server/told.ts";
import { readCommand } from "../flags/command.ts";
import { type FlagGroup, setters } from "../flags/flags.ts";
import { addressOf, warningsOf } from "../flags/registry-address.ts";
import { boolean } from "../flags/values.ts";
import { warn, writeAll } from "../output.ts";
import { report } from "../show/report.ts";
import { humanSize } from "../show/units.ts";

interface Asked {
  addr: string;
  readOnly: boolean;
  htpasswd?: string;
  tlsCert?: string;
  tlsKey?: string;
}

const serve = setters<Asked>();
const text = (given: string): string => given;

const FLAGS: FlagGroup<Asked>[] = [
  [
    "Options:",
    ["--addr", "string", 'Address to listen on (default "127.0.0.1:5000")', serve.one("addr", text)],
    ["--htpasswd", "string", "Ask for the names and passwords in this file", serve.one("htpasswd", text)],
    ["--read-only", "", "Take nothing in, and remove nothing", serve.one("readOnly", boolean)],
    ["--tls-cert", "string", "Encrypt, with this certificate (PEM)", serve.one("tlsCert", text)],
    ["--tls-key", "string", "The certificate's key (PEM)", serve.one("tlsKey", text)],
  ],
];

export async function verb(argv: string[], roots: Roots): Promise<number> {
  const asked: Asked = { addr: "127.0.0.1:5000", readOnly: false };
  const summary = "Serve the images that are here, and take in those that are pushed: NAME becomes localhost/NAME";
  if (readCommand({ name: "registry serve", flags: FLAGS, asked, summary }, argv) === undefined) return 0;
  const ended = Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]);
  const options = optionsOf(asked, roots);
  const serving = await serveRegistry(roots.root, options);
  for (const warning of warningsOf(options, serving.url)) warn(warning);
  print(`Serving the images of ${roots.root} at ${serving.url} (Ctrl-C ends it)`);
  await ended;
  await serving.close();
  return 0;
}

function optionsOf(asked: Asked, roots: Roots): ServeOptions {
  const tls = tlsOf(asked);
  return {
    ...addressOf(asked.addr),
    readOnly: asked.readOnly,
    ...(asked.htpasswd !== undefined && { htpasswd: asked.htpasswd }),
    ...(tls && { tls }),
    isUsed: (imageId) => userOf(roots)(imageId),
    onRequest: (told) => print(line(told)),
    onFailure: (error) => report(error, 1),
  };
}

/** Throws UserError for one without the other. */
function tlsOf({ tlsCert, tlsKey }: Asked): ServeOptions["tls"] {
  if (tlsCert === undefined && tlsKey === undefined) return undefined;
  if (tlsCert === undefined || tlsKey === undefined) throw new UserError("--tls-cert and --tls-key need each other");
  return { cert: readFileSync(tlsCert), key: readFileSync(tlsKey) };
}

/** `127.0.0.1 GET /v2/base/manifests/latest: 200 OK, 1.2kB out` */
function line({ method, url, status, receivedBytes, sentBytes, client }: ToldRequest): string {
  const outcome = status === undefined ? "left before the answer" : `${status} ${STATUS_CODES[status] ?? ""}`;
  const received = receivedBytes > 0 ? `, ${humanSize(receivedBytes)} in` : "";
  return `${client} ${method} ${harmless(url)}: ${outcome}${received}, ${humanSize(sentBytes)} out`;
}

/** Who asks may send what would be commands to a terminal. */
function harmless(url: string): string {
  return url.replace(/[^!-~]/g, encodeURIComponent);
}

function print(text: string): void {
  writeAll(1, `${text}\n`);
}
