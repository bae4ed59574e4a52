// A whole answer in memory, for what is small: manifests, lists, tokens. How small is decided here, and not by who sends.

import { UserError } from "../01-syscalls/index.ts";
import type { Answer } from "./exchange.ts";

/** As large as a manifest may be; the distribution specification promises no more. */
export const MOST_BYTES = 4 << 20;

/** Throws UserError for a larger one, before it is read if it says so itself. */
export async function readWhole(answer: Answer, what: string): Promise<Buffer> {
  const pieces: Buffer[] = [];
  if (Number(answer.headers["content-length"] ?? 0) > MOST_BYTES) throw tooLarge(answer, what);
  let length = 0;
  for await (const piece of answer.body) {
    pieces.push(piece);
    length += piece.length;
    if (length > MOST_BYTES) throw tooLarge(answer, what);
  }
  return Buffer.concat(pieces);
}

function tooLarge(answer: Answer, what: string): UserError {
  void answer.discard();
  return new UserError(`${what} is too large: more than ${MOST_BYTES >> 20} MiB`);
}

/** An object, or an array. Throws UserError. */
export async function readJson(answer: Answer, what: string): Promise<object> {
  const bytes = await readWhole(answer, what);
  try {
    const value: unknown = JSON.parse(bytes.toString());
    if (typeof value === "object" && value !== null) return value;
  } catch {}
  throw new UserError(`${what} is not valid JSON`);
}
