// How steps are called while a build is watched: `[build 2/5] RUN make`. FROM is the first of a stage's steps, and those
// follow that change files; with one stage alone its name says nothing.

import type { Statement } from "./deed.ts";
import type { Recipe, Stage } from "./stages.ts";

export class Numbering {
  private readonly stage: string;
  private readonly count: number;
  private number = 1;

  /** `statements` are the stage's, those that its base image asked for included. */
  constructor({ stages }: Recipe, { index, name }: Stage, statements: Statement[]) {
    this.stage = stages.length > 1 ? `${name ?? `stage-${index}`} ` : "";
    this.count = statements.filter(({ makesFiles }) => makesFiles).length + 1;
  }

  /** FROM's name, with what it does. */
  first(text: string): string {
    return `[${this.stage}1/${this.count}] ${text}`;
  }

  /** The next step's after that. */
  next(text: string): string {
    this.number += 1;
    return `[${this.stage}${this.number}/${this.count}] ${text}`;
  }
}
