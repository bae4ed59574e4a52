// A registry that we talk to: how to reach it is found out once, and every request after that says who we are, follows
// where it is sent, and is tried again where that may help.
// See the OCI distribution specification, "Determining Support": every registry answers GET /v2/.

import { UserError } from "../01-syscalls/index.ts";
import { Authorization } from "./authorization.ts";
import { trustFor } from "./certificates.ts";
import { readChallenge } from "./challenge.ts";
import { type Credentials, findCredentials } from "./credentials.ts";
import { type Endpoint, isInsecureHost } from "./endpoint.ts";
import { type Answer, type Body, Connections } from "./exchange.ts";
import { following } from "./redirects.ts";
import { refusalOf } from "./refusal.ts";
import { isTransient, PATIENCE, type Patience, retrying } from "./retry.ts";
import { readSettings, type Settings } from "./settings.ts";
import { Unreachable } from "./unreachable.ts";

export interface RegistryOptions {
  signal?: AbortSignal | undefined;
  patience?: Patience | undefined;
  /** How long a connection may be silent. */
  stallMs?: number | undefined;
  /** Of config.json unless said. */
  credentials?: Credentials | undefined;
  /** Of registries.json unless said. */
  settings?: Settings | undefined;
}

export interface Ask {
  method?: string;
  /** `/v2/…`, or an address that the registry gave us. */
  at: string | URL;
  headers?: Record<string, string>;
  body?: Body;
  /** What we need to be allowed (authorization.ts). */
  scopes: string[];
  /** Statuses that are no failure, besides all of 200 to 299. */
  fine?: number[];
}

export class Registry {
  readonly endpoint: Endpoint;
  readonly origin: URL;
  readonly patience: Patience;
  /** Aborted when whoever asked gives up, or it is closed. */
  readonly signal: AbortSignal;
  private readonly stop = new AbortController();
  private readonly connections: Connections;
  private readonly authorization: Authorization;

  private constructor(reached: Reached, options: RegistryOptions) {
    this.endpoint = reached.endpoint;
    this.origin = reached.origin;
    this.connections = reached.connections;
    this.authorization = reached.authorization;
    this.patience = options.patience ?? PATIENCE;
    this.signal = AbortSignal.any([this.stop.signal, ...(options.signal ? [options.signal] : [])]);
  }

  /** Finds out how it is reached. Throws UserError if it isn't. Close it. */
  static async connect(endpoint: Endpoint, options: RegistryOptions = {}): Promise<Registry> {
    return new Registry(await reach(endpoint, options), options);
  }

  /** Whether there are credentials for it. */
  get isKnown(): boolean {
    return this.authorization.isKnown;
  }

  /** Whether it takes our credentials; what to keep in place of the password, where it says so. Throws Refusal. */
  async logIn(): Promise<string | undefined> {
    const identityToken = await this.authorization.logIn();
    await this.ask({ at: "/v2/", scopes: [] }, async (answer) => answer.discard());
    return identityToken;
  }

  /** One request, tried again together with `read`, what is done with its answer. Throws UserError. */
  async ask<T>(ask: Ask, read: (answer: Answer) => Promise<T>): Promise<T> {
    const { patience, signal } = this;
    return retrying({ patience, signal }, async () => read(await this.once(ask)));
  }

  /** One request, once. Its body is to be read or discarded. Throws Refusal for a status that isn't fine. */
  async once(ask: Ask): Promise<Answer> {
    const answer = await this.authorized(ask);
    const { status } = answer;
    if ((status >= 200 && status < 300) || ask.fine?.includes(status)) return answer;
    throw await refusalOf(answer);
  }

  /** Whatever is still on its way is stopped. */
  close(): void {
    this.stop.abort();
    this.connections.close();
  }

  /** A token may have run out on the way, or be for other scopes: then the registry says what it wants. */
  private async authorized(ask: Ask): Promise<Answer> {
    const answer = await this.send(ask);
    const challenge = answer.status === 401 ? readChallenge(answer.headers["www-authenticate"] ?? "") : undefined;
    if (!challenge) return answer;
    await answer.discard();
    this.authorization.meet(challenge, this.origin);
    return this.send(ask);
  }

  private async send({ method = "GET", at, headers = {}, body, scopes }: Ask): Promise<Answer> {
    const url = new URL(at, this.origin);
    // An upload may go on elsewhere; that place isn't told who we are.
    const isOurs = url.origin === this.origin.origin;
    const own = isOurs ? await this.authorization.header(scopes) : undefined;
    const all = { "User-Agent": USER_AGENT, ...headers, ...(own !== undefined && { Authorization: own }) };
    const outgoing = { method, url, headers: all, ...(body && { body }) };
    return following(outgoing, (to) => this.connections.send(to, this.signal));
  }
}

const USER_AGENT = "mini-docker";

interface Reached {
  endpoint: Endpoint;
  origin: URL;
  connections: Connections;
  authorization: Authorization;
}

async function reach(endpoint: Endpoint, options: RegistryOptions): Promise<Reached> {
  const { settings = readSettings(), stallMs, signal } = options;
  const connections = new Connections((host) => trustFor(host, isInsecureHost(host, settings)), stallMs);
  try {
    const credentials = options.credentials ?? (await findCredentials(endpoint.account));
    const authorization = new Authorization(credentials, (to) =>
      following(to, (outgoing) => connections.send(outgoing, signal)),
    );
    const { origin, status, challenge } = await firstAnswer(endpoint, connections, options);
    if (status === 404) throw new UserError(`${origin.origin} is no registry: it does not know /v2/`);
    const met = readChallenge(challenge);
    if (met) authorization.meet(met, origin);
    return { endpoint, origin, connections, authorization };
  } catch (error) {
    connections.close();
    throw error;
  }
}

interface FirstAnswer {
  origin: URL;
  status: number;
  /** How it wants to be told who asks; empty where it doesn't. */
  challenge: string;
}

/** Nobody there is an answer, too, and so is silence: only one who stops in the middle is asked again. */
async function firstAnswer(
  { host, schemes }: Endpoint,
  connections: Connections,
  { patience = PATIENCE, signal }: RegistryOptions,
): Promise<FirstAnswer> {
  const isWorthIt = (error: unknown) =>
    isTransient(error) && !(error instanceof Unreachable && (error.isAbsent || error.isSilent));
  const [first, ...others] = schemes.map(
    (scheme) => () =>
      retrying({ patience, signal, isWorthIt }, () => ping(new URL(`${scheme}://${host}/v2/`), connections, signal)),
  );
  return others.reduce((tried, next) => tried.catch((error) => insteadOf(error, next)), first!());
}

/** One that doesn't understand TLS, or isn't there for it, may be there without. */
function insteadOf(error: unknown, next: () => Promise<FirstAnswer>): Promise<FirstAnswer> {
  if (error instanceof Unreachable && (error.isPlain || error.isAbsent)) return next();
  throw error;
}

async function ping(url: URL, connections: Connections, signal: AbortSignal | undefined): Promise<FirstAnswer> {
  const outgoing = { method: "GET", url, headers: { "User-Agent": USER_AGENT } };
  const answer = await following(outgoing, (to) => connections.send(to, signal));
  const { status, headers } = answer;
  if (status >= 500 || status === 429) throw await refusalOf(answer);
  await answer.discard();
  return { origin: new URL(url.origin), status, challenge: headers["www-authenticate"] ?? "" };
}
