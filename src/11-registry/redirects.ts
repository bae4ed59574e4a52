// A registry often doesn't keep blobs itself: it sends us on, to where they are. Who we are is the registry's business
// alone, so it isn't told to anybody else (RFC 9110, section 15.4; the leaks of years come from here).

import { UserError } from "../01-syscalls/index.ts";
import type { Answer, Outgoing } from "./exchange.ts";

const MOST = 5;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** Sends, and follows where it leads. Throws UserError for a way without an end, and for one out of TLS. */
export async function following(outgoing: Outgoing, send: (to: Outgoing) => Promise<Answer>): Promise<Answer> {
  let next = outgoing;
  for (let count = 0; count <= MOST; count++) {
    const answer = await send(next);
    const { location } = answer.headers;
    if (!REDIRECTS.has(answer.status) || location === undefined || !isFollowed(next, answer.status)) return answer;
    await answer.discard();
    next = redirected(next, location);
  }
  throw new UserError(`${outgoing.url.host} redirects again and again: stopped after ${MOST} redirects`);
}

/** Uploads only by those that say that the method stays. */
function isFollowed({ method }: Outgoing, status: number): boolean {
  return method === "GET" || method === "HEAD" || status === 307 || status === 308;
}

function redirected(outgoing: Outgoing, location: string): Outgoing {
  const url = resolve(outgoing.url, location);
  if (url.origin === outgoing.url.origin) return { ...outgoing, url };
  const { Authorization: _, ...headers } = outgoing.headers;
  return { ...outgoing, url, headers };
}

function resolve(from: URL, location: string): URL {
  const url = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  const isWeb = url?.protocol === "https:" || url?.protocol === "http:";
  if (!url || !isWeb) throw new UserError(`${from.host} redirects to what is no address: ${location}`);
  if (from.protocol === "https:" && url.protocol === "http:")
    throw new UserError(`${from.host} redirects out of TLS, to ${url.origin}`);
  return url;
}
