// A blob from a registry into the store: hashed and written as it comes, so that its size is nobody's problem. Where the
// connection breaks, the rest is asked for (a range, RFC 9110, section 14); where that isn't understood, all of it comes
// again and what we have is skipped.
// See the OCI distribution specification, "Pulling blobs".

import { UserError } from "../01-syscalls/index.ts";
import { type Descriptor, PartialBlob } from "../06-images/index.ts";
import { repositoryScope } from "./authorization.ts";
import type { Answer } from "./exchange.ts";
import type { OnLayer } from "./progress.ts";
import type { Registry } from "./registry.ts";
import { retrying } from "./retry.ts";
import { Unreachable } from "./unreachable.ts";

export interface BlobSource {
  registry: Registry;
  repository: string;
}

export interface FetchOptions {
  onLayer?: OnLayer | undefined;
  /** Its content can be followed from now on, as it comes. */
  onFollowable?: (pieces: () => AsyncIterable<Buffer>) => void;
}

/** More than this since the last failure, and the connection is worth another try. */
const PROGRESS = 1 << 20;

/** Returns once the store has the blob, whoever fetched it. Throws UserError; what came is kept, unless it was wrong. */
export async function fetchBlob(source: BlobSource, root: string, blob: Descriptor, options: FetchOptions = {}) {
  const partial = await PartialBlob.claim(root, blob, source.registry.signal);
  if (!partial) return;
  try {
    // What somebody else has begun may turn out to be wrong, and then it begins anew: only our own can be followed.
    const isOurs = partial.size === 0;
    if (isOurs) options.onFollowable?.(() => partial.follow());
    await complete(source, partial, blob, options);
    if (!isOurs && !partial.isRight()) {
      partial.restart();
      await complete(source, partial, blob, options);
    }
    options.onLayer?.(blob.digest, { is: "verifying" });
    await publish(partial, blob);
    options.onLayer?.(blob.digest, { is: "moved" });
  } finally {
    partial.close();
  }
}

async function publish(partial: PartialBlob, { digest }: Descriptor): Promise<void> {
  if (partial.isRight()) return partial.publish();
  partial.discard();
  throw new UserError(`filesystem layer verification failed for digest ${digest}: the registry sent something else`);
}

async function complete(source: BlobSource, partial: PartialBlob, blob: Descriptor, options: FetchOptions) {
  const { patience, signal } = source.registry;
  let before = partial.size;
  const hasProgressed = () => {
    const isMore = partial.size - before > PROGRESS;
    if (isMore) before = partial.size;
    return isMore;
  };
  const onPause = (inMs: number) => options.onLayer?.(blob.digest, { is: "retrying", inMs });
  await retrying({ patience, signal, onPause, hasProgressed }, () => receive(source, partial, blob, options));
}

/** One request for what is missing. */
async function receive(source: BlobSource, partial: PartialBlob, blob: Descriptor, { onLayer }: FetchOptions) {
  if (partial.size > blob.size) partial.restart();
  if (partial.size === blob.size) return;
  const { registry, repository } = source;
  const answer = await registry.once({
    at: `/v2/${repository}/blobs/${blob.digest}`,
    scopes: [repositoryScope(repository, "pull")],
    ...(partial.size > 0 && { headers: { Range: `bytes=${partial.size}-` } }),
  });
  try {
    let known = beginning(answer, partial, blob);
    for await (const piece of answer.body) {
      const news = piece.subarray(known);
      known -= piece.length - news.length;
      if (partial.size + news.length > blob.size) throw wrongLength(blob, "more");
      partial.write(news);
      onLayer?.(blob.digest, { is: "moving", bytes: partial.size, total: blob.size });
    }
  } finally {
    await answer.discard();
  }
  if (partial.size < blob.size) throw cutShort(answer, partial.size, blob.size);
}

/** How many bytes of the answer we have already. */
function beginning({ status, headers }: Answer, partial: PartialBlob, blob: Descriptor): number {
  const { "content-length": length, "content-range": range = "" } = headers;
  if (status !== 206) {
    if (length !== undefined && Number(length) !== blob.size) throw wrongLength(blob, length);
    return partial.size;
  }
  const [, first] = /^bytes (\d+)-/.exec(range) ?? [];
  if (Number(first) === partial.size) return 0;
  throw new UserError(`${blob.digest}: the registry was asked for bytes from ${partial.size} on, and sent ${range}`);
}

function cutShort({ url }: Answer, bytes: number, total: number): Unreachable {
  return new Unreachable(`Get "${url.origin}${url.pathname}"`, new Error(`unexpected EOF: ${bytes} of ${total} bytes`));
}

function wrongLength({ digest, size }: Descriptor, sent: string): UserError {
  return new UserError(`${digest} has ${size} bytes, says its image; the registry sends ${sent}`);
}
