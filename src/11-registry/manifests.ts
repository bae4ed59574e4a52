// Manifests and indexes, by tag or by digest: small JSON whose digest is all that the rest is checked against. A tag is
// the registry's word; a digest is ours, and what comes must fit it.
// See the OCI distribution specification, "Pulling manifests" and "Pushing Manifests".

import { UserError } from "../01-syscalls/index.ts";
import { type Descriptor, isIndex, isManifest, MEDIA, newHash, parseDigest } from "../06-images/index.ts";
import { repositoryScope } from "./authorization.ts";
import type { Answer } from "./exchange.ts";
import { readWhole } from "./json.ts";
import type { Registry } from "./registry.ts";

export interface Fetched {
  descriptor: Descriptor;
  bytes: Buffer;
}

const ACCEPT = [MEDIA.INDEX, MEDIA.MANIFEST, MEDIA.DOCKER_INDEX, MEDIA.DOCKER_MANIFEST].join(", ");

/** `reference` is a tag or a digest. Throws UserError for what is missing, or is not what was asked for. */
export async function fetchManifest(registry: Registry, repository: string, reference: string): Promise<Fetched> {
  const at = manifestPath(repository, reference);
  const scopes = [repositoryScope(repository, "pull")];
  return registry.ask({ at, scopes, headers: { Accept: ACCEPT } }, (answer) => read(answer, reference));
}

/** Throws UserError, also where the registry says afterwards that it has something else. */
export async function putManifest(
  registry: Registry,
  repository: string,
  reference: string,
  { descriptor, bytes }: Fetched,
): Promise<void> {
  const ask = {
    method: "PUT",
    at: manifestPath(repository, reference),
    scopes: [repositoryScope(repository, "pull,push")],
    headers: { "Content-Type": descriptor.mediaType },
    body: { length: bytes.length, pieces: () => [bytes] },
  };
  await registry.ask(ask, async (answer) => {
    await answer.discard();
    const told = answer.headers["docker-content-digest"];
    if (told === undefined || told === descriptor.digest) return;
    throw new UserError(`the registry has stored ${told} in place of ${descriptor.digest}`);
  });
}

function manifestPath(repository: string, reference: string): string {
  return `/v2/${repository}/manifests/${reference}`;
}

async function read(answer: Answer, reference: string): Promise<Fetched> {
  const bytes = await readWhole(answer, "the manifest");
  const { "docker-content-digest": told, "content-type": type } = answer.headers;
  // By a tag, what the registry says of it is the best there is; a proxy in between can't change one without the other.
  const wanted = reference.includes(":") ? reference : typeof told === "string" ? told : undefined;
  const { algorithm } = wanted === undefined ? { algorithm: "sha256" } : parseDigest(wanted);
  const digest = `${algorithm}:${newHash(algorithm).update(bytes).digest("hex")}`;
  if (wanted !== undefined && digest !== wanted)
    throw new UserError(`manifest verification failed for digest ${wanted}: it is ${digest}`);
  return { descriptor: { mediaType: mediaTypeOf(type, bytes), digest, size: bytes.length }, bytes };
}

/** What it says itself, and what the registry says of it, mustn't be two different things (CVE-2021-41190). */
function mediaTypeOf(header: string | undefined, bytes: Buffer): string {
  const told = (header ?? "").split(";")[0]!.trim();
  const own = ownMediaType(bytes);
  const [type, isAmbiguous] = isKnown(told) ? [told, own !== undefined && own !== told] : [own ?? told, false];
  if (isAmbiguous) throw new UserError(`the manifest says that it is ${own}, the registry that it is ${told}`);
  if (isKnown(type)) return type;
  throw new UserError(`unsupported manifest media type and no default available: ${type || "none"}`);
}

function isKnown(mediaType: string): boolean {
  return isIndex({ mediaType }) || isManifest({ mediaType });
}

function ownMediaType(bytes: Buffer): string | undefined {
  try {
    const { mediaType } = JSON.parse(bytes.toString()) as { mediaType?: unknown };
    return typeof mediaType === "string" ? mediaType : undefined;
  } catch {
    throw new UserError("the manifest is not valid JSON");
  }
}
