// What comes of a registry that can't be reached, or stops in the middle: whose fault it is, what to do about it, and
// whether a second try makes sense.

import { UserError } from "../01-syscalls/index.ts";
import { settingsPath } from "./settings.ts";

/** No answer, or half of one. */
export class Unreachable extends UserError {
  override name = "Unreachable";
  /** It may be better in a moment. */
  readonly isTransient: boolean;
  /** There is something, but it doesn't speak TLS. */
  readonly isPlain: boolean;
  /** Nobody is there, or nobody of that name. */
  readonly isAbsent: boolean;
  /** Who is there says nothing. */
  readonly isSilent: boolean;

  constructor(what: string, cause: NodeJS.ErrnoException) {
    const { code = "" } = cause;
    const [reason, hint] = REASONS[code] ?? [cause.message];
    super(`${what}: ${reason}`, hint === undefined ? {} : { hint });
    this.isTransient = !(code in REASONS) || TRANSIENT.has(code);
    this.isPlain = PLAIN.has(code);
    this.isAbsent = ABSENT.has(code);
    this.isSilent = code === "ETIMEDOUT";
  }
}

const AUTHORITY = "put the certificate of who signed it into /etc/docker/certs.d/HOST[:PORT]/ca.crt";
const UNTRUSTED = "tls: failed to verify certificate: x509: certificate signed by unknown authority";
const NO_TLS = "http: server gave HTTP response to HTTPS client";
const PLAIN_HTTP = `a registry without TLS has to be named in insecure-registries, in ${settingsPath()}`;
const LOOKUP = "no such host";
const OFFLINE = "is this machine online? `mini-docker images` lists what is here already";

const REASONS: Record<string, [reason: string, hint?: string]> = {
  ECONNREFUSED: ["connection refused"],
  ENOTFOUND: [LOOKUP, OFFLINE],
  EAI_AGAIN: [LOOKUP, OFFLINE],
  EHOSTUNREACH: ["no route to host"],
  ENETUNREACH: ["network is unreachable", OFFLINE],
  ECONNRESET: ["connection reset by peer"],
  EPIPE: ["broken pipe"],
  ETIMEDOUT: ["i/o timeout"],
  EPROTO: [NO_TLS, PLAIN_HTTP],
  ERR_SSL_WRONG_VERSION_NUMBER: [NO_TLS, PLAIN_HTTP],
  ERR_SSL_PACKET_LENGTH_TOO_LONG: [NO_TLS, PLAIN_HTTP],
  SELF_SIGNED_CERT_IN_CHAIN: [UNTRUSTED, AUTHORITY],
  DEPTH_ZERO_SELF_SIGNED_CERT: [UNTRUSTED, AUTHORITY],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: [UNTRUSTED, AUTHORITY],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: [UNTRUSTED, AUTHORITY],
  CERT_HAS_EXPIRED: ["tls: failed to verify certificate: x509: certificate has expired"],
  ERR_TLS_CERT_ALTNAME_INVALID: ["tls: failed to verify certificate: x509: certificate is valid for other names"],
};

const ABSENT = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"]);
const PLAIN = new Set(["EPROTO", "ERR_SSL_WRONG_VERSION_NUMBER", "ERR_SSL_PACKET_LENGTH_TOO_LONG"]);
const TRANSIENT = new Set([...ABSENT, "ECONNRESET", "EPIPE", "ETIMEDOUT"]);
