// What a person types for an image, and the full name it stands for:
//
//   alpine                     docker.io/library/alpine:latest
//   user/app:1.2               docker.io/user/app:1.2
//   localhost:5000/app@sha256… localhost:5000/app@sha256…
//   base                       localhost/base:latest        (the image made from this host)
//
// Rules and error messages are Docker's: github.com/distribution/reference, normalize.go and regexp.go.

import { UserError } from "../01-syscalls/index.ts";
import { type Digest, isDigest } from "./digest.ts";

export interface Reference {
  /** The registry: `docker.io`, `localhost:5000`. */
  domain: string;
  /** The repository there: `library/alpine`. */
  path: string;
  /** `latest` unless said; none where only a digest is given. */
  tag?: string;
  digest?: Digest;
}

export const BASE = "localhost/base:latest";

const LABEL = "[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?";
const DOMAIN = String.raw`(?:${LABEL}(?:\.${LABEL})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?`;
const COMPONENT = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*";
const TAG = String.raw`\w[\w.-]{0,127}`;
const FULL = new RegExp(`^(${DOMAIN})/(${COMPONENT}(?:/${COMPONENT})*)(?::(${TAG}))?(?:@(.*))?$`);

const INVALID = "invalid reference format";

/** The full reference for what was typed. Throws UserError in Docker's words. */
export function parseReference(text: string): Reference {
  if (/^[a-f0-9]{64}$/.test(text)) {
    throw new UserError(`invalid repository name (${text}), cannot specify 64-byte hexadecimal strings`);
  }
  const { domain, rest } = splitDomain(text);
  requireLowerCase(rest);
  const [, , path = "", tag, digest] = FULL.exec(`${domain}/${rest}`) ?? [];
  if (path === "" || (digest !== undefined && !isDigest(digest))) throw new UserError(INVALID);
  if (path.length > 255) throw new UserError("repository name must not be more than 255 characters");
  if (digest === undefined) return { domain, path, tag: tag ?? "latest" };
  return { domain, path, digest, ...(tag !== undefined && { tag }) };
}

/** `docker.io/library/alpine:latest`: the name under which the store keeps it. */
export function fullName({ domain, path, tag, digest }: Reference): string {
  return `${domain}/${path}${tag === undefined ? "" : `:${tag}`}${digest === undefined ? "" : `@${digest}`}`;
}

/** The way back, for people: `docker.io/library/alpine:latest` → `alpine:latest`; as short as it still is that image. */
export function familiarName(name: string): string {
  const path = name.replace(/^docker\.io\//, "");
  const short = path.replace(/^library\/(?=[^/]+$)/, "");
  return [short, path].find((text) => standsFor(text, name)) ?? name;
}

function standsFor(text: string, name: string): boolean {
  const { domain, rest } = splitDomain(text);
  return `${domain}/${rest}` === name;
}

/** What stands before the first slash is a registry only if it looks like one; everything else is on Docker Hub. */
function splitDomain(text: string): { domain: string; rest: string } {
  if (text === "base" || text.startsWith("base:")) return { domain: "localhost", rest: text };
  const slash = text.indexOf("/");
  const first = text.slice(0, Math.max(slash, 0));
  const isRegistry = /[.:]/.test(first) || first === "localhost" || first !== first.toLowerCase();
  const domain = slash > 0 && isRegistry ? first : "docker.io";
  const rest = slash > 0 && isRegistry ? text.slice(slash + 1) : text;
  if (domain !== "docker.io" && domain !== "index.docker.io") return { domain, rest };
  return { domain: "docker.io", rest: rest.includes("/") ? rest : `library/${rest}` };
}

function requireLowerCase(rest: string): void {
  const [path = ""] = rest.split(/[:@]/);
  if (path === path.toLowerCase()) return;
  throw new UserError(`${INVALID}: repository name (${path}) must be lowercase`);
}
