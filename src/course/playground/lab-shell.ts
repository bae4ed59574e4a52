// The shell behind the page's terminal: bash in the lab of the workshop, on a terminal (pty(7)) of the lab's own devpts.
// The lab may have been there before, and other programs use it: only one that was opened for the page is closed with it.

import type { Roots } from "../../10-containers/folders.ts";
import { findLab, type LabProcess, openLab, resetLab } from "../lab.ts";

export interface Size {
  rows: number;
  columns: number;
}

export interface ShellRequest {
  size: Size;
  onOutput(bytes: Buffer): void;
}

export interface Shell extends Pick<LabProcess, "write" | "resize" | "ended"> {
  /** Ends it, and resolves when it has ended. */
  close(): Promise<void>;
}

/**
 * Each prompt tells the page, with a sequence that terminals don't show (OSC 133;A), that the command before it has ended:
 * only then does the page type the next one.
 */
const PROMPT = "\\[\\033]133;A\\007\\]\\[\\033[32m\\]lab\\[\\033[0m\\] \\w # ";

export class LabShells {
  private readonly roots: Roots;
  private readonly workshop: string | undefined;
  private isOurs = false;

  constructor(roots: Roots, workshop: string | undefined) {
    this.roots = roots;
    this.workshop = workshop;
  }

  /** Throws UserError where there can be no lab. */
  async start({ size, onOutput }: ShellRequest): Promise<Shell> {
    const wish = { workshop: this.workshop };
    this.isOurs ||= (await findLab(this.roots, wish)) === undefined;
    const lab = await openLab(this.roots, wish);
    const env = { PS1: PROMPT, HISTFILE: "", LANG: "C.UTF-8", TERM: "xterm-256color" };
    const bash = await lab.exec(["bash", "--norc", "-i"], { env, tty: size, stdout: onOutput, stderr: onOutput });
    return { ...bash, close: () => ended(bash) };
  }

  /** Whatever was done in the lab is undone, and its shells end. */
  async reset(): Promise<void> {
    await resetLab(this.roots, { workshop: this.workshop });
  }

  async close(): Promise<void> {
    if (this.isOurs) await (await findLab(this.roots, { workshop: this.workshop }))?.close();
  }
}

/** By its number on the machine: who has none of the lab's users can't be told off by its monitor. */
async function ended({ pid, ended }: LabProcess): Promise<void> {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
  await ended;
}
