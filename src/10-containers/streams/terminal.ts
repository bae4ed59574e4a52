// This process's own terminal, lent to a container: raw mode, so that every key goes through; the size, and its changes;
// the two keys that let go. Or no terminal: then input is a stream and signals are passed on by number.

import { constants } from "node:os";
import type { Attachment } from "./attach.ts";
import { setRawOutput } from "./raw-output.ts";

/** `"ctrl-p,ctrl-q"` → `[16, 17]`. Undefined where it can't be read. */
export function parseDetachKeys(text: string): number[] | undefined {
  const keys = text.split(",").map((key) => {
    const control = /^ctrl-([a-z@[\\\]^_])$/i.exec(key);
    if (control) return control[1]!.toUpperCase().charCodeAt(0) & 0x1f;
    return key.length === 1 ? key.charCodeAt(0) : -1;
  });
  return keys.includes(-1) ? undefined : keys;
}

/** Finds the detach keys in what is typed, also when they arrive apart; what was held back is given out if they don't come. */
export class DetachKeys {
  private held = 0;
  private readonly keys: number[];

  constructor(keys: number[]) {
    this.keys = keys;
  }

  /** The bytes to pass on, and whether the keys were struck. */
  push(bytes: Buffer): { pass: Buffer; detach: boolean } {
    const pass: number[] = [];
    for (const byte of bytes) {
      if (this.keys.length > 0 && byte === this.keys[this.held]) {
        this.held++;
        if (this.held === this.keys.length) return { pass: Buffer.from(pass), detach: true };
        continue;
      }
      pass.push(...this.keys.slice(0, this.held));
      this.held = byte === this.keys[0] ? 1 : 0;
      if (this.held === 0) pass.push(byte);
    }
    return { pass: Buffer.from(pass), detach: false };
  }
}

export interface Lending {
  tty: boolean;
  interactive: boolean;
  detachKeys?: number[];
  /** Signals this process gets go to the container's. */
  proxySignals: boolean;
}

const PROXIED = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"] as const;

/** Connects our terminal or streams with the attachment. The returned function gives the terminal back as it was. */
export function lendTerminal(attachment: Attachment, lending: Lending): () => void {
  const undo: (() => void)[] = [];
  if (lending.tty) undo.push(...followSize(attachment));
  if (lending.interactive) undo.push(lendInput(attachment, lending));
  if (lending.proxySignals && !lending.tty) undo.push(...proxySignals(attachment));
  return () => {
    for (const step of undo.splice(0).reverse()) step();
  };
}

/** Rows and columns of our terminal; undefined without one. */
export function terminalSize(): { rows: number; columns: number } | undefined {
  const { rows, columns } = process.stdout;
  return process.stdout.isTTY && rows && columns ? { rows, columns } : undefined;
}

function followSize(attachment: Attachment): (() => void)[] {
  const tell = () => {
    const size = terminalSize();
    if (size) attachment.resize(size.rows, size.columns);
  };
  tell();
  process.stdout.on("resize", tell);
  return [() => process.stdout.off("resize", tell)];
}

function lendInput(attachment: Attachment, { tty, detachKeys = [] }: Lending): () => void {
  const { stdin } = process;
  const keys = new DetachKeys(tty ? detachKeys : []);
  const onData = (bytes: Buffer) => {
    const { pass, detach } = keys.push(bytes);
    if (pass.length > 0 && !attachment.stdin(pass)) stdin.pause();
    if (detach) attachment.detach();
  };
  const onEnd = () => attachment.closeStdin();
  attachment.onDrain(() => stdin.resume());
  if (tty && stdin.isTTY) {
    stdin.setRawMode(true);
    setRawOutput(0);
  }
  stdin.on("data", onData);
  stdin.on("end", onEnd);
  stdin.resume();
  return () => {
    stdin.off("data", onData);
    stdin.off("end", onEnd);
    if (tty && stdin.isTTY) stdin.setRawMode(false);
    stdin.pause();
    stdin.unref?.();
  };
}

function proxySignals(attachment: Attachment): (() => void)[] {
  return PROXIED.map((name) => {
    const pass = () => attachment.signal(constants.signals[name]);
    process.on(name, pass);
    return () => process.off(name, pass);
  });
}
