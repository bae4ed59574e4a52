// Tokens: a registry that doesn't check passwords itself sends us to a service that does, and gives out a token in
// exchange, good for a few minutes and for what was asked for:
//
//   us ──► registry   GET /v2/…                                         401, Bearer realm="https://auth/token"
//   us ──► auth       GET /token?service=…&scope=repository:app:pull    {"token":"…","expires_in":300}
//   us ──► registry   GET /v2/…, Authorization: Bearer …                200
//
// Who has an identity token in place of a password posts it (OAuth 2, RFC 6749, section 6).
// See distribution/distribution, docs/spec/auth/token.md and oauth.md.

import { UserError } from "../01-syscalls/index.ts";
import type { Challenge } from "./challenge.ts";
import { basicHeader, type Credentials } from "./credentials.ts";
import type { Answer, Outgoing } from "./exchange.ts";
import { readJson } from "./json.ts";
import { refusalOf } from "./refusal.ts";

export interface Token {
  value: string;
  /** Date.now() after which it isn't used any more. */
  until: number;
  /** Only where it was wished for, and given. */
  identityToken: string | undefined;
}

export interface TokenWish {
  challenge: Extract<Challenge, { scheme: "bearer" }>;
  scopes: string[];
  credentials: Credentials | undefined;
  /** To be logged in for longer, with an identity token. */
  offline?: boolean;
}

const CLIENT = "mini-docker";
/** What the specification assumes where the service doesn't say. */
const USUAL_SECONDS = 60;

/** Throws UserError where none is given. */
export async function fetchToken(wish: TokenWish, send: (to: Outgoing) => Promise<Answer>): Promise<Token> {
  const answer = await send(wish.credentials?.identityToken ? oauth(wish, wish.credentials.identityToken) : get(wish));
  if (answer.status !== 200) throw await refusalOf(answer);
  const json = (await readJson(answer, "the token service's answer")) as Record<string, unknown>;
  const value = json.token || json.access_token;
  if (typeof value !== "string") throw new UserError(`${answer.url.host} answered without a token`);
  const seconds = typeof json.expires_in === "number" ? json.expires_in : USUAL_SECONDS;
  return {
    value,
    // It must still be good when it arrives.
    until: Date.now() + Math.max(seconds - 10, seconds / 2) * 1000,
    identityToken: typeof json.refresh_token === "string" ? json.refresh_token : undefined,
  };
}

function get({ challenge, scopes, credentials, offline = false }: TokenWish): Outgoing {
  const url = new URL(challenge.realm);
  if (challenge.service !== undefined) url.searchParams.set("service", challenge.service);
  for (const scope of scopes) url.searchParams.append("scope", scope);
  if (credentials) url.searchParams.set("account", credentials.username);
  if (offline) url.searchParams.set("offline_token", "true");
  if (offline) url.searchParams.set("client_id", CLIENT);
  return { method: "GET", url, headers: credentials ? { Authorization: basicHeader(credentials) } : {} };
}

function oauth({ challenge, scopes }: TokenWish, identityToken: string): Outgoing {
  const form = new URLSearchParams({
    grant_type: "refresh_token",
    service: challenge.service ?? "",
    client_id: CLIENT,
    scope: scopes.join(" "),
    refresh_token: identityToken,
  });
  const bytes = Buffer.from(form.toString());
  return {
    method: "POST",
    url: new URL(challenge.realm),
    headers: { "Content-Type": "application/x-www-form-urlencoded" },
    body: { length: bytes.length, pieces: () => [bytes] },
  };
}
