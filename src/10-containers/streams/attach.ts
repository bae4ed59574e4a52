// Talks to a container's monitor: its output to us, our input and wishes to it. Both directions use Docker's frames:
//
//   │ type │ 0 │ 0 │ 0 │ length, big-endian, 4 bytes │ payload … │
//
//   from the monitor   1 stdout   2 stderr   3 exit (code, 4 bytes, after everything else)
//   to the monitor     0 stdin    4 close stdin   5 resize (rows, columns: 2 bytes each)   6 signal (1 byte)   7 detach

import { closeSync, constants, openSync, read, write } from "node:fs";
import { AF, closeStep, perform, performOne, reg, SOCK, type Step, step, UserError } from "../../01-syscalls/index.ts";

export const FRAME = {
  STDIN: 0,
  STDOUT: 1,
  STDERR: 2,
  EXIT: 3,
  CLOSE_STDIN: 4,
  RESIZE: 5,
  SIGNAL: 6,
  DETACH: 7,
} as const;
const HEADER = 8;

export function frame(type: number, payload: Uint8Array = Buffer.alloc(0)): Buffer {
  const bytes = Buffer.alloc(HEADER + payload.length);
  bytes[0] = type;
  bytes.writeUInt32BE(payload.length, 4);
  bytes.set(payload, HEADER);
  return bytes;
}

/** Cuts a stream of bytes into frames, wherever the pieces it arrives in end. */
export class FrameReader {
  private pending: Buffer = Buffer.alloc(0);

  *push(bytes: Buffer): Generator<{ type: number; payload: Buffer }> {
    this.pending = this.pending.length === 0 ? bytes : Buffer.concat([this.pending, bytes]);
    while (this.pending.length >= HEADER) {
      const end = HEADER + this.pending.readUInt32BE(4);
      if (this.pending.length < end) return;
      yield { type: this.pending[0]!, payload: this.pending.subarray(HEADER, end) };
      this.pending = this.pending.subarray(end);
    }
  }
}

/** How an attachment ended: the container did, with this code; or we let go of it; or neither, when a monitor was killed. */
export interface AttachEnd {
  exitCode: number | undefined;
  detached: boolean;
}

export interface AttachHandlers {
  stdout(bytes: Buffer): void;
  stderr(bytes: Buffer): void;
}

const CHUNK = 64 * 1024;

/**
 * A connection to a monitor, over a blocking socket that this object owns. It reads and writes with fs.read and fs.write
 * (in libuv's threads) rather than with node:net, which takes longer to load than a container to start.
 */
export class Attachment {
  /** Settles once, when the container has ended or the connection has. */
  readonly ended: Promise<AttachEnd>;
  private readonly fd: number;
  private readonly handlers: AttachHandlers;
  private readonly reader = new FrameReader();
  private readonly chunk = Buffer.allocUnsafeSlow(CHUNK);
  private readonly queue: Buffer[] = [];
  private isWriting = false;
  private isOver = false;
  private detached = false;
  private exitCode: number | undefined;
  private drained: () => void = () => {};
  private settle: (end: AttachEnd) => void = () => {};

  constructor(fd: number, handlers: AttachHandlers) {
    this.fd = fd;
    this.handlers = handlers;
    this.ended = new Promise((resolve) => {
      this.settle = resolve;
    });
    this.readMore();
  }

  /** Returns false while the monitor is not taking more; `onDrain` tells when it is. */
  stdin(bytes: Buffer): boolean {
    this.send(frame(FRAME.STDIN, bytes));
    return this.queue.length < 4;
  }

  onDrain(listener: () => void): void {
    this.drained = listener;
  }

  closeStdin(): void {
    this.send(frame(FRAME.CLOSE_STDIN));
  }

  resize(rows: number, columns: number): void {
    const payload = Buffer.alloc(4);
    payload.writeUInt16BE(rows, 0);
    payload.writeUInt16BE(columns, 2);
    this.send(frame(FRAME.RESIZE, payload));
  }

  signal(number: number): void {
    this.send(frame(FRAME.SIGNAL, Buffer.of(number)));
  }

  /** Lets go without disturbing the container, its input included. The monitor closes the connection then. */
  detach(): void {
    this.detached = true;
    this.send(frame(FRAME.DETACH));
  }

  private readMore(): void {
    read(this.fd, this.chunk, 0, CHUNK, null, (error, count) => {
      // A reset means what the end of file means: there is nobody at the other end any more.
      if (error || count === 0) return this.finish();
      for (const { type, payload } of this.reader.push(Buffer.from(this.chunk.subarray(0, count))))
        this.take(type, payload);
      this.readMore();
    });
  }

  private take(type: number, payload: Buffer): void {
    if (type === FRAME.STDOUT) this.handlers.stdout(payload);
    else if (type === FRAME.STDERR) this.handlers.stderr(payload);
    else if (type === FRAME.EXIT) this.exitCode = payload.readUInt32BE(0);
  }

  private finish(): void {
    this.isOver = true;
    if (!this.isWriting) closeSync(this.fd);
    this.settle({ exitCode: this.exitCode, detached: this.detached });
  }

  private send(bytes: Buffer): void {
    if (this.isOver) return;
    this.queue.push(bytes);
    if (!this.isWriting) this.writeMore();
  }

  private writeMore(): void {
    const [next] = this.queue;
    this.isWriting = next !== undefined;
    if (next) write(this.fd, next, (error, count) => this.wrote(next, error ? -1 : count));
    else this.drained();
  }

  private wrote(bytes: Buffer, count: number): void {
    // Nobody takes it any more; that it is over is for the reading side to find out.
    if (count < 0) this.queue.length = 0;
    else if (count === bytes.length) this.queue.shift();
    else this.queue[0] = bytes.subarray(count);
    if (this.isOver) closeSync(this.fd);
    else this.writeMore();
  }
}

/** Connects to the monitor that listens in `folder`. Throws UserError when there is none. */
export function connectTo(folder: string, handlers: AttachHandlers): Attachment {
  const fd = performOne(
    step("socket", [AF.UNIX, SOCK.STREAM | SOCK.CLOEXEC, 0], { why: "to talk to the container's monitor" }),
  );
  try {
    perform(connectSteps(folder), { socket: fd });
  } catch (cause) {
    closeSync(fd);
    throw new UserError("the container has no monitor to attach to: it was killed", { exitCode: 1, cause });
  }
  return new Attachment(fd, handlers);
}

const SOCKET_NAME = "attach.sock";

/** A socket's path may have 107 bytes; through the folder's descriptor it is always short enough (unix(7)). */
function connectSteps(folder: string): Step[] {
  const place = openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  const address = Buffer.alloc(110);
  address.writeUInt16LE(AF.UNIX, 0);
  address.write(`/proc/self/fd/${place}/${SOCKET_NAME}`, 2);
  return [
    step("connect", [reg("socket"), new Uint8Array(address), address.length], {
      why: "it listens there",
      retry: ["EINTR"],
    }),
    closeStep({ fd: place, why: "its name is resolved" }),
  ];
}
