// The whole protocol on one screen: what can be asked for, by method and path, and the operation that answers. The
// numbers are those of the table in the OCI distribution specification, "Endpoints".

import { cancelUpload, continueUpload, finishUpload, showUpload, startUpload } from "./blob-push.ts";
import { deleteBlob, getBlob } from "./blobs.ts";
import { Refusal } from "./errors.ts";
import type { Asked, Reply } from "./exchange.ts";
import { listRepositories, listTags } from "./listings.ts";
import { putManifest } from "./manifest-push.ts";
import { deleteManifest, getManifest } from "./manifests.ts";
import { listReferrers } from "./referrers.ts";
import type { Registry } from "./registry.ts";
import { repositoryNamed } from "./repositories.ts";

export type Operation = (registry: Registry, asked: Asked) => Reply | Promise<Reply>;

interface Route {
  path: string;
  operations: Record<string, Operation>;
}

/** The first path that fits is meant. A name may have slashes in it, so it is as long as it can be. */
const ROUTES: Route[] = [
  { path: "/v2/", operations: { GET: welcome } }, // end-1
  { path: "/v2/_catalog", operations: { GET: listRepositories } },
  { path: "/v2/<name>/blobs/uploads/", operations: { POST: startUpload } }, // end-4, end-11
  {
    path: "/v2/<name>/blobs/uploads/<session>", // end-13, end-5, end-6, end-14
    operations: { GET: showUpload, PATCH: continueUpload, PUT: finishUpload, DELETE: cancelUpload },
  },
  { path: "/v2/<name>/blobs/<reference>", operations: { GET: getBlob, DELETE: deleteBlob } }, // end-2, end-10
  {
    path: "/v2/<name>/manifests/<reference>", // end-3, end-7, end-9
    operations: { GET: getManifest, PUT: putManifest, DELETE: deleteManifest },
  },
  { path: "/v2/<name>/tags/list", operations: { GET: listTags } }, // end-8
  { path: "/v2/<name>/referrers/<reference>", operations: { GET: listReferrers } }, // end-12
];

const PATTERNS = ROUTES.map(({ path, operations }) => ({ pattern: patternOf(path), operations }));

/** `/v2/<name>/tags/list` → a pattern with a group for each part in brackets; the slash at the end may be missing. */
function patternOf(path: string): RegExp {
  const parts = path.replace(/<(\w+)>/g, (_, part) => `(?<${part}>${part === "name" ? ".+" : "[^/]+"})`);
  return new RegExp(`^${parts.replace(/\/$/, "")}/?$`);
}

/** That this is a registry, and that whoever asks may. */
function welcome(): Reply {
  return { status: 200, json: {} };
}

/** What is asked for, and who answers. Throws Refusal where nobody does. */
export function routeOf(method: string, path: string): { operation: Operation; parts: Parts } {
  for (const { pattern, operations } of PATTERNS) {
    const found = pattern.exec(decoded(path));
    // Who may get something may ask for its headers alone.
    if (found)
      return {
        operation: operations[method === "HEAD" ? "GET" : method] ?? not(method, operations),
        parts: partsOf(found),
      };
  }
  throw new Refusal("UNSUPPORTED", "there is nothing at this address; all of a registry is below /v2/", {
    status: 404,
  });
}

/** `%3A` is a colon. Where it isn't that, it is nothing we have. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return "";
  }
}

type Parts = Pick<Asked, "name" | "repository" | "reference" | "session">;

function partsOf({ groups = {} }: RegExpExecArray): Parts {
  const { name = "", reference = "", session = "" } = groups;
  return { name, repository: name === "" ? "" : repositoryNamed(name), reference, session };
}

function not(method: string, operations: Record<string, Operation>): never {
  const allowed = Object.keys(operations).flatMap((one) => (one === "GET" ? ["GET", "HEAD"] : [one]));
  throw new Refusal("UNSUPPORTED", `${method} can't be done here`, { headers: { Allow: allowed.join(", ") } });
}
