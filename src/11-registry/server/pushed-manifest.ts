// A manifest as a client sends it: read, and looked at closely, since the store will rely on it and every client that pulls
// it will too. See the OCI distribution specification, "Pushing Manifests".

import type { IncomingMessage } from "node:http";
import { UserError } from "../../01-syscalls/index.ts";
import { type Digest, isDigest } from "../../06-images/digest.ts";
import {
  isIndex,
  isManifest,
  LONGEST_MANIFEST,
  MEDIA,
  type Parts,
  parseJson,
  partsOf,
} from "../../06-images/manifest.ts";
import type { Platform } from "../../06-images/platform.ts";
import { Refusal } from "./errors.ts";

export interface PushedManifest {
  bytes: Buffer;
  mediaType: string;
  /** The manifest that this one is about. */
  subject: Digest | undefined;
  parts: Parts;
}

/** The fields that are looked at, of any type as they come. */
interface Fields {
  schemaVersion?: unknown;
  mediaType?: unknown;
  artifactType?: unknown;
  subject?: { digest?: unknown };
  annotations?: unknown;
  manifests?: unknown;
  layers?: unknown;
  config?: unknown;
}

/** All that comes. Throws Refusal for more than a manifest can be. */
export async function receiveManifest(body: IncomingMessage): Promise<Buffer> {
  if (Number(body.headers["content-length"] ?? 0) > LONGEST_MANIFEST) throw tooLong();
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of body.iterator({ destroyOnReturn: false })) {
    length += (piece as Buffer).length;
    if (length > LONGEST_MANIFEST) throw tooLong();
    pieces.push(piece as Buffer);
  }
  return Buffer.concat(pieces);
}

/** Throws Refusal for what is no manifest of a kind we know, or not the one it says it is. */
export function readPushed(bytes: Buffer, contentType: string | undefined): PushedManifest {
  const fields: Fields = reading(() => parseJson(bytes, "the manifest"));
  const mediaType = mediaTypeOf(fields, contentType);
  if (fields.schemaVersion !== 2) throw invalid("its schemaVersion is not 2");
  if (!isTextMap(fields.annotations ?? {})) throw invalid("its annotations are not texts with names");
  if (typeof (fields.artifactType ?? "") !== "string") throw invalid("its artifactType is no text");
  const parts = reading(() => partsOf(bytes, { mediaType, digest: "the manifest" }));
  if (!parts.manifests.every(({ platform }) => isPlatform(platform))) throw invalid("one of its platforms is none");
  return { bytes, mediaType, subject: subjectOf(fields), parts };
}

function isPlatform(platform: Partial<Platform> | null | undefined): boolean {
  const { os, architecture } = platform ?? { os: "any", architecture: "any" };
  return typeof os === "string" && typeof architecture === "string";
}

/** What it says itself, what it was sent as, or what it looks like; never two of these that differ. */
function mediaTypeOf(fields: Fields, contentType: string | undefined): string {
  const [sentAs] = (contentType ?? "").split(";").map((part) => part.trim());
  const looksLike = fields.manifests === undefined ? MEDIA.MANIFEST : MEDIA.INDEX;
  const mediaType = typeof fields.mediaType === "string" ? fields.mediaType : sentAs || looksLike;
  if (sentAs && sentAs !== mediaType) throw invalid(`it was sent as ${sentAs}, and says that it is ${mediaType}`);
  const kind = { mediaType };
  if (!isIndex(kind) && !isManifest(kind)) throw invalid(`${mediaType} is no kind of manifest we know`);
  // One that can be read both ways is another to each of two readers.
  const others = isIndex(kind) ? (fields.layers ?? fields.config) : fields.manifests;
  if (others !== undefined) throw invalid("it is a manifest and an index at once");
  return mediaType;
}

function subjectOf({ subject }: Fields): Digest | undefined {
  if (subject === undefined || subject === null) return undefined;
  if (typeof subject.digest === "string" && isDigest(subject.digest)) return subject.digest;
  throw invalid("its subject has no digest");
}

function isTextMap(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.values(value).every((one) => typeof one === "string");
}

/** What is wrong with a client's manifest is the client's business. */
function reading<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof UserError ? invalid(error.message) : error;
  }
}

function tooLong(): Refusal {
  return new Refusal("MANIFEST_INVALID", `a manifest has at most ${LONGEST_MANIFEST} bytes`, { status: 413 });
}

export function invalid(reason: string): Refusal {
  return new Refusal("MANIFEST_INVALID", `this manifest can't be taken: ${reason}`);
}
