// The uploads that are going on, each with an address of its own. They are this process's: a registry that is started anew
// knows none of the old ones, and clients begin again, as they do with any address that is unknown.

import type { IncomingMessage } from "node:http";
import type { Digest } from "../../06-images/digest.ts";
import type { Lock } from "../../06-images/lock.ts";
import { Refusal } from "./errors.ts";
import type { StoreHold } from "./hold.ts";
import type { Range } from "./range.ts";
import { Upload } from "./upload.ts";
import type { WaitingBlobs } from "./waiting.ts";

/** Each is an open file. */
const MOST_UPLOADS = 1000;

export class Uploads {
  private readonly root: string;
  private readonly hold: StoreHold;
  private readonly waiting: WaitingBlobs;
  private readonly uploads = new Map<string, { upload: Upload; hold: Lock }>();

  constructor(root: string, hold: StoreHold, waiting: WaitingBlobs) {
    this.root = root;
    this.hold = hold;
    this.waiting = waiting;
  }

  /** Throws Refusal where too many are going on. */
  async begin(repository: string, algorithm: string): Promise<Upload> {
    const hold = await this.hold.take();
    try {
      if (this.uploads.size >= MOST_UPLOADS) throw new Refusal("TOOMANYREQUESTS", "too many uploads are going on");
      const upload = new Upload(this.root, repository, algorithm);
      this.uploads.set(upload.id, { upload, hold });
      return upload;
    } catch (error) {
      hold.close();
      throw error;
    }
  }

  /** Throws Refusal. */
  find(repository: string, id: string): Upload {
    const upload = this.uploads.get(id)?.upload;
    if (upload?.repository === repository) return upload;
    throw unknownUpload(repository, id);
  }

  /** As Upload.append; an upload that failed in here is over. */
  async append(upload: Upload, body: IncomingMessage, range?: Range): Promise<void> {
    try {
      await upload.append(body, range);
    } catch (error) {
      if (!this.uploads.has(upload.id)) throw unknownUpload(upload.repository, upload.id);
      if (upload.isBroken) this.cancel(upload);
      throw error;
    }
  }

  /** The upload is over, and its blob in the repository. Throws Refusal if it isn't what `digest` says. */
  async finish(upload: Upload, digest: Digest): Promise<void> {
    const hold = this.end(upload);
    try {
      await upload.publish(digest);
      await this.waiting.add(upload.repository, digest);
    } finally {
      upload.discard();
      hold.close();
    }
  }

  /** The upload is over, and nothing of it stays. */
  cancel(upload: Upload): void {
    const hold = this.end(upload);
    upload.discard();
    hold.close();
  }

  /** Of two requests that would end an upload, one does. */
  private end(upload: Upload): Lock {
    const going = this.uploads.get(upload.id);
    if (!going) throw unknownUpload(upload.repository, upload.id);
    this.uploads.delete(upload.id);
    return going.hold;
  }

  /** Those that nobody has used since `time`, in milliseconds since 1970, are over. */
  expire(time: number): void {
    for (const { upload } of this.uploads.values()) if (upload.lastUsed < time) this.cancel(upload);
  }
}

function unknownUpload(repository: string, id: string): Refusal {
  return new Refusal("BLOB_UPLOAD_UNKNOWN", `${repository} has no upload ${id}; it is over, or took too long`);
}
