// A proxy of a few lines: it connects whoever asks with CONNECT, and passes on requests with a whole address. Whatever a
// machine is called, for this proxy it is this very one.

import { createServer, request } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { onTestFinished } from "vitest";

export interface SmallProxy {
  url: string;
  /** `CONNECT registry.test:5000`, `GET http://registry.test:5000/v2/`, with the credentials for the proxy behind it. */
  asked: string[];
}

/** With `refusal` it answers that, and does nothing. */
export async function proxy({ refusal }: { refusal?: number } = {}): Promise<SmallProxy> {
  const asked: string[] = [];
  const note = (what: string, credentials = "") => void asked.push(`${what} ${credentials}`.trim());
  const server = createServer((asking, answering) => {
    const { method, url = "", headers } = asking;
    const { "proxy-authorization": credentials, ...rest } = headers;
    note(`${method} ${url}`, credentials);
    if (refusal !== undefined) return answering.writeHead(refusal).end();
    const { port, pathname, search } = new URL(url);
    const sending = request({ host: "127.0.0.1", port, path: pathname + search, method, headers: rest, agent: false });
    sending.on("error", () => answering.destroy());
    sending.on("response", (answer) => answer.pipe(answering.writeHead(answer.statusCode!, answer.headers)));
    return asking.pipe(sending);
  });
  server.on("connect", ({ url = "", headers }, socket) => {
    note(`CONNECT ${url}`, headers["proxy-authorization"]);
    if (refusal !== undefined) return socket.end(`HTTP/1.1 ${refusal} Refused\r\nContent-Length: 0\r\n\r\n`);
    const there = connect(Number(url.split(":")[1]), "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      there.pipe(socket).pipe(there);
    });
    const part = () => [there, socket].forEach((one) => void one.destroy());
    there.on("error", part);
    return socket.on("error", part);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}
