// A request as the operations see it, and the answer as they give it: what HTTP is about stays in here.

import type { FileHandle } from "node:fs/promises";
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";

/** What is asked. Parts of the path that an operation's route doesn't have are empty. */
export interface Asked {
  method: string;
  /** The repository, as the client calls it, and as we do (repositories.ts). */
  name: string;
  repository: string;
  /** A tag or a digest. */
  reference: string;
  /** The id of an upload. */
  session: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  body: IncomingMessage;
}

/** The answer: at most one of the three kinds of body. */
export interface Reply {
  status: number;
  headers?: Record<string, string | number | string[]>;
  json?: object;
  bytes?: Uint8Array;
  file?: FilePart;
}

/** A part of an open file, which is closed when it was sent, or nobody wants it any more. */
export interface FilePart {
  handle: FileHandle;
  /** Both inclusive, as in HTTP; an empty file ends before it begins. */
  start: number;
  end: number;
}

/** Large pieces: each is one trip to the disk and one to the network. */
const PIECE = 1 << 20;

/** Sends the answer, and returns when all of it is on its way. */
export async function send(response: ServerResponse, reply: Reply): Promise<void> {
  const { file } = reply;
  const bytes = bytesOf(reply);
  const length = file ? file.end - file.start + 1 : bytes.length;
  const type = reply.json && { "Content-Type": "application/json" };
  const lengthHeader = reply.status !== 204 && { "Content-Length": length };
  response.writeHead(reply.status, { ...lengthHeader, ...type, ...reply.headers });
  if (file) return sendFile(response, file);
  // Node itself leaves out the body of the answer to HEAD.
  response.end(bytes);
}

function bytesOf({ json, bytes }: Reply): Uint8Array {
  return json ? Buffer.from(`${JSON.stringify(json)}\n`) : (bytes ?? Buffer.alloc(0));
}

async function sendFile(response: ServerResponse, { handle, start, end }: FilePart): Promise<void> {
  try {
    if (response.req.method === "HEAD" || end < start) response.end();
    else await pipeline(handle.createReadStream({ start, end, highWaterMark: PIECE, autoClose: false }), response);
  } finally {
    await handle.close();
  }
}
