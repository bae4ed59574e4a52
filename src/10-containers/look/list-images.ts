// Which images there are: all of them, or those that `images` is asked for. Newest first.

import { UserError } from "../../01-syscalls/index.ts";
import { familiarName, inspectImage, type ListedImage, listImages, storedImage } from "../../06-images/index.ts";
import type { Roots } from "../folders.ts";
import { Filters, hasLabel } from "./filters.ts";

export interface ImageRequest {
  /** `alpine`, `alpine:3.*`: a pattern of names. */
  reference?: string | undefined;
  filters?: [key: string, value: string][];
  onDamaged?: (name: string, error: Error) => void;
}

const KEYS = ["before", "dangling", "label", "reference", "since"];

/** Throws UserError for a filter that makes no sense. */
export function findImages(roots: Roots, { reference, filters = [], onDamaged }: ImageRequest): ListedImage[] {
  const named: [string, string][] = reference === undefined ? [] : [["reference", reference]];
  const isWanted = wanted(roots, new Filters([...filters, ...named], KEYS));
  return listImages(roots.root, onDamaged).filter(isWanted);
}

type Test = (image: ListedImage) => boolean;

function wanted(roots: Roots, filters: Filters): Test {
  const dangling = filters.get("dangling").map((value) => parseTruth("dangling", value));
  const createdOf = (name: string) => required(roots, name).config.created ?? "";
  const [before, since] = [filters.get("before").map(createdOf), filters.get("since").map(createdOf)];
  return (image) =>
    filters.any("reference", (pattern) => isNamed(image, pattern)) &&
    dangling.every((value) => value === (image.repository === undefined)) &&
    filters.get("label").every((label) => hasLabel(imageLabels(roots, image.id), label)) &&
    before.every((created) => (image.created ?? "") < created) &&
    since.every((created) => (image.created ?? "") > created);
}

export function parseTruth(key: string, text: string): boolean {
  if (["1", "true", "t"].includes(text.toLowerCase())) return true;
  if (["0", "false", "f"].includes(text.toLowerCase())) return false;
  throw new UserError(`invalid filter '${key}=${text}'`);
}

function required(roots: Roots, name: string) {
  const image = storedImage(roots.root, name);
  if (image) return image;
  throw new UserError(`No such image: ${name}`);
}

/** What is said of an image; keys are anybody's. */
export function imageLabels({ root }: Roots, id: string): Record<string, string> {
  const inspected = inspectImage(root, id) as { Config?: { Labels?: Record<string, string> | null } } | undefined;
  return inspected?.Config?.Labels ?? {};
}

/** With the tag or without it; what was made here is `localhost/NAME` and NAME, too. */
function isNamed({ repository, tag }: ListedImage, pattern: string): boolean {
  if (repository === undefined) return false;
  const names = [repository, repository.replace(/^localhost\//, "")];
  const wantedName = globExpression(familiarName(pattern));
  return names.some((name) => wantedName.test(name) || wantedName.test(`${name}:${tag}`));
}

/** `*` and `?` stand for anything but a slash. */
function globExpression(pattern: string): RegExp {
  const escaped = pattern.replace(/[.+^${}()|\\]/g, "\\$&");
  return new RegExp(`^${escaped.replaceAll("*", "[^/]*").replaceAll("?", "[^/]")}$`);
}
