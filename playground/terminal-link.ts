// The terminal's socket: bytes go both ways. And the commands that a click has asked for: each is typed when the prompt of
// the one before it is back, as a person would, so that no program swallows what was meant for the shell.

import { socketUrl } from "./connection.ts";

export interface Screen {
  write(bytes: Uint8Array): void;
  clear(): void;
}

export type LinkState = { is: "away" } | { is: "open" } | { is: "ended" } | { is: "failed"; why: string };

const RETRY_MS = 1_000;
/** What the lab's prompt begins with (OSC 133;A). */
const PROMPT = "\x1b]133;A";

class TerminalLink {
  onState: (state: LinkState) => void = () => {};
  private screen: Screen | undefined;
  private socket: WebSocket | undefined;
  private size = { rows: 24, columns: 80 };
  private readonly waiting: string[] = [];
  private isAtPrompt = false;
  private heard = "";

  open(screen: Screen, size: { rows: number; columns: number }): void {
    this.screen = screen;
    this.size = size;
    this.connect();
  }

  resize(size: { rows: number; columns: number }): void {
    this.size = size;
    this.say({ resize: size });
  }

  type(text: string | Uint8Array): void {
    this.isAtPrompt = false;
    this.waiting.length = 0;
    this.send(text);
  }

  /** Commands, one after the other. */
  run(commands: string[]): void {
    this.waiting.push(...commands);
    this.typeNext();
  }

  restart(): void {
    this.say({ restart: true });
  }

  private connect(): void {
    const socket = new WebSocket(socketUrl("terminal"));
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    socket.onopen = () => {
      this.screen?.clear();
      this.say({ resize: this.size });
      this.onState({ is: "open" });
    };
    socket.onmessage = ({ data }) => {
      if (typeof data === "string") this.over(JSON.parse(data) as { failed?: string });
      else this.hear(new Uint8Array(data as ArrayBuffer));
    };
    socket.onclose = () => {
      this.onState({ is: "away" });
      setTimeout(() => this.connect(), RETRY_MS);
    };
  }

  private hear(bytes: Uint8Array): void {
    this.screen?.write(bytes);
    this.heard = (this.heard + new TextDecoder().decode(bytes)).slice(-4096);
    if (!this.heard.includes(PROMPT)) return;
    this.heard = this.heard.slice(this.heard.lastIndexOf(PROMPT) + PROMPT.length);
    this.isAtPrompt = true;
    this.onState({ is: "open" });
    this.typeNext();
  }

  private typeNext(): void {
    if (!this.isAtPrompt || this.waiting.length === 0) return;
    this.isAtPrompt = false;
    this.send(`${this.waiting.shift()}\r`);
  }

  private over({ failed }: { failed?: string }): void {
    this.isAtPrompt = false;
    this.waiting.length = 0;
    this.onState(failed === undefined ? { is: "ended" } : { is: "failed", why: failed });
  }

  private send(text: string | Uint8Array): void {
    const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(bytes as Uint8Array<ArrayBuffer>);
  }

  private say(wish: object): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(wish));
  }
}

export const terminalLink = new TerminalLink();
