// One key at a time, at once and without an echo, from the terminal on standard input. Read synchronously: while somebody
// thinks, nothing else of this process has anything to do. The kernel gathers lines and turns Ctrl-C into a signal
// because a few bits say so (termios(3)); here they are taken out, and put back.

import { readSync } from "node:fs";
import { addressOf, performOne, step } from "../../01-syscalls/index.ts";

const TERMINAL = 0;

/** From asm-generic/ioctls.h and termbits.h. */
const TCGETS = 0x5401;
const TCSETSW = 0x5403;
const ISIG = 0o1;
const ICANON = 0o2;
const ECHO = 0o10;

/** struct termios: four words of flags, of which the last are the local ones; a line discipline; 19 control characters. */
const SIZE = 36;
const LOCAL_FLAGS = 12;
const FIRST_CHARACTER = 17;
const VTIME = 5;
const VMIN = 6;

/** The terminal while keys are read from it. `close` puts it back as it was; so does the end of this process. */
export class Keys {
  private readonly before: Buffer;
  private readonly restore = () => this.close();

  /** Throws SyscallError if standard input is no terminal. */
  constructor() {
    this.before = Buffer.allocUnsafeSlow(SIZE);
    control(TCGETS, this.before, "how the terminal is set");
    control(TCSETSW, rawOf(this.before), "every key by itself, unseen");
    process.once("exit", this.restore);
  }

  /** Waits for a key; undefined when the terminal is gone. */
  read(): string | undefined {
    const byte = Buffer.alloc(1);
    for (;;) {
      try {
        return readSync(TERMINAL, byte) === 0 ? undefined : byte.toString("latin1");
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === "EIO") return undefined;
        // A signal came by, as when the window changes its size; or somebody made the terminal non-blocking.
        if (code !== "EINTR" && code !== "EAGAIN") throw error;
        if (code === "EAGAIN") Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
      }
    }
  }

  close(): void {
    process.off("exit", this.restore);
    control(TCSETSW, this.before, "the terminal as it was");
  }
}

function rawOf(settings: Buffer): Buffer {
  const raw = Buffer.allocUnsafeSlow(SIZE);
  settings.copy(raw);
  raw.writeUInt32LE((raw.readUInt32LE(LOCAL_FLAGS) & ~(ISIG | ICANON | ECHO)) >>> 0, LOCAL_FLAGS);
  raw[FIRST_CHARACTER + VMIN] = 1;
  raw[FIRST_CHARACTER + VTIME] = 0;
  return raw;
}

function control(request: number, settings: Buffer, why: string): void {
  performOne(step("ioctl", [TERMINAL, request, addressOf(settings)], { why }));
}
