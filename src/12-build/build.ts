// A build: stages are made when somebody needs them, several at once, each instruction on what the one before it left. What
// an instruction comes to is its own business (`instructions/`); whether it has to be carried out is that of `step.ts`.

import { UserError } from "../01-syscalls/index.ts";
import { formatPlatform, unpackImage } from "../06-images/index.ts";
import type { Roots } from "../10-containers/folders.ts";
import { type Obtain, snapshotOf } from "./base.ts";
import { StepCache } from "./cache.ts";
import type { BuildContext } from "./context.ts";
import type { Look, Network, Secret, Snapshot, Statement, Surroundings } from "./deed.ts";
import { readStatement } from "./instructions/table.ts";
import { mistakeIn, readLines, sourceOf } from "./lines.ts";
import { excerpt, LineMistake } from "./mistake.ts";
import { Numbering } from "./numbering.ts";
import { type OnProgress, Tail, type Task } from "./progress.ts";
import { withConfig, withLabels, withLayer } from "./snapshot.ts";
import { findStage, neededBy, type Recipe, readRecipe, type Stage, wantedStage } from "./stages.ts";
import { imageOf, outcomeOf, type StepMaker } from "./step.ts";
import { type Given, StageVariables, unusedArgs } from "./variables.ts";
import type { WorkFolder } from "./work-folder.ts";
import { lookInto } from "./workspace.ts";

export interface BuildRequest {
  roots: Roots;
  context: BuildContext;
  folder: WorkFolder;
  given: Given;
  target: string | undefined;
  /** Make everything anew. */
  noCache: boolean;
  secrets: ReadonlyMap<string, Secret>;
  network: Network;
  labels: Record<string, string>;
  /** Seconds since 1970, if the result shall depend on nothing else. */
  epoch: number | undefined;
  obtain: Obtain;
  onProgress: OnProgress;
  signal: AbortSignal;
}

/** Builds the wanted stage, and what it needs. Hold the store meanwhile (`keepStore`). Throws UserError. */
export async function buildStages(request: BuildRequest): Promise<Snapshot> {
  const recipe = readRecipe(request.context.source, request.given);
  const wanted = wantedStage(recipe, request.target);
  const build = new Build(request, recipe);
  const snapshot = await build.whole(wanted);
  build.warnOfUnused();
  return withLabels(snapshot, request.labels);
}

class Build {
  private readonly request: BuildRequest;
  private readonly recipe: Recipe;
  private readonly maker: StepMaker;
  /** Ends everything else when one step has failed. */
  private readonly ending = new AbortController();
  private readonly stages = new Map<Stage, Promise<Snapshot>>();
  /** As they are once the stage is made. */
  private readonly variables = new Map<Stage, StageVariables>();
  private readonly images = new Map<string, Promise<Snapshot>>();
  private readonly declared = new Set<string>();
  private failure: unknown;
  private tasks = 0;

  constructor(request: BuildRequest, recipe: Recipe) {
    this.request = request;
    this.recipe = recipe;
    const { roots, folder, epoch, noCache } = request;
    request.signal.addEventListener("abort", () => this.ending.abort());
    const cache = new StepCache(roots.root, !noCache);
    this.maker = { roots, folder, epoch, cache, signal: this.ending.signal };
  }

  /** The stage, once nothing is at work any more. Throws what went wrong first. */
  async whole(wanted: Stage): Promise<Snapshot> {
    try {
      return await this.stage(wanted);
    } catch (error) {
      this.ending.abort();
      throw this.failure ?? error;
    } finally {
      await Promise.allSettled(this.stages.values());
    }
  }

  /** Begun once, whoever asks first. */
  stage(stage: Stage): Promise<Snapshot> {
    const known = this.stages.get(stage) ?? this.make(stage);
    this.stages.set(stage, known);
    return known;
  }

  warnOfUnused(): void {
    const { given, onProgress } = this.request;
    const isDeclared = (name: string) => this.declared.has(name) || this.recipe.globals.isDeclared(name);
    const unused = unusedArgs(given, isDeclared);
    if (unused.length === 0) return;
    onProgress({ kind: "warning", message: `One or more build-args [${unused.join(" ")}] were not consumed` });
  }

  // ---- a stage

  private async make(stage: Stage): Promise<Snapshot> {
    // What it will ask for later can begin now; that it fails is told where it is asked for.
    for (const needed of neededBy(stage, this.recipe)) this.stage(needed).catch(() => {});
    const base = await this.base(stage);
    const { OnBuild, ...process } = base.config.config ?? {};
    const statements = [...triggersOf(stage, OnBuild ?? []), ...stage.statements];
    const parent = "stage" in stage.base ? this.variables.get(stage.base.stage) : undefined;
    const variables = new StageVariables(this.recipe.globals, process.Env ?? [], parent);
    this.variables.set(stage, variables);
    const steps = new Numbering(this.recipe, stage, statements);
    let snapshot: Snapshot = { ...base, config: { ...structuredClone(base.config), config: structuredClone(process) } };
    for (const statement of statements) {
      if (this.ending.signal.aborted) throw new Cancelled();
      snapshot = await this.apply({ stage, statement, snapshot, variables, steps });
      variables.setEnv(snapshot.config.config?.Env ?? []);
    }
    return snapshot;
  }

  private async base(stage: Stage): Promise<Snapshot> {
    const { base, platform, line } = stage;
    if ("stage" in base) return this.stage(base.stage);
    const steps = new Numbering(this.recipe, stage, stage.statements);
    const task = this.task(steps.first(`FROM ${base.image}`));
    try {
      const snapshot = await this.image(base.image, platform);
      this.request.onProgress({ kind: "done", task, isCached: false });
      return snapshot;
    } catch (error) {
      throw this.failed(task, error, { line }, new Tail());
    }
  }

  /** Had once, whoever asks first. */
  private image(name: string, platform = this.request.given.platform): Promise<Snapshot> {
    const key = `${name} ${formatPlatform(platform)}`;
    const known = this.images.get(key) ?? snapshotOf(name, platform, this.request.obtain);
    this.images.set(key, known);
    return known;
  }

  // ---- an instruction

  private async apply(turn: Turn): Promise<Snapshot> {
    const { statement, snapshot } = turn;
    if (statement.keyword === "ARG") this.noteDeclared(statement);
    if (!statement.makesFiles)
      return withConfig(snapshot, await statement.plan(this.around(turn)), statement, this.maker.epoch);
    const task = this.task(turn.steps.next(statement.text));
    const tail = new Tail();
    const onOutput = (bytes: Buffer) => {
      tail.add(bytes);
      this.request.onProgress({ kind: "output", task, bytes });
    };
    try {
      return await this.change(turn, task, onOutput);
    } catch (error) {
      throw this.failed(task, error, statement, tail);
    }
  }

  private async change(turn: Turn, task: Task, onOutput: (bytes: Buffer) => void): Promise<Snapshot> {
    const { statement, snapshot } = turn;
    const deed = await statement.plan(this.around(turn));
    const outcome = await outcomeOf(this.maker, snapshot, deed.files!, onOutput);
    this.request.onProgress({ kind: "done", task, isCached: outcome.isCached });
    return withLayer(snapshot, outcome, deed, statement);
  }

  private around({ stage, snapshot, variables }: Turn): Surroundings {
    const { context, secrets, network, epoch, folder } = this.request;
    return {
      config: snapshot.config,
      process: snapshot.config.config ?? {},
      variables,
      context,
      secrets,
      network,
      epoch,
      warn: (message) => this.request.onProgress({ kind: "warning", message }),
      signal: this.ending.signal,
      draftFolder: folder.drafts,
      snapshot: (name) => this.named(stage, name),
      looking: (other) => this.looking(other),
    };
  }

  /** An earlier stage, or else an image. Throws LineMistake for a stage that isn't made by then. */
  private async named({ index }: Stage, name: string): Promise<Snapshot> {
    const { stages } = this.recipe;
    const stage = findStage(stages.slice(0, index), name);
    if (stage) return this.stage(stage);
    const late = stages.slice(index).find((each) => each.name === name.toLowerCase());
    if (!late) return this.image(name);
    throw new LineMistake(`"${name}" is ${late.index === index ? "this very stage" : "a stage that comes later"}`);
  }

  private async looking(snapshot: Snapshot): Promise<Look> {
    const directories = await unpackImage(this.request.roots.root, imageOf(snapshot));
    return (work) => lookInto(directories, this.request.folder.step(), work);
  }

  private noteDeclared({ wish }: Statement): void {
    for (const { name } of wish as { name: { text: string } }[]) this.declared.add(name.text);
  }

  // ---- what is told

  private task(name: string): Task {
    this.tasks += 1;
    const task = { id: this.tasks, name };
    this.request.onProgress({ kind: "begun", task });
    return task;
  }

  /** The first failure ends all else; what fails because of that is not told. */
  private failed(task: Task, error: unknown, { line }: Pick<Statement, "line">, tail: Tail): unknown {
    const { onProgress } = this.request;
    if (this.ending.signal.aborted || error instanceof Cancelled) {
      onProgress({ kind: "cancelled", task });
      return new Cancelled();
    }
    this.ending.abort();
    const said = error instanceof LineMistake ? mistakeIn(line, error.message) : error;
    const { message } = said as Error;
    this.failure = said;
    onProgress({
      kind: "failed",
      task,
      message,
      tail: tail.lines(20),
      excerpt: excerpt(line.source, line.first, line.last),
    });
    return said;
  }
}

/** Something else has failed, or nobody wants it any more. */
export class Cancelled extends UserError {
  constructor() {
    super("canceled", { exitCode: 130 });
  }
}

interface Turn {
  stage: Stage;
  statement: Statement;
  snapshot: Snapshot;
  variables: StageVariables;
  steps: Numbering;
}

/** What the base image wants done by whoever builds from it. */
function triggersOf({ line }: Stage, triggers: string[]): Statement[] {
  const text = triggers.map((trigger) => `${trigger}\n`).join("");
  return readLines(sourceOf(`ONBUILD of ${line.text}`, text)).map(readStatement);
}
