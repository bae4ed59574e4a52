// What is told of a request to whoever looks on.

import type { IncomingMessage, ServerResponse } from "node:http";

/** What became of a request. */
export interface ToldRequest {
  method: string;
  url: string;
  /** Undefined if whoever asked went away before there was an answer. */
  status: number | undefined;
  receivedBytes: number;
  sentBytes: number;
  client: string;
}

/** Calls `tell` once, when the answer is on its way or nobody waits for it any more. */
export function tellWhenOver(
  request: IncomingMessage,
  response: ServerResponse,
  tell: (told: ToldRequest) => void,
): void {
  const { method = "", url = "", socket } = request;
  const [readBefore, writtenBefore, client] = [socket.bytesRead, socket.bytesWritten, socket.remoteAddress ?? ""];
  response.once("close", () => {
    const status = response.headersSent ? response.statusCode : undefined;
    const receivedBytes = Number(request.headers["content-length"] ?? socket.bytesRead - readBefore);
    tell({ method, url, status, receivedBytes, sentBytes: socket.bytesWritten - writtenBefore, client });
  });
}
