// A Dockerfile as a graph: each FROM begins a stage, and a stage needs the one it begins with and those it copies or mounts
// from. Only what the wanted stage needs is built. A stage can need earlier ones alone, so there are no circles.

import { UserError } from "../01-syscalls/index.ts";
import { type Platform, parsePlatform } from "../06-images/index.ts";
import { expanded, pointingAt, type Statement } from "./deed.ts";
import { expandWord } from "./expand.ts";
import type { From } from "./instructions/from.ts";
import { readStatement } from "./instructions/table.ts";
import { type Line, mistakeIn, readLines } from "./lines.ts";
import { nearest, type Source } from "./mistake.ts";
import { type Given, GlobalArgs } from "./variables.ts";
import type { Word } from "./words.ts";

export interface Stage {
  index: number;
  /** What `AS` calls it. */
  name: string | undefined;
  line: Line;
  /** What it begins with: an earlier stage, or an image (`scratch` for nothing). */
  base: { stage: Stage } | { image: string };
  platform: Platform;
  statements: Statement[];
}

export interface Recipe {
  source: Source;
  globals: GlobalArgs;
  stages: Stage[];
}

/** Throws UserError that points at what is wrong. */
export function readRecipe(source: Source, given: Given): Recipe {
  const recipe: Recipe = { source, globals: new GlobalArgs(given), stages: [] };
  for (const statement of readLines(source).map(readStatement)) {
    const stage = recipe.stages.at(-1);
    if (statement.keyword === "FROM") recipe.stages.push(begin(recipe, statement));
    else if (stage) stage.statements.push(statement);
    else declare(recipe, statement);
  }
  if (recipe.stages.length === 0) throw mistakeOfAll(source);
  return recipe;
}

function mistakeOfAll(source: Source): Error {
  const line: Line = {
    source,
    escapeSign: "\\",
    text: source.lines[0] ?? "",
    parts: [{ offset: 0, line: 1, column: 1 }],
    first: 1,
    last: 1,
    heredocs: [],
  };
  return mistakeIn(line, "dockerfile contains no stages to build");
}

function begin({ globals, stages }: Recipe, statement: Statement): Stage {
  const { image, as, platform } = statement.wish as From;
  const { line } = statement;
  const value = (word: Word) => expanded(word, { variables: globals as never }, line);
  const name = value(image);
  if (name === "") throw mistakeIn(line, `base name (${image.text}) should not be blank`, image);
  const stage = stages.findLast((each) => each.name === name.toLowerCase());
  return {
    index: stages.length,
    name: as,
    line,
    base: stage ? { stage } : { image: name },
    platform: platform ? pointingAt(platform, line, () => parsePlatform(value(platform))) : globals.given.platform,
    statements: [],
  };
}

/** Only arguments can come before the first FROM. */
function declare({ globals }: Recipe, { keyword, line, wish }: Statement): void {
  if (keyword !== "ARG") throw mistakeIn(line, "no build stage in current context: FROM has to come first");
  for (const { name, value } of wish as { name: Word; value: Word | undefined }[]) {
    const text = value && pointingAt(value, line, () => expandWord(value.text, globals.lookup, line.escapeSign));
    globals.declare(name.text, text);
  }
}

/** The stage to be built: the last, unless `target` names one or its number. Throws UserError. */
export function wantedStage({ stages, source }: Recipe, target: string | undefined): Stage {
  if (target === undefined) return stages.at(-1)!;
  const found = findStage(stages, target);
  if (found) return found;
  const names = stages.flatMap(({ name }) => name ?? []);
  const guess = nearest(target, names);
  const hint = guess === undefined ? undefined : `did you mean ${guess}?`;
  throw new UserError(
    `target stage "${target}" could not be found in ${source.name}`,
    hint === undefined ? {} : { hint },
  );
}

/** By name, or by number. */
export function findStage(stages: Stage[], name: string): Stage | undefined {
  const named = stages.findLast((stage) => stage.name === name.toLowerCase());
  return named ?? (/^\d+$/.test(name) ? stages[Number(name)] : undefined);
}

/** The stages that `stage` asks for by itself, as far as that can be known beforehand. */
export function neededBy(stage: Stage, { stages, globals }: Recipe): Stage[] {
  const earlier = stages.slice(0, stage.index);
  const names = stage.statements.flatMap(({ needs, line }) =>
    needs.map((word) => pointingAt(word, line, () => expandWord(word.text, globals.lookup, line.escapeSign))),
  );
  const bases = "stage" in stage.base ? [stage.base.stage] : [];
  return [...new Set([...bases, ...names.flatMap((name) => findStage(earlier, name) ?? [])])];
}
