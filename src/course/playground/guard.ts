// A terminal on a web port is a remote shell, so every request has to show that it comes from the page we opened:
//
//   token    256 bits in the path, known to nobody but who started us. As a part of the path it needs no cookie, which a
//            browser would send to every port of this machine, and no script that keeps it.
//   Host     exactly the address we listen on. A name that an attacker has pointed at 127.0.0.1 (DNS rebinding) isn't it.
//   Origin   where a browser names the page that asks, that page is ours. For a WebSocket, to which the same-origin policy
//            does not apply, it has to be named.
//
// Who fails in any of it learns nothing: neither which one it was, nor whether there is such a file.

import { randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";

const TOKEN_BYTES = 32;

export function newToken(): string {
  return randomBytes(TOKEN_BYTES).toString("base64url");
}

export interface Guard {
  /** `127.0.0.1:8080` */
  host: string;
  token: string;
}

/** What is asked for, below the token: `/index.html`, without its query. Undefined where nobody may ask. */
export function pathOf(request: IncomingMessage, guard: Guard): string | undefined {
  const [, token, path] = /^\/([^/?#]*)(\/[^?#]*)?/.exec(request.url ?? "") ?? [];
  const isOurs = isToken(token ?? "", guard.token) && isFromOurPage(request.headers, guard);
  return isOurs && request.method === "GET" ? (path ?? "") : undefined;
}

/** For a WebSocket there is always a page that asks. */
export function upgradePathOf(request: IncomingMessage, guard: Guard): string | undefined {
  return request.headers.origin === undefined ? undefined : pathOf(request, guard);
}

/** In a time that doesn't depend on how much of it is right. */
function isToken(given: string, token: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(token)];
  return one.length === other.length && timingSafeEqual(one, other);
}

function isFromOurPage(headers: IncomingHttpHeaders, { host }: Guard): boolean {
  const { origin } = headers;
  return headers.host === host && (origin === undefined || origin === `http://${host}`) && isFromHere(headers);
}

/** Fetch metadata, where a browser sends it: others may lead to our page, but not load anything of it into theirs. */
function isFromHere(headers: IncomingHttpHeaders): boolean {
  const [site, mode, dest] = ["site", "mode", "dest"].map((name) => headers[`sec-fetch-${name}`]);
  if (site === undefined || site === "same-origin" || site === "none") return true;
  return mode === "navigate" && dest === "document";
}
