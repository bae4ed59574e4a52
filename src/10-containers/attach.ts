// Talks to a container's monitor: its output to us, our input and wishes to it. Both directions use Docker's frames:
//
//   │ type │ 0 │ 0 │ 0 │ length, big-endian, 4 bytes │ payload … │
//
//   from the monitor   1 stdout   2 stderr   3 exit (code, 4 bytes, after everything else)
//   to the monitor     0 stdin    4 close stdin   5 resize (rows, columns: 2 bytes each)   6 signal (1 byte)   7 detach

import { createConnection, Socket } from "node:net";
import { UserError } from "../01-syscalls/index.ts";

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

/** A connection to a monitor. `ended` settles once, when the container has ended or the connection has. */
export class Attachment {
  readonly ended: Promise<AttachEnd>;
  private readonly socket: Socket;
  private detached = false;

  constructor(socket: Socket, handlers: AttachHandlers) {
    this.socket = socket;
    const reader = new FrameReader();
    this.ended = new Promise((resolve) => {
      let exitCode: number | undefined;
      socket.on("data", (bytes: Buffer) => {
        for (const { type, payload } of reader.push(bytes)) {
          if (type === FRAME.STDOUT) handlers.stdout(payload);
          else if (type === FRAME.STDERR) handlers.stderr(payload);
          else if (type === FRAME.EXIT) exitCode = payload.readUInt32BE(0);
        }
      });
      // A reset means what the end of file means: there is nobody at the other end any more.
      socket.on("error", () => resolve({ exitCode, detached: this.detached }));
      socket.on("close", () => resolve({ exitCode, detached: this.detached }));
    });
  }

  /** Returns false while the monitor is not taking more; `onDrain` tells when it is. */
  stdin(bytes: Buffer): boolean {
    return this.send(frame(FRAME.STDIN, bytes));
  }

  onDrain(listener: () => void): void {
    this.socket.on("drain", listener);
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

  /** Lets go without disturbing the container, its input included. */
  detach(): void {
    this.detached = true;
    if (this.socket.writable) this.socket.end(frame(FRAME.DETACH));
  }

  private send(bytes: Buffer): boolean {
    return this.socket.writable ? this.socket.write(bytes) : true;
  }
}

/** An attachment over a socket this process already holds, as `run` does. */
export function attachTo(fd: number, handlers: AttachHandlers): Attachment {
  return new Attachment(new Socket({ fd, readable: true, writable: true }), handlers);
}

/** Connects to the monitor listening at `path`. Throws UserError when there is none. */
export function connectTo(path: string, handlers: AttachHandlers): Promise<Attachment> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ path });
    socket.once("connect", () => resolve(new Attachment(socket, handlers)));
    socket.once("error", (cause) =>
      reject(new UserError("the container has no monitor to attach to: it was killed", { exitCode: 1, cause })),
    );
  });
}
