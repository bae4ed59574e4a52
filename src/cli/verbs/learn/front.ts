// `learn` without a verb: whoever comes for the first time starts a container before anything else; whoever comes back goes
// on where they were.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { examine, isWell } from "../../../10-containers/doctor/examine.ts";
import type { Finding } from "../../../10-containers/doctor/finding.ts";
import type { Roots } from "../../../10-containers/folders.ts";
import { languageOf } from "../../../course/language.ts";
import type { Language } from "../../../course/lesson/index.ts";
import { makeWorkshop } from "../../../course/make-workshop.ts";
import { PROGRESS_FILE } from "../../../course/progress.ts";
import { findWorkshop } from "../../../course/workshop.ts";
import { asRoot, commandAsRoot, isRoot } from "../../as-root.ts";
import { askPerson } from "../../ask-person.ts";
import { readCommand } from "../../flags/command.ts";
import { type FlagGroup, setters } from "../../flags/flags.ts";
import { writeAll } from "../../output.ts";
import { findingLines } from "../../show/doctor-letter.ts";
import { LEARN_WORDS } from "../../show/lesson/learn-words.ts";
import { nextSteps } from "../../show/lesson/next-steps.ts";
import { fitted } from "../../show/wrap-words.ts";
import { WORKSHOP } from "./start.ts";

interface Asked {
  lang?: string;
}

const FLAGS: FlagGroup<Asked>[] = [
  ["Options:", ["--lang", "string", "en or zh (default: as $LANG says)", setters<Asked>().one("lang", String)]],
];

export async function verb(argv: string[], roots: Roots): Promise<number> {
  const asked: Asked = {};
  if (readCommand({ name: "learn", flags: FLAGS, asked }, argv) === undefined) return 0;
  const language = languageOf(asked.lang);
  const workshop = findWorkshop() ?? (existsSync(join(WORKSHOP, PROGRESS_FILE)) ? WORKSHOP : undefined);
  return workshop === undefined ? firstTime(roots, language) : goOn(workshop, language);
}

function print(...lines: string[]): void {
  const columns = process.stdout.columns ?? Number.POSITIVE_INFINITY;
  writeAll(1, lines.flatMap((line) => fitted(line, columns).map((each) => `${each}\n`)).join(""));
}

const isAttended = (): boolean => process.stdin.isTTY === true && process.stdout.isTTY === true;

// ---- the first time

async function firstTime(roots: Roots, language: Language): Promise<number> {
  const say = LEARN_WORDS[language];
  print("", say.welcome, "", say.looking);
  const findings = await examine(roots);
  if (!isWell(findings)) return notYet(findings, language);
  print(say.runs(findingLines(findings.slice(-1), language)[0]!.replace(/^\S+\s+\S.*?\s{2,}/, "")), "");
  await firstContainer(roots, language);
  const { folder } = makeWorkshop(WORKSHOP);
  print("", say.wasFirst, "", say.workshop(folder), "");
  return goOn(folder, language);
}

/** Why not, and what mends it. If it is only that we aren't root, we can become it. */
async function notYet(findings: Finding[], language: Language): Promise<number> {
  const say = LEARN_WORDS[language];
  const broken = findings.filter(({ status }) => status === "broken");
  print(say.runsNot, ...findingLines(broken, language));
  if (isRoot() || !broken.some(({ name }) => name === "user namespace")) return 1;
  print("", say.needsRoot(findingLines(broken, language)[1]?.trim() ?? ""), `  ${commandAsRoot(["learn"]).join(" ")}`);
  if (!isAttended() || !/^[yY]/.test(await askPerson(say.asRoot))) return 1;
  return asRoot(["learn", "--lang", language]);
}

const QUESTIONS = "hostname; ps; ls -x /";

async function firstContainer(roots: Roots, language: Language): Promise<void> {
  const say = LEARN_WORDS[language];
  const { verb: run } = await import("../run.ts");
  const options = ["--rm", "--hostname", "mine", "--network", "none"];
  if (!isAttended()) {
    print(say.unattended, "", `$ mini-docker run ${options.join(" ")} base sh -c '${QUESTIONS}'`);
    await run([...options, "base", "sh", "-c", QUESTIONS], roots);
    return;
  }
  print(say.first);
  await askPerson(say.enter);
  await run([...options, "-it", "base", "sh"], roots);
}

// ---- from then on

function goOn(workshop: string, language: Language): number {
  print(...nextSteps(workshop, language));
  return 0;
}
