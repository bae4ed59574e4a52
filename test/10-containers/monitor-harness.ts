// A monitor with a shell command for a container, and clients that speak its frames.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { onTestFinished } from "vitest";
import { buildFixture, buildNative } from "../support/native.ts";

export const FRAME = { stdin: 0, stdout: 1, stderr: 2, exit: 3, closeStdin: 4, resize: 5, signal: 6, detach: 7 };

export interface Setting {
  command: string;
  sanitize?: boolean;
  tty?: boolean;
  /** The first client, connected from the start. */
  foreground?: boolean;
  /** The size of stdout's pipe. */
  pipeBytes?: number;
  /** More of the monitor's arguments. */
  options?: string[];
  /** An existing folder for the container; a new one otherwise. */
  dir?: string;
}

export interface Report {
  kind: number;
  index: number;
  result: number;
}

/** A monitor, its folder and its container; they end with the test at the latest. */
export class Monitored {
  readonly dir: string;
  readonly process: ChildProcess;
  readonly ended: Promise<number | null>;
  readonly foreground: Client;
  private readonly control: Duplex;
  complaints = "";

  constructor({ command, sanitize = false, tty, foreground, pipeBytes, options = [], dir }: Setting) {
    this.dir = dir ?? temporaryFolder();
    const given = [`dir=${this.dir}`, "exit=exit.json", "log=log", ...(foreground ? ["client=4"] : []), ...options];
    this.process = spawn(
      buildFixture("spawn-monitor"),
      [buildNative("monitor", { sanitize }), "control=3", ...(tty ? ["rows=7", "cols=77"] : []), ...given],
      {
        env: { ...process.env, COMMAND: command, ...(tty && { TTY: "1" }), ...(pipeBytes && { PIPE: `${pipeBytes}` }) },
        stdio: ["ignore", "ignore", "pipe", "pipe", "pipe"],
      },
    );
    this.control = this.process.stdio[3] as Duplex;
    this.control.on("error", () => {});
    this.foreground = new Client(this.process.stdio[4] as Duplex);
    this.process.stderr?.on("data", (text) => {
      this.complaints += text;
    });
    this.ended = once(this.process, "exit").then(([code]) => code);
    onTestFinished(() => this.stop());
  }

  /** The monitor's one word to the engine. */
  async report(): Promise<Report> {
    const [packet] = await once(this.control, "data");
    return { kind: packet.readUInt32LE(0), index: packet.readUInt32LE(8), result: Number(packet.readBigInt64LE(16)) };
  }

  go(): void {
    this.control.write("g");
  }

  async attach(): Promise<Client> {
    const socket = connect(join(this.dir, "attach.sock"));
    await once(socket, "connect");
    onTestFinished(() => void socket.destroy());
    return new Client(socket);
  }

  read(name: string): string {
    return readFileSync(join(this.dir, name), "utf8");
  }

  /** How long the monitor has kept a processor busy. */
  cpuMs(): number {
    const fields = readFileSync(`/proc/${this.process.pid}/stat`, "utf8").split(" ");
    return (Number(fields[13]) + Number(fields[14])) * 10;
  }

  has(name: string): boolean {
    return existsSync(join(this.dir, name));
  }

  /** LOG.N … LOG.1, LOG: oldest first. */
  logFiles(): string[] {
    const names = readdirSync(this.dir).filter((name) => /^log(\.\d+)?$/.test(name));
    return names.sort((a, b) => Number(b.slice(4)) - Number(a.slice(4)));
  }

  logged(stream?: "stdout" | "stderr"): Buffer {
    return outputOf(Buffer.concat(this.logFiles().map((name) => readFileSync(join(this.dir, name)))), stream);
  }

  private async stop(): Promise<void> {
    this.foreground.leave();
    this.process.kill("SIGTERM");
    if (this.process.exitCode === null && this.process.signalCode === null) {
      const timer = setTimeout(() => this.process.kill("SIGKILL"), 2000);
      await this.ended;
      clearTimeout(timer);
    }
  }
}

/** Starts a container and lets it go once the monitor is ready. */
export async function start(setting: Setting): Promise<Monitored> {
  const monitored = new Monitored(setting);
  const { kind, index, result } = await monitored.report();
  if (kind !== 4) throw new Error(`The monitor failed at stage ${index}: ${result}`);
  monitored.go();
  return monitored;
}

/** Is there until the test is over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "monitor-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** One side of an attach connection. It reads nothing until something is awaited of it. */
export class Client {
  readonly socket: Duplex;
  exitCode: number | undefined;
  private chunks: Record<number, Buffer[]> = { 1: [], 2: [] };
  private unread = Buffer.alloc(0);
  private ending: Promise<unknown> | undefined;
  private changed = () => {};
  private readonly ignore = () => {};

  constructor(socket: Duplex) {
    this.socket = socket;
    socket.on("error", this.ignore);
    // Without it, Node throws away what a child's descriptors hold unread when that child ends.
    socket.on("readable", this.ignore);
  }

  send(type: number, payload: string | readonly number[] | Uint8Array = ""): void {
    this.socket.write(frame(type, typeof payload === "string" ? Buffer.from(payload) : Uint8Array.from(payload)));
  }

  leave(): void {
    this.socket.destroy();
  }

  /** Everything the container wrote so far, as far as it is read. */
  output(stream = FRAME.stdout): Buffer {
    const whole = Buffer.concat(this.chunks[stream] ?? []);
    this.chunks[stream] = [whole];
    return whole;
  }

  /** Reads until the container has written this. */
  async until(text: string, stream = FRAME.stdout): Promise<void> {
    this.listen();
    while (!this.output(stream).includes(text)) {
      if (this.socket.destroyed) throw new Error(`The connection ended before ${text}; ${this.output(stream)}`);
      await new Promise<void>((resolve) => {
        this.changed = resolve;
      });
    }
  }

  /** Reads to the end. */
  async end(): Promise<this> {
    await this.listen();
    return this;
  }

  private listen(): Promise<unknown> {
    this.ending ??= new Promise((resolve) => {
      this.socket.once("close", () => {
        this.changed();
        resolve(undefined);
      });
      this.socket.off("readable", this.ignore);
      this.socket.on("data", (bytes) => this.receive(bytes));
    });
    return this.ending;
  }

  private receive(bytes: Buffer): void {
    let rest = Buffer.concat([this.unread, bytes]);
    while (rest.length >= 8 && rest.length >= 8 + rest.readUInt32BE(4)) {
      const end = 8 + rest.readUInt32BE(4);
      this.take(rest.readUInt32BE(0) >>> 24, rest.subarray(8, end));
      rest = rest.subarray(end);
    }
    this.unread = rest;
    this.changed();
  }

  private take(type: number, payload: Buffer): void {
    if (type === FRAME.exit) this.exitCode = payload.readUInt32BE(0);
    else this.chunks[type]?.push(payload);
  }
}

export function frame(type: number, payload: Uint8Array = new Uint8Array()): Buffer {
  const head = Buffer.from([type, 0, 0, 0, 0, 0, 0, 0]);
  head.writeUInt32BE(payload.length, 4);
  return Buffer.concat([head, payload]);
}

const LINE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z (stdout|stderr) ([PF]) $/;
const HEAD_LENGTH = "2016-10-06T00:17:09.669794202Z stdout F ".length;

/** What a container must have written for its log to be this; throws on a line that isn't CRI's. */
export function outputOf(log: Buffer, stream = "stdout"): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < log.length; ) {
    const end = log.indexOf("\n", at);
    const [, from, tag] = LINE.exec(log.toString("latin1", at, at + HEAD_LENGTH)) ?? [];
    if (end < 0 || !tag) throw new Error(`Not a CRI line: ${log.toString("latin1", at, at + 80)}`);
    if (from === stream) parts.push(log.subarray(at + HEAD_LENGTH, tag === "F" ? end + 1 : end));
    at = end + 1;
  }
  return Buffer.concat(parts);
}

/** Waits until something is so. Fails when it isn't within ten seconds. */
export async function eventually(isSo: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!isSo()) {
    if (Date.now() > deadline) throw new Error(`It never came true that ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
