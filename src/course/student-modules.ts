// A student's module in the place of a stage's functions, inside the real engine. Only what is reached through `Stages` can
// be replaced, and what a module does not export stays ours; which is which, `--explain` says step by step.

import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { callNumber, type Step, UserError } from "../01-syscalls/index.ts";
import { type StageName, Stages, standIn } from "../10-containers/stages.ts";

/** `--with 03=./mine.ts` */
export interface StudentModule {
  /** `03`, or `03-namespaces`. */
  stage: string;
  path: string;
}

/** It is the module that is wrong, and not what it was used for. */
export class ModuleError extends UserError {
  override name = "ModuleError";
}

type Import = (url: string) => Promise<Record<string, unknown>>;

/** Loads the modules and puts their functions in place. Throws UserError for one that can't be loaded or replaces nothing. */
export async function useStudentModules(modules: readonly StudentModule[], importModule: Import): Promise<void> {
  for (const { stage, path } of modules)
    useModule(stageNamed(stage), path, await importStudentFile(path, importModule));
}

function useModule(stage: StageName, path: string, exported: Record<string, unknown>): void {
  const known = Object.keys(Stages[stage]);
  const names = Object.keys(exported).filter((name) => typeof exported[name] === "function");
  const stray = names.find((name) => !known.includes(name));
  if (stray !== undefined)
    throw new ModuleError(`${path}: ${stage} has no function ${stray}`, { hint: hintFor(stray, known) });
  if (names.length === 0)
    throw new ModuleError(`${path} exports no function of ${stage}`, { hint: `it has ${known.join(", ")}` });
  for (const name of names) {
    const theirs = exported[name] as (...args: unknown[]) => unknown;
    standIn(stage, name, checked(`${path}: ${name}`, theirs, path), path);
  }
}

function stageNamed(given: string): StageName {
  const names = Object.keys(Stages) as StageName[];
  const found = names.find((name) => name === given || name.startsWith(`${given.padStart(2, "0")}-`));
  if (found) return found;
  throw new UserError(`no stage is called ${JSON.stringify(given)}: there are ${names.join(", ")}`);
}

function hintFor(stray: string, known: string[]): string {
  const close = known.find((name) => name.toLowerCase().startsWith(stray.slice(0, 4).toLowerCase()));
  return close === undefined ? `it has ${known.join(", ")}` : `did you mean ${close}?`;
}

// ---- loading

let isHooked = false;

/** What there is of node:module. */
interface Hooking {
  register(url: string): void;
  registerHooks?(hooks: Record<string, unknown>): void;
}

/** Newer Nodes run hooks in this thread, and complain of the older way, where they have a thread of their own. */
async function hookIn(importModule: Import): Promise<void> {
  if (isHooked) return;
  isHooked = true;
  const hooks = pathToFileURL(join(import.meta.dirname, "module-hooks.mjs")).href;
  const { register, registerHooks } = process.getBuiltinModule("node:module") as Hooking;
  if (registerHooks) registerHooks({ ...(await importModule(hooks)) });
  else register(hooks);
}

/** What a file of TypeScript exports, read as it was saved. Throws UserError with the place of what is wrong in it. */
export async function importStudentFile(path: string, importModule: Import): Promise<Record<string, unknown>> {
  await hookIn(importModule);
  if (!existsSync(path)) throw new ModuleError(`there is no module ${path}`);
  try {
    return await importModule(pathToFileURL(resolve(path)).href);
  } catch (error) {
    throw new ModuleError(`${path} can't be loaded: ${placed(error, path)}`);
  }
}

/** What went wrong, and where in the student's file, as far as that is known. */
export function placed(error: unknown, path: string): string {
  if (!(error instanceof Error)) return String(error);
  const at = error.stack?.split("\n").find((line) => line.includes(pathToFileURL(resolve(path)).href));
  const [, line, column] = /:(\d+):(\d+)\)?$/.exec(at ?? "") ?? [];
  return `${line === undefined ? "" : `line ${line}, column ${column}: `}${error.message}`;
}

// ---- what the functions return

function checked(what: string, theirs: (...args: unknown[]) => unknown, path: string) {
  return (...args: unknown[]): unknown => {
    const result = called(what, path, () => theirs(...args));
    if (what.endsWith("Steps")) for (const step of listOf(what, result)) checkStep(what, step);
    return result;
  };
}

function called<T>(what: string, path: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new ModuleError(`${what}: ${placed(error, path)}`);
  }
}

/** Most return a list; some one for each of several places. */
function listOf(what: string, result: unknown): unknown[] {
  if (Array.isArray(result)) return result;
  const lists = typeof result === "object" && result !== null ? Object.values(result) : [];
  if (lists.length > 0 && lists.every(Array.isArray)) return lists.flat();
  throw new ModuleError(`${what} returned ${spelled(result)}, and not a list of steps`);
}

function checkStep(what: string, step: unknown): void {
  const { call, args, why } = (step ?? {}) as Partial<Step>;
  if (typeof call !== "string" || !Array.isArray(args))
    throw new ModuleError(`${what} has ${spelled(step)} among its steps`);
  if (typeof why !== "string") throw new ModuleError(`${what}: the step ${call} doesn't say why it is there`);
  try {
    callNumber(call);
  } catch {
    throw new ModuleError(`${what}: there is no system call ${call}`);
  }
  // Types aren't looked at when a module is loaded: a field with another name is one that isn't there.
  const missing = args.findIndex((arg) => arg === undefined || Number.isNaN(arg));
  if (missing !== -1)
    throw new ModuleError(`${what}: the step ${call} has no value for argument ${missing + 1} of its call`);
}

function spelled(value: unknown): string {
  return value === undefined ? "nothing" : (JSON.stringify(value) ?? String(value));
}
