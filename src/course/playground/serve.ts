// The playground as a server: it listens on loopback, lets nobody in but its own page (guard.ts), and hands each request
// and each WebSocket to whoever answers it.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { UserError } from "../../01-syscalls/index.ts";
import { type Guard, newToken, pathOf, upgradePathOf } from "./guard.ts";
import { SAFE_HEADERS } from "./headers.ts";
import type { Site, SiteFile } from "./site.ts";

const LOOPBACK = "127.0.0.1";
/** Far more than anybody types or pastes at once. */
const LARGEST_MESSAGE_BYTES = 1024 * 1024;

export interface Answering {
  site: Site;
  /** What isn't a file: undefined where there is nothing of the name. */
  text(path: string): SiteFile | undefined;
  /** Path → who talks with the pages that connect there. */
  sockets: Record<string, (socket: WebSocket) => void>;
}

export interface Serving {
  /** With the token: whoever has it, has a shell. */
  url: string;
  close(): Promise<void>;
}

/** Port 0 is one that is free. Throws UserError where nobody can listen. */
export async function serve(port: number, answering: Answering): Promise<Serving> {
  const server = createServer();
  const host = `${LOOPBACK}:${(await listen(server, port)).port}`;
  const guard: Guard = { host, token: newToken() };
  const sockets = new WebSocketServer({ noServer: true, maxPayload: LARGEST_MESSAGE_BYTES });
  server.on("request", (request, response) => answer(request, response, guard, answering));
  server.on("upgrade", (request, socket, head) => {
    const talk = Object.entries(answering.sockets).find(([path]) => path === upgradePathOf(request, guard))?.[1];
    if (!talk) return refuse(socket);
    sockets.handleUpgrade(request, socket, head, (accepted) => talk(accepted.on("error", () => accepted.terminate())));
  });
  return { url: `http://${host}/${guard.token}/`, close: () => end(server, sockets) };
}

function answer(request: IncomingMessage, response: ServerResponse, guard: Guard, { site, text }: Answering): void {
  const path = pathOf(request, guard);
  if (path === "") return void response.writeHead(308, { ...SAFE_HEADERS, Location: `/${guard.token}/` }).end();
  const plain = { ...SAFE_HEADERS, "Content-Type": "text/plain" };
  let file: SiteFile | undefined;
  try {
    file = path === undefined ? undefined : (site.get(path === "/" ? "/index.html" : path) ?? text(path));
  } catch (error) {
    return void response.writeHead(500, plain).end(`${(error as Error).message}\n`);
  }
  if (path === undefined) response.writeHead(403, plain).end("Forbidden\n");
  else if (!file) response.writeHead(404, plain).end("Not found\n");
  else response.writeHead(200, { ...SAFE_HEADERS, "Content-Type": file.type }).end(file.body);
}

function refuse(socket: Duplex): void {
  socket.on("error", () => {});
  socket.end("HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
}

function listen(server: Server, port: number): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.on("error", ({ code, message }: NodeJS.ErrnoException) => {
      const reason = code === "EADDRINUSE" ? "somebody else does" : message;
      reject(new UserError(`cannot listen on ${LOOPBACK}:${port}: ${reason}`));
    });
    server.listen({ port, host: LOOPBACK }, () => resolve(server.address() as AddressInfo));
  });
}

function end(server: Server, sockets: WebSocketServer): Promise<void> {
  for (const client of sockets.clients) client.terminate();
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
