// Your container so far: a lesson's try.ts makes a plan of the functions of the stages up to its own, and the plan is run.

import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { SyscallError, UserError } from "../../01-syscalls/index.ts";
import { type StageName, Stages } from "../../10-containers/stages.ts";
import { importStudentFile, ModuleError, placed, type StudentModule, useStudentModules } from "../student-modules.ts";
import { functionsThrough, type TryModule, type TryPlan } from "./functions.ts";
import type { Lesson } from "./lesson.ts";

export interface Tried {
  lesson: Lesson;
  /** Modules that stand in for ours, of this lesson or earlier ones. */
  modules: StudentModule[];
  /** A whole path. */
  rootfs: string;
  command: string[];
}

type Import = (url: string) => Promise<Record<string, unknown>>;

/** Throws UserError, in a line with its place, for whatever is wrong with a module or with what its functions return. */
export async function tryPlan({ lesson, modules, rootfs, command }: Tried, importModule: Import): Promise<TryPlan> {
  for (const { stage } of modules) refuseLater(stage, lesson);
  await useStudentModules(modules, importModule);
  const path = join(lesson.folder, "try.ts");
  const { default: make } = (await importStudentFile(path, importModule)) as { default?: TryModule };
  if (typeof make !== "function") throw new UserError(`${path} exports no function as its default`);
  const functions = functionsThrough(lesson.number, Object.keys(Stages) as StageName[]);
  try {
    return await make(functions as never, rootfs, command);
  } catch (error) {
    throw blamed(error, modules);
  }
}

/** A mistake in what is called later, such as the body of a generator, shows in its stack whose it is. */
function blamed(error: unknown, modules: StudentModule[]): unknown {
  const isFact = error instanceof UserError || error instanceof SyscallError || !(error instanceof Error);
  const whose = isFact
    ? undefined
    : modules.find(({ path }) => error.stack?.includes(pathToFileURL(resolve(path)).href));
  return whose ? new ModuleError(`${whose.path}: ${placed(error, whose.path)}`) : error;
}

function refuseLater(stage: string, { number }: Lesson): void {
  if (stage.padStart(2, "0").slice(0, 2) <= number) return;
  throw new UserError(`lesson ${number} has nothing of stage ${stage} in it`);
}
