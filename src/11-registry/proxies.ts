// Where the way out leads through a proxy the environment says so, in variables that everybody reads alike:
//
//   HTTP_PROXY, HTTPS_PROXY    http://[user:password@]host[:port], for addresses of either kind; small letters will do
//   NO_PROXY                   whom to reach without: `host`, `.domain`, `host:port`, `10.0.0.0/8`, `*`
//
// This very machine is always reached without. The rules are those of Go's httpproxy, which docker and skopeo follow.

import { UserError } from "../01-syscalls/index.ts";
import { isLoopback, isWithin } from "./addresses.ts";

/** The proxy to ask for `url`; undefined for none. Throws UserError for a variable that names none. */
export function proxyFor(url: URL, env: NodeJS.ProcessEnv = process.env): URL | undefined {
  const scheme = url.protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY";
  const given = variable(env, scheme);
  if (given === "" || isReachedDirectly(url, variable(env, "NO_PROXY"))) return undefined;
  return parseProxy(scheme, given);
}

function variable(env: NodeJS.ProcessEnv, name: string): string {
  return env[name] || env[name.toLowerCase()] || "";
}

function parseProxy(name: string, given: string): URL {
  const text = /^[a-z0-9]+:\/\//i.test(given) ? given : `http://${given}`;
  const proxy = URL.canParse(text) ? new URL(text) : undefined;
  if (proxy?.protocol === "http:" || proxy?.protocol === "https:") return proxy;
  // Not what was given: there may be a password in it.
  throw new UserError(`${name} names no proxy: write http://HOST[:PORT]`);
}

function isReachedDirectly({ hostname, port, protocol }: URL, exceptions: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, "").toLowerCase();
  const ownPort = port || (protocol === "https:" ? "443" : "80");
  if (isLoopback(host)) return true;
  const words = exceptions.split(/[\s,]+/).filter((word) => word !== "");
  return words.some((word) => matches(word.toLowerCase(), host, ownPort));
}

/** A domain's name stands for what is below it as well, and with a dot in front for that alone. */
function matches(word: string, host: string, ownPort: string): boolean {
  if (word === "*" || isWithin(host, word)) return true;
  const [, name = "", port = ownPort] = /^\[?([^\]]*?)\]?(?::(\d+))?$/.exec(word.replace(/^\*(?=\.)/, "")) ?? [];
  if (port !== ownPort || name === "") return false;
  return host === name || host.endsWith(name.startsWith(".") ? name : `.${name}`);
}

/** `Basic …` for one that wants to know who asks (RFC 9110, section 11.7.2). */
export function proxyAuthorization({ username, password }: URL): string | undefined {
  if (username === "" && password === "") return undefined;
  const text = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return `Basic ${Buffer.from(text).toString("base64")}`;
}
