// What a registry hasn't got, or not for us. Many don't tell one from the other, so that nobody learns which private
// repositories there are; Docker's words for it say both.

import { UserError } from "../01-syscalls/index.ts";
import { familiarName, fullName, type Reference } from "../06-images/index.ts";
import { Refusal } from "./refusal.ts";

/** The error to throw instead, for who wanted to read. `isKnown`: we have said who we are. */
export function notReadable(error: unknown, reference: Reference, isKnown: boolean): unknown {
  if (!(error instanceof Refusal)) return error;
  const { status, message, codes } = error;
  const name = familiarName(fullName(reference));
  const repository = familiarName(`${reference.domain}/${reference.path}`);
  const isDenied = status === 401 || status === 403 || codes.includes("NAME_UNKNOWN");
  if (!isDenied && status === 404) return new UserError(`manifest for ${name} not found: ${message}`, { cause: error });
  if (!isDenied) return error;
  const text = `pull access denied for ${repository}, repository does not exist or may require 'docker login': ${message}`;
  return new UserError(text, { cause: error, ...(!isKnown && { hint: LOGIN }) });
}

/** The same for who wanted to write. */
export function notWritable(error: unknown, { domain, path }: Reference, isKnown: boolean): unknown {
  const isDenied = error instanceof Refusal && (error.status === 401 || error.status === 403);
  if (!isDenied) return error;
  const text = `push access denied for ${familiarName(`${domain}/${path}`)}: ${error.message}`;
  return new UserError(text, { cause: error, ...(!isKnown && { hint: LOGIN }) });
}

const LOGIN = "`mini-docker login` says who you are";
