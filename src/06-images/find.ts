// From what a person typed to an image in the store: by name, by digest, or by the beginning of its id.

import { UserError } from "../01-syscalls/index.ts";
import { isDigest, parseDigest } from "./digest.ts";
import { type Image, readImage } from "./image.ts";
import { nameOfEntry, readIndex } from "./layout.ts";
import type { Descriptor } from "./manifest.ts";
import { formatPlatform, isSamePlatform, type Platform } from "./platform.ts";
import { BASE, familiarName, fullName, parseReference, type Reference } from "./reference.ts";

export interface FindOptions {
  /** This machine's unless said. */
  platform?: Platform;
}

/**
 * The image that `text` stands for, or undefined. `base` is made from this host on first use, and `oci:DIR[:TAG]` is read
 * into the store. Throws UserError for what is no reference, and for an image that is damaged or for other machines.
 */
export async function findImage(root: string, text: string, options: FindOptions = {}): Promise<Image | undefined> {
  const entry = text.startsWith("oci:") ? await entryOfLayout(root, text) : findEntry(root, text);
  const found = entry ?? (await entryOfBase(root, text));
  return found && onPlatform(readImage(root, found, options.platform), text, options.platform);
}

/** An image that is for one machine only may be for another one than was asked for. */
export function onPlatform(image: Image, text: string, wanted: Platform | undefined): Image {
  if (!wanted || isSamePlatform(wanted, image.config)) return image;
  const what = `image with reference ${text} was found but does not provide the specified platform`;
  throw new UserError(`${what} (${formatPlatform(wanted)})`);
}

/** The same, where there has to be one. Throws UserError, in Docker's words, if there is none. */
export async function ensureImage(root: string, text: string, options: FindOptions = {}): Promise<Image> {
  const image = await findImage(root, text, options);
  if (image) return image;
  const name = isId(text) ? text : familiarName(fullName(parseReference(text)));
  throw new UserError(`Unable to find image '${name}' locally`, {
    hint: "`mini-docker images` lists what there is, `mini-docker load -i FILE` adds one, and `base` is always there",
  });
}

/** The index's entry for it, of whatever platform; `base` is made if need be. Throws UserError, in Docker's words. */
export async function ensureEntry(root: string, text: string): Promise<Descriptor> {
  const entry = findEntry(root, text) ?? (await entryOfBase(root, text));
  if (entry) return entry;
  throw noSuchImage(text);
}

export function noSuchImage(text: string): UserError {
  return new UserError(`No such image: ${isId(text) ? text : familiarName(fullName(parseReference(text)))}`);
}

/** Whether `text` is `base`, and `base` hasn't been made yet. */
export function isBaseToBeMade(root: string, text: string): boolean {
  return isBase(text) && findEntry(root, text) === undefined;
}

/** The image as far as it is in the store: nothing is made or read in. Throws UserError as `findImage` does. */
export function storedImage(root: string, text: string): Image | undefined {
  const entry = findEntry(root, text);
  return entry && readImage(root, entry);
}

/** The index's entry for a name, a digest, or a unique beginning of an id. Throws UserError for what is none of these. */
export function findEntry(root: string, text: string): Descriptor | undefined {
  const entries = readIndex(root);
  return findNamed(entries, text) ?? byId(root, entries, text) ?? byDigest(entries, text);
}

/** Only if `text` is a name, and not a digest or an id. Throws UserError for what is neither. */
export function findNamed(entries: Descriptor[], text: string): Descriptor | undefined {
  if (isId(text)) return undefined;
  const reference = parseReference(text);
  return byName(entries, reference) ?? byLocalName(entries, reference);
}

/** Written out in full; a beginning of an id could be a name as well. */
export function isId(text: string): boolean {
  return isDigest(text) || /^[0-9a-f]{64}$/.test(text);
}

function byName(entries: Descriptor[], { digest, ...name }: Reference): Descriptor | undefined {
  if (digest === undefined) return entries.find((entry) => nameOfEntry(entry) === fullName(name));
  const repository = `${name.domain}/${name.path}`;
  const candidates = entries.filter((entry) => entry.digest === digest);
  return candidates.find((entry) => nameOfEntry(entry)?.startsWith(`${repository}:`)) ?? candidates[0];
}

/** What was made or loaded here is `localhost/NAME`, and NAME finds it if Docker Hub's image of that name isn't here. */
function byLocalName(entries: Descriptor[], { domain, path, ...rest }: Reference): Descriptor | undefined {
  if (domain !== "docker.io") return undefined;
  return byName(entries, { domain: "localhost", path: path.replace(/^library\//, ""), ...rest });
}

function byDigest(entries: Descriptor[], text: string): Descriptor | undefined {
  return entries.find(({ digest }) => digest === text || digest === `sha256:${text}`);
}

/** Throws UserError if two images' ids begin like that. */
function byId(root: string, entries: Descriptor[], text: string): Descriptor | undefined {
  const start = text.replace(/^sha256:/, "");
  if (!/^[0-9a-f]+$/.test(start)) return undefined;
  const found = entries.filter((entry) => idOf(root, entry)?.startsWith(start));
  const ids = new Set(found.map((entry) => idOf(root, entry)));
  if (ids.size > 1) throw new UserError(`multiple IDs found with provided prefix: ${start}`);
  return found[0];
}

function idOf(root: string, entry: Descriptor): string | undefined {
  try {
    return parseDigest(readImage(root, entry).id).hex;
  } catch {
    // Damaged, or for other machines: it is found by name, and then it is said.
    return undefined;
  }
}

async function entryOfBase(root: string, text: string): Promise<Descriptor | undefined> {
  if (!isBase(text)) return undefined;
  const { makeBase } = await import("./base.ts");
  return makeBase(root);
}

function isBase(text: string): boolean {
  return !isId(text) && !text.startsWith("oci:") && fullName(parseReference(text)) === BASE;
}

/** `oci:DIR:TAG`, as skopeo writes it: what follows the first colon names the directory, up to the next one. */
async function entryOfLayout(root: string, text: string): Promise<Descriptor> {
  const [, directory = "", tag] = /^oci:([^:]+)(?::(.+))?$/.exec(text) ?? [];
  if (directory === "") throw new UserError(`${text}: write oci:DIRECTORY:TAG`);
  const { loadFromLayout } = await import("./load.ts");
  return loadFromLayout(root, directory, tag);
}
