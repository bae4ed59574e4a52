// Answers questions for names: what it knows by itself, and everything else by asking others. See dns.ts for what is said.

import { createSocket, type Socket } from "node:dgram";
import { connect, createServer, isIPv6, type Socket as Stream } from "node:net";
import { randomBytes } from "../01-syscalls/index.ts";
import { fitInto, isAnswerTo, RCODE, readQuestion, writeAnswer, writeRefusal } from "./dns.ts";

export interface Knowledge {
  /** The data of all records of this type; none, where there is such a name, but not of this type. */
  lookUp(name: string, type: number): Buffer[] | undefined;
  /** Who is asked for what isn't known here. Nobody: then there is no such name. */
  servers: readonly string[];
}

/** Short, since containers come and go. */
const SECONDS = 5;
/** Who asks gives up after five seconds, and hears by then that nobody has answered. */
const PATIENCE_MS = 4000;
/** Of questions to others, at a time. */
const MOST_WAITING = 1000;
const IDLE_MS = 10_000;

let waiting = 0;

/** Answers on both sockets until it is closed. What is known is asked for with each question. */
export function serveNames(sockets: { udp: number; tcp: number }, knowledge: () => Knowledge): { close(): void } {
  const udp = createSocket("udp4");
  udp.on("error", () => {});
  udp.on("message", async (message, { port, address }) => {
    const answer = await answerTo(message, knowledge(), "udp").catch(() => undefined);
    if (answer) udp.send(answer, port, address, () => {});
  });
  udp.bind({ fd: sockets.udp });
  const streams = new Set<Stream>();
  const tcp = createServer((stream) => {
    streams.add(stream);
    stream.on("close", () => streams.delete(stream));
    answerOn(stream, knowledge);
  });
  tcp.on("error", () => {});
  tcp.listen({ fd: sockets.tcp });
  const close = () => {
    closeQuietly(udp);
    tcp.close();
    for (const stream of streams) stream.destroy();
  };
  return { close };
}

function closeQuietly(socket: Socket): void {
  try {
    socket.close();
  } catch {
    // It never came to be one.
  }
}

/** Before each message stand two bytes with its length. One after the other is answered. */
async function answerOn(stream: Stream, knowledge: () => Knowledge): Promise<void> {
  stream.on("error", () => {});
  stream.setTimeout(IDLE_MS, () => stream.destroy());
  try {
    for await (const message of framesOf(stream)) {
      const answer = await answerTo(message, knowledge(), "tcp");
      if (answer) stream.write(framed(answer));
    }
    stream.end();
  } catch {
    stream.destroy();
  }
}

async function* framesOf(stream: Stream): AsyncGenerator<Buffer> {
  let rest = Buffer.alloc(0);
  for await (const bytes of stream as AsyncIterable<Buffer>) {
    rest = Buffer.concat([rest, bytes]);
    for (;;) {
      const length = rest.length < 2 ? Number.POSITIVE_INFINITY : 2 + rest.readUInt16BE(0);
      if (rest.length < length) break;
      yield rest.subarray(2, length);
      rest = rest.subarray(length);
    }
  }
}

function framed(message: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  return Buffer.concat([length, message]);
}

type Way = "udp" | "tcp";

/** Undefined where nothing was asked. */
export async function answerTo(message: Buffer, known: Knowledge, way: Way): Promise<Buffer | undefined> {
  const question = readQuestion(message);
  if (question === undefined) return undefined;
  if (typeof question === "number") return writeRefusal(message, question);
  const data = known.lookUp(question.name, question.type);
  if (data === undefined) return askOthers(message, known.servers, way);
  const answer = writeAnswer(message, question, shuffled(data), SECONDS);
  return way === "udp" ? fitInto(question.room, answer, question) : answer;
}

/** Of several who have the name, each is the first now and then. */
function shuffled(data: readonly Buffer[]): readonly Buffer[] {
  if (data.length < 2) return data;
  const start = randomBytes(1)[0]! % data.length;
  return [...data.slice(start), ...data.slice(0, start)];
}

/** One server after the other, until one answers. */
async function askOthers(message: Buffer, servers: readonly string[], way: Way): Promise<Buffer> {
  if (servers.length === 0) return writeRefusal(message, RCODE.NO_SUCH_NAME);
  if (waiting >= MOST_WAITING) return writeRefusal(message, RCODE.FAILED);
  waiting++;
  try {
    for (const server of servers) {
      const answer = await (way === "udp" ? askByDatagram : askByStream)(message, server, PATIENCE_MS / servers.length);
      if (answer) return answer;
    }
    return writeRefusal(message, RCODE.FAILED);
  } finally {
    waiting--;
  }
}

const DNS_PORT = 53;

/** From a port of its own and under a number of its own, so that nobody can answer who hasn't seen the question. */
function askByDatagram(message: Buffer, server: string, patienceMs: number): Promise<Buffer | undefined> {
  const question = Buffer.concat([randomBytes(2), message.subarray(2)]);
  const socket = createSocket(isIPv6(server) ? "udp6" : "udp4");
  return new Promise<Buffer | undefined>((resolve) => {
    const timer = setTimeout(() => resolve(undefined), patienceMs);
    socket.on("close", () => clearTimeout(timer));
    socket.on("error", () => resolve(undefined));
    socket.on("message", (answer) => {
      if (isAnswerTo(question, answer)) resolve(withNumberOf(message, answer));
    });
    socket.on("connect", () => socket.send(question, () => {}));
    socket.connect(DNS_PORT, server);
  }).finally(() => closeQuietly(socket));
}

function withNumberOf(message: Buffer, answer: Buffer): Buffer {
  return Buffer.concat([message.subarray(0, 2), answer.subarray(2)]);
}

async function askByStream(message: Buffer, server: string, patienceMs: number): Promise<Buffer | undefined> {
  const stream = connect(DNS_PORT, server);
  const timer = setTimeout(() => stream.destroy(), patienceMs);
  stream.on("error", () => {});
  stream.write(framed(message));
  try {
    for await (const answer of framesOf(stream)) if (isAnswerTo(message, answer)) return answer;
    return undefined;
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
    stream.destroy();
  }
}
