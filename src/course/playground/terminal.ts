// One shell for all pages: whoever opens the page, or loads it again, sees what the others see, from as far back as we
// remember. Bytes go both ways as they are; what else a page says is JSON.

import type { WebSocket } from "ws";
import type { LabShells, Shell, Size } from "./lab-shell.ts";

const REMEMBERED_BYTES = 256 * 1024;
const SMALLEST: Size = { rows: 4, columns: 20 };
const LARGEST: Size = { rows: 500, columns: 1000 };
/** A page that takes nothing for so long is let go; it can come back. */
const MOST_WAITING_BYTES = 8 * 1024 * 1024;

/** What a page says besides keys. */
export type TerminalWish = { resize: Size } | { restart: true };

export class Terminal {
  private readonly shells: LabShells;
  private readonly clients = new Set<WebSocket>();
  private shell: Promise<Shell> | undefined;
  private remembered: Buffer[] = [];
  private size: Size = { rows: 24, columns: 80 };

  constructor(shells: LabShells) {
    this.shells = shells;
  }

  join(client: WebSocket): void {
    this.clients.add(client);
    client.send(Buffer.concat(this.remembered));
    client.on("close", () => this.clients.delete(client));
    client.on("message", (message, isBinary) => {
      const bytes = message as Buffer;
      if (isBinary) this.shell?.then((shell) => shell.write(bytes)).catch(() => {});
      else this.obey(wishIn(bytes.toString()));
    });
  }

  async close(): Promise<void> {
    for (const client of this.clients) client.close();
    const shell = await this.shell?.catch(() => undefined);
    await shell?.close();
    await this.shells.close();
  }

  /** A page says its size before all else, so the first shell begins with the right one. */
  private obey(wish: TerminalWish | undefined): void {
    if (!wish) return;
    if ("resize" in wish) this.resize(wish.resize);
    if ("restart" in wish) this.restart();
  }

  private resize({ rows, columns }: Size): void {
    this.size = { rows: within(rows, "rows"), columns: within(columns, "columns") };
    if (this.shell) this.shell.then((shell) => shell.resize(this.size.rows, this.size.columns)).catch(() => {});
    else this.begin();
  }

  private restart(): void {
    this.shell = undefined;
    this.begin(this.shells.reset());
  }

  /** What one that was given up for another still prints is nobody's. */
  private begin(ready = Promise.resolve()): void {
    this.remembered = [];
    let own: Promise<Shell> | undefined;
    const onOutput = (bytes: Buffer) => {
      if (own === this.shell) this.tell(bytes);
    };
    own = ready.then(() => this.shells.start({ size: this.size, onOutput }));
    this.shell = own;
    own
      .then(({ ended }) => ended)
      .then(
        () => this.over(own, { ended: true }),
        (error: Error) => this.over(own, { failed: error.message }),
      );
  }

  /** Nothing is begun again by itself: what ends at once would do so for ever. */
  private over(shell: Terminal["shell"], how: { ended: true } | { failed: string }): void {
    if (shell !== this.shell) return;
    this.shell = undefined;
    this.remembered = [];
    for (const client of this.clients) client.send(JSON.stringify(how));
  }

  private tell(bytes: Buffer): void {
    this.remembered.push(bytes);
    let length = this.remembered.reduce((sum, each) => sum + each.length, 0);
    while (length > REMEMBERED_BYTES) length -= this.remembered.shift()!.length;
    for (const client of this.clients) {
      if (client.bufferedAmount > MOST_WAITING_BYTES) client.terminate();
      else client.send(bytes);
    }
  }
}

function within(asked: number, side: keyof Size): number {
  return Math.min(Math.max(Math.trunc(asked) || SMALLEST[side], SMALLEST[side]), LARGEST[side]);
}

/** Whatever else comes is nobody's wish. */
function wishIn(text: string): TerminalWish | undefined {
  try {
    const wish = JSON.parse(text) as Partial<{ resize: Size; restart: true }> | null;
    if (wish?.restart === true) return { restart: true };
    const { rows, columns } = wish?.resize ?? {};
    return rows === undefined || columns === undefined ? undefined : { resize: { rows, columns } };
  } catch {
    return undefined;
  }
}
