// The line that says who we are, for each thing we want to do. It is asked for once and used until it runs out.

import { UserError } from "../01-syscalls/index.ts";
import type { Challenge } from "./challenge.ts";
import { basicHeader, type Credentials } from "./credentials.ts";
import type { Answer, Outgoing } from "./exchange.ts";
import { fetchToken, type Token } from "./token.ts";

/** `repository:library/alpine:pull,push`, as token services know it. */
export function repositoryScope(repository: string, actions: string): string {
  return `repository:${repository}:${actions}`;
}

export class Authorization {
  private readonly credentials: Credentials | undefined;
  private readonly send: (to: Outgoing) => Promise<Answer>;
  private challenge: Challenge | undefined;
  /** By scopes. Several layers wait for the same one. */
  private readonly tokens = new Map<string, Promise<Token>>();

  /** `send` is how token services are asked. */
  constructor(credentials: Credentials | undefined, send: (to: Outgoing) => Promise<Answer>) {
    this.credentials = credentials;
    this.send = send;
  }

  get isKnown(): boolean {
    return this.credentials !== undefined;
  }

  /** What the registry has answered: tokens that it didn't take are no good any more. */
  meet(challenge: Challenge, registry: URL): void {
    if (challenge.scheme === "bearer") requireSafe(challenge.realm, registry);
    this.challenge = challenge;
    this.tokens.clear();
  }

  /** Asks to be known for longer: the identity token to keep in place of the password, where one is given. Throws UserError. */
  async logIn(): Promise<string | undefined> {
    const { challenge, credentials } = this;
    if (challenge?.scheme !== "bearer") return undefined;
    const token = await fetchToken({ challenge, scopes: [], credentials, offline: true }, this.send);
    this.tokens.set("", Promise.resolve(token));
    return token.identityToken;
  }

  /** The header's value; undefined where none is needed, or we have no credentials. Throws UserError. */
  async header(scopes: string[]): Promise<string | undefined> {
    const { challenge, credentials } = this;
    if (challenge?.scheme === "basic") return credentials && basicHeader(credentials);
    return challenge && `Bearer ${(await this.token(challenge, scopes)).value}`;
  }

  private async token(challenge: Extract<Challenge, { scheme: "bearer" }>, scopes: string[]): Promise<Token> {
    const key = scopes.join(" ");
    const asked = this.tokens.get(key);
    const known = asked && (await asked);
    if (known && known.until > Date.now()) return known;
    // It has run out, and whoever noticed that first has asked for the next.
    if (this.tokens.get(key) !== asked) return this.token(challenge, scopes);
    const wish = { challenge, scopes: wanted(challenge.scope, scopes), credentials: this.credentials };
    const fetched = fetchToken(wish, this.send);
    this.tokens.set(key, fetched);
    fetched.catch(() => this.tokens.delete(key));
    return fetched;
  }
}

/** What the registry says is needed, and what we know we'll need; a scope that is part of ours isn't asked for twice. */
function wanted(challenged: string | undefined, scopes: string[]): string[] {
  const more = (challenged ?? "").split(" ").filter(Boolean);
  const resources = scopes.map(resourceOf);
  return [...scopes, ...more.filter((scope) => !resources.includes(resourceOf(scope)))];
}

function resourceOf(scope: string): string {
  return scope.slice(0, scope.lastIndexOf(":"));
}

/** A password that goes to a registry over TLS must not go on without. */
function requireSafe(realm: string, registry: URL): void {
  const { protocol, origin } = new URL(realm);
  const isSafe = protocol === "https:" || (protocol === "http:" && registry.protocol === "http:");
  if (!isSafe) throw new UserError(`${registry.host} sends us to ${origin} for a token, which is not TLS`);
}
