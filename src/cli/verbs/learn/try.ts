// `learn try`: the container of a lesson's try.ts, in the foreground. It is what `learn check` starts, and the student too.

import { existsSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { UserError } from "../../../01-syscalls/index.ts";
import type { Roots } from "../../../10-containers/folders.ts";
import { callsWatch, noCalls } from "../../../course/grade/calls.ts";
import { lessonNamed } from "../../../course/grade/lesson.ts";
import { tryPlan } from "../../../course/grade/try-plan.ts";
import { runTried } from "../../../course/grade/try-run.ts";
import { readCommand } from "../../flags/command.ts";
import { type FlagGroup, setters } from "../../flags/flags.ts";
import { type StageModule, stageModule } from "../../flags/run-values.ts";
import { importModule } from "../../import-module.ts";
import { writeAll } from "../../output.ts";

interface Asked {
  modules: StageModule[];
  calls?: string;
}

const asks = setters<Asked>();

const FLAGS: FlagGroup<Asked>[] = [
  [
    "Options:",
    ["--with", "stage=file", "Use your module's functions (02=./mine.ts)", asks.many("modules", stageModule)],
    ["--calls", "file", "Write the calls as JSON; - is a line on standard error", asks.one("calls", String)],
  ],
];

const SUMMARY = `Run a command in the container of a lesson: what it is after the stages up to that one

ROOTFS is a folder with a root filesystem in it.`;

const FILL = "mkdir rootfs; mini-docker export $(mini-docker create base) | tar -xC rootfs";

export async function verb([number = "--help", ...argv]: string[], roots: Roots): Promise<number> {
  const asked: Asked = { modules: [] };
  const line = { name: "learn try LESSON", operands: ["<rootfs>", "<command...>"], summary: SUMMARY };
  const isHelp = number.startsWith("-");
  const words = readCommand({ ...line, flags: FLAGS, asked, stopsAtOperand: true }, isHelp ? ["--help"] : argv);
  if (words === undefined) return 0;
  const lesson = lessonNamed(number);
  const rootfs = folderAt(words[0]!);
  const command = located(rootfs, words.slice(1));
  const tell = tellerOf(asked);
  const plan = await tryPlan({ lesson, modules: asked.modules, rootfs, command }, importModule).catch(
    (error: unknown) => {
      tell?.(noCalls(error));
      throw error;
    },
  );
  return runTried(roots, plan, tell ? callsWatch(tell) : {});
}

function folderAt(given: string): string {
  if (existsSync(given)) return resolve(given);
  throw new UserError(`there is no ROOTFS ${given}`, { hint: `in the lab, this makes one: ${FILL}` });
}

const PLACES = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/** A command without a slash by its whole path, where ROOTFS has it. */
function located(rootfs: string, [name = "", ...words]: string[]): string[] {
  const paths = name.includes("/") ? [] : PLACES.map((place) => `${place}/${name}`);
  return [paths.find((path) => existsSync(join(rootfs, path))) ?? name, ...words];
}

/** Who is told the calls, if anybody wants to know. */
function tellerOf({ calls }: Asked): ((line: string) => void) | undefined {
  if (calls === undefined) return undefined;
  return (line) => (calls === "-" ? writeAll(2, line) : writeFileSync(calls, line));
}
