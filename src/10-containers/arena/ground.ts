// Where an attack takes place: a target, the arena's own folders, and on the host things that no container was given.

import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { programPath } from "../../01-syscalls/index.ts";
import type { ProcessConfig } from "../../06-images/index.ts";
import type { Roots } from "../folders.ts";
import { type Lie, makeLiar } from "./liar.ts";
import type { Said, Target } from "./target.ts";

/** What stands in a file of the host that no container is given. */
export const SECRET = "known to the host alone";

export class Ground {
  readonly target: Target;
  readonly roots: Roots;
  private readonly folder: string;
  private readonly asked: number | undefined;

  /** `folder` is on the host; `tries` is how often a race is to be run, as often as it thinks right unless said. */
  constructor(o: { target: Target; roots: Roots; folder: string; tries?: number | undefined }) {
    this.target = o.target;
    this.roots = o.roots;
    this.folder = o.folder;
    this.asked = o.tries;
  }

  tries(usual: number): number {
    return this.asked ?? usual;
  }

  /** A folder of the host with the secret in it. */
  hostFolder(): string {
    const folder = mkdtempSync(join(this.folder, "host-"));
    writeFileSync(join(folder, "secret"), SECRET);
    return folder;
  }

  /** What became of such a folder. */
  damageTo(folder: string): string[] {
    const added = readdirSync(folder).filter((name) => name !== "secret");
    const isChanged = readFileSync(join(folder, "secret"), "utf8") !== SECRET;
    return [...added.map((name) => `"${name}" was made on the host`), ...(isChanged ? ["a file was changed"] : [])];
  }

  /** An image that lies. */
  image(lies: Lie[], process?: ProcessConfig): Promise<string> {
    return makeLiar(this.roots.root, lies, process);
  }

  /** Runs `script` in a container, made with `flags`. */
  inside(script: string, ...flags: string[]): Promise<Said> {
    return this.target.run({ flags, command: ["sh", "-c", script] });
  }
}

/** What gives a container the program that means harm, and what it is called in there. */
export const armed = (): string[] => ["-v", `${dirname(programPath("attacker"))}:/attack:ro`];
export const ATTACKER = "/attack/attacker";
