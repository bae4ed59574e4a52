// What refers to a manifest: signatures, lists of ingredients, attestations. Each is a manifest of its own that names the
// one it is about as its `subject`; the list is made by looking. See the OCI distribution specification, "Listing
// Referrers".

import { readBlob } from "../../06-images/blobs.ts";
import type { Digest } from "../../06-images/digest.ts";
import { type Descriptor, LONGEST_MANIFEST, MEDIA } from "../../06-images/manifest.ts";
import { requireDigest } from "./blobs.ts";
import { manifestsOf, subjectOf } from "./contents.ts";
import type { Asked, Reply } from "./exchange.ts";
import type { Registry } from "./registry.ts";

/** `GET /v2/<name>/referrers/<digest>`, also with `?artifactType=<type>`. A subject need not be there. */
export function listReferrers({ root }: Registry, { repository, name, reference, query }: Asked): Reply {
  const subject = requireDigest(reference);
  const type = query.get("artifactType");
  const all = referrersOf(root, repository, subject).filter(
    ({ artifactType }) => type === null || artifactType === type,
  );
  const { page, next } = pageAfter(all, query.get("last"));
  const others = new URLSearchParams({ ...(type !== null && { artifactType: type }), last: next ?? "" });
  const headers = {
    "Content-Type": MEDIA.INDEX,
    ...(type !== null && { "OCI-Filters-Applied": "artifactType" }),
    ...(next !== undefined && { Link: `</v2/${name}/referrers/${subject}?${others}>; rel="next"` }),
  };
  return { status: 200, headers, json: { schemaVersion: 2, mediaType: MEDIA.INDEX, manifests: page } };
}

/** In the order of their digests. */
function referrersOf(root: string, repository: string, subject: Digest): Descriptor[] {
  const manifests = [...manifestsOf(root, repository)].filter((manifest) => subjectOf(root, manifest) === subject);
  return manifests.map((manifest) => referrer(root, manifest)).sort((a, b) => (a.digest < b.digest ? -1 : 1));
}

/** What the list says of it is taken from the manifest itself. */
function referrer(root: string, { mediaType, digest, size }: Descriptor): Descriptor {
  const { artifactType, annotations, config } = JSON.parse(readBlob(root, digest).toString()) as Partial<Descriptor> & {
    config?: Descriptor;
  };
  const type = artifactType || config?.mediaType;
  return { mediaType, digest, size, ...(type && { artifactType: type }), ...(annotations && { annotations }) };
}

/** Clients read no longer list than a manifest may be; what doesn't fit is on the next page. */
function pageAfter(all: Descriptor[], last: string | null): { page: Descriptor[]; next: Digest | undefined } {
  const rest = all.filter(({ digest }) => last === null || digest > last);
  let length = 200;
  const tooMany = rest.findIndex((one, index) => {
    length += JSON.stringify(one).length + 1;
    return length > LONGEST_MANIFEST && index > 0;
  });
  if (tooMany < 0) return { page: rest, next: undefined };
  return { page: rest.slice(0, tooMany), next: rest[tooMany - 1]!.digest };
}
