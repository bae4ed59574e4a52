// A container that wants a terminal, started by somebody who has one and names no socket to send it to: its terminal comes
// to this process, over a socket of its own, and is shown in ours.

import { closeSync } from "node:fs";
import { ReadStream, WriteStream } from "node:tty";
import { addressOf, MSG, perform, performOne, socketpairStep, step, struct } from "../../01-syscalls/index.ts";
import { readBundle } from "../spec/bundle.ts";
import { setRawOutput } from "../streams/raw-output.ts";
import { terminalSize } from "../streams/terminal.ts";

export interface Console {
  /** Where a terminal is to be sent: a socket's path, or a descriptor of one. */
  console?: { socket: string } | { fd: number };
}

/** Lends `work` the same request, with a socket of ours if the container wants a terminal. */
export async function withOwnTerminal<T extends Console & { bundle: string }>(
  request: T,
  work: (request: T) => Promise<number>,
): Promise<number> {
  const wantsOne = readBundle(request.bundle).spec.process?.terminal ?? false;
  return wantsOne && !request.console ? shownHere(request, work) : work(request);
}

/** The same for a process of which is known that it wants one. */
export async function shownHere<T extends Console>(request: T, work: (request: T) => Promise<number>): Promise<number> {
  const { ours, theirs } = perform([socketpairStep({ one: "ours", other: "theirs", why: "its terminal comes here" })]);
  const coming = work({ ...request, console: { fd: theirs! } });
  const show = showWhenItComes(ours!);
  try {
    return await coming;
  } finally {
    // A program that ends at once may have ended before anybody looked: its terminal is still to be taken from the socket.
    await show().finally(() => {
      closeSync(theirs!);
      closeSync(ours!);
    });
  }
}

/** Looks for it from time to time. What is returned waits for the last it has to say, and gives our terminal back. */
function showWhenItComes(socket: number): () => Promise<void> {
  let showing: Promise<void> | undefined;
  const look = () => {
    const master = showing ? -1 : receiveTerminal(socket);
    if (master >= 0) showing = show(master);
  };
  const timer = setInterval(look, 2);
  return async () => {
    look();
    clearInterval(timer);
    await showing;
  };
}

/** recvmsg(2) with one descriptor as ancillary data; negative as long as none has come. */
function receiveTerminal(socket: number): number {
  const [room, control] = [Buffer.allocUnsafeSlow(256).fill(0), Buffer.allocUnsafeSlow(24).fill(0)];
  const part = struct(["iov_base", "u64", addressOf(room)], ["iov_len", "u64", room.length]);
  const message = struct(
    ["msg_name", "pointer", null],
    ["msg_namelen", "u32", 0],
    ["msg_iov", "pointer", part],
    ["msg_iovlen", "u64", 1],
    ["msg_control", "u64", addressOf(control)],
    ["msg_controllen", "u64", control.length],
    ["msg_flags", "u32", 0],
  );
  const about = { why: "has its terminal come?", allow: ["EAGAIN" as const], retry: ["EINTR" as const] };
  const got = performOne(step("recvmsg", [socket, message, MSG.DONTWAIT], about));
  const [FD_AT, LENGTH] = [16, 20];
  return got > 0 && control.readUInt32LE(0) === LENGTH ? control.readInt32LE(FD_AT) : -1;
}

/** Until its last process has closed it. */
function show(master: number): Promise<void> {
  const input = new ReadStream(master);
  const output = new WriteStream(master);
  const { stdin, stdout } = process;
  const resize = () => {
    const size = terminalSize();
    if (size) setSize(master, size);
  };
  resize();
  stdout.on("resize", resize);
  if (stdin.isTTY) {
    stdin.setRawMode(true);
    setRawOutput(0);
  }
  stdin.pipe(output, { end: false });
  input.pipe(stdout, { end: false });
  return new Promise((resolve) => {
    // The other side's end reads as an error of the terminal's (EIO).
    input
      .on("error", () => input.destroy())
      .on("close", () => {
        stdin.unpipe(output);
        stdin.pause();
        if (stdin.isTTY) stdin.setRawMode(false);
        stdout.off("resize", resize);
        output.on("error", () => {}).destroy();
        resolve();
      });
  });
}

function setSize(fd: number, { rows, columns }: { rows: number; columns: number }): void {
  const TIOCSWINSZ = 0x5414;
  const window = Buffer.allocUnsafeSlow(8).fill(0);
  window.writeUInt16LE(rows, 0);
  window.writeUInt16LE(columns, 2);
  performOne(step("ioctl", [fd, TIOCSWINSZ, addressOf(window)], { why: "it is as large as ours", allow: ["EIO"] }));
}
