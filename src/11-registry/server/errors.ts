// What a registry says when it can't do what it was asked: a status, and in the body a code that programs understand and
// a sentence that people do. See the OCI distribution specification, "Error Codes".

import type { Reply } from "./exchange.ts";

/** The specification's codes, each with the status it usually comes with. */
const STATUS = {
  BLOB_UNKNOWN: 404,
  BLOB_UPLOAD_INVALID: 400,
  BLOB_UPLOAD_UNKNOWN: 404,
  DIGEST_INVALID: 400,
  MANIFEST_BLOB_UNKNOWN: 404,
  MANIFEST_INVALID: 400,
  MANIFEST_UNKNOWN: 404,
  NAME_INVALID: 400,
  NAME_UNKNOWN: 404,
  SIZE_INVALID: 400,
  UNAUTHORIZED: 401,
  DENIED: 403,
  UNSUPPORTED: 405,
  TOOMANYREQUESTS: 429,
} as const;

export type Code = keyof typeof STATUS;

interface RefusalOptions {
  /** Where it isn't the usual one. */
  status?: number;
  headers?: Record<string, string>;
}

/** Thrown by an operation that can't be carried out. */
export class Refusal extends Error {
  override name = "Refusal";
  readonly code: Code;
  readonly status: number;
  readonly headers: Record<string, string>;

  constructor(code: Code, message: string, { status = STATUS[code], headers = {} }: RefusalOptions = {}) {
    super(message);
    this.code = code;
    this.status = status;
    this.headers = headers;
  }
}

/** The answer instead of the one that was hoped for. What is no refusal is a failure of ours. */
export function refusalReply(error: unknown): Reply {
  if (error instanceof Refusal) return errorReply(error.status, error, error.headers);
  return errorReply(500, { code: "UNKNOWN", message: "the registry failed; its own terminal says why" });
}

function errorReply(
  status: number,
  { code, message }: { code: string; message: string },
  headers: Record<string, string> = {},
): Reply {
  return { status, headers, json: { errors: [{ code, message }] } };
}
