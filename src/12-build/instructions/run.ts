// RUN: a container of the image so far, whose changes are the next layer.

import { UserError } from "../../01-syscalls/index.ts";
import { type Arguments, checkFlags, flagOf, type Kind, type Network, type Surroundings } from "../deed.ts";
import { ExpansionError, expandWord } from "../expand.ts";
import { heredocIn, type Line, mistakeIn } from "../lines.ts";
import { type MountWish, parseMount, sourceOfMount } from "../mount-wish.ts";
import { fingerprintOfMounts, SCRIPTS, withMounts } from "../run-mounts.ts";
import { splitWords, type Word } from "../words.ts";
import type { RunWish, Workspace } from "../workspace.ts";
import { commandOf, withShell } from "./process.ts";

interface Run {
  /** What execve gets, or what the shell does. */
  command: string[] | string;
  /** With an interpreter of its own, which it names in its first line. */
  script: { name: string; content: string } | undefined;
  mounts: WrittenMount[];
  network: "default" | "none" | "host";
}

/** Not read yet: there may be variables in it. */
interface WrittenMount {
  word: Word;
  text: string;
  from: string | undefined;
}

const NETWORKS = ["default", "none", "host"] as const;

export const run: Kind<Run> = {
  flags: ["mount", "network", "security"],
  parse(written) {
    checkSecurity(written);
    const script = scriptOf(written);
    const command = script ? [`${SCRIPTS}/${script.name}`] : withHeredocs(written);
    if (command.length === 0) throw mistakeIn(written.line, "RUN requires at least one argument");
    return { command, script, mounts: mountsOf(written), network: networkOf(written) };
  },
  needs: ({ mounts }) => mounts.flatMap(({ from, word }) => (from ? [{ ...word, text: from }] : [])),
  plan(wish, around, line) {
    const { process, variables } = around;
    const args = withShell(wish.command, process);
    const { args: env, proxies } = variables;
    const mounts = wish.mounts.map((mount) => mountOf(mount, around, line));
    const counted = env.length > 0 ? `|${env.length} ${env.join(" ")} ` : "";
    return {
      history: `RUN ${counted}${args.join(" ")}`,
      files: {
        about: [
          "RUN",
          args,
          wish.script,
          env,
          process.Env,
          process.User,
          process.WorkingDir,
          networkFor(wish, around),
          mounts,
        ],
        ...(mounts.some(({ type }) => type === "bind") && { content: () => fingerprintOfMounts(mounts, around) }),
        carryOut: (workspace) => runIn(workspace, wish, around, { args, env: [...proxies, ...env], mounts }),
      },
    };
  },
};

/** `RUN <<EOF` alone: the document is the script. */
function scriptOf({ line, rest }: Arguments) {
  const words = splitWords(line.text, rest.at, line.escapeSign);
  const heredoc = words.length === 1 ? heredocIn(words[0]!) : undefined;
  const [only] = line.heredocs;
  if (!heredoc || !only?.content.startsWith("#!")) return undefined;
  return { name: only.name, content: only.content };
}

/** The shell reads here-documents itself, if they stand behind its line. */
function withHeredocs(written: Arguments): string[] | string {
  const { line, rest } = written;
  const { heredocs } = line;
  const words = splitWords(line.text, rest.at, line.escapeSign);
  if (heredocs.length === 0) return commandOf(written);
  if (words.length === 1 && heredocs.length === 1) return heredocs[0]!.content;
  return [rest.text, ...heredocs.map(({ name, content }) => `${content}${name}`)].join("\n");
}

function mountsOf({ line, flags }: Arguments) {
  return flags
    .filter(({ name }) => name === "mount")
    .map(({ word, value }) => {
      if (value === undefined) throw mistakeIn(line, "Missing a value on flag: mount", word);
      return { word, text: value, from: pointing(line, word, () => sourceOfMount(value)) };
    });
}

function mountOf({ word, text }: WrittenMount, { variables }: Surroundings, line: Line): MountWish {
  const expand = (value: string) => expandWord(value, variables.lookup, line.escapeSign);
  return pointing(line, word, () => parseMount(text, expand));
}

function pointing<T>(line: Line, word: Word, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof ExpansionError) throw mistakeIn(line, error.message, word);
    throw error instanceof UserError ? mistakeIn(line, error.message, word, error.hint) : error;
  }
}

function networkOf(written: Arguments): Run["network"] {
  const word = flagOf(written, "network");
  const found = NETWORKS.find((name) => name === (word?.text ?? "default"));
  if (found) return found;
  throw mistakeIn(written.line, `invalid network mode ${JSON.stringify(word!.text)}: default, none or host`, word);
}

function checkSecurity(written: Arguments): void {
  checkFlags(written, run.flags!);
  const word = flagOf(written, "security");
  if (!word || word.text === "sandbox") return;
  throw mistakeIn(written.line, `security mode ${JSON.stringify(word.text)} is not allowed`, word);
}

interface Running {
  args: string[];
  env: string[];
  mounts: MountWish[];
}

async function runIn(workspace: Workspace, wish: Run, around: Surroundings, o: Running) {
  const { process } = around;
  const { mounts } = o;
  const code = await withMounts(
    { mounts, script: wish.script, around, workspace },
    ({ mounts: mounted, launching }) => {
      const options: RunWish["options"] = {
        command: o.args,
        env: o.env,
        mounts: mounted,
        network: networkFor(wish, around),
        ...(process.User && { user: process.User }),
      };
      return workspace.run({ ...launching, options });
    },
  );
  if (code !== 0) throw new RunFailed(o.args, code, hintFor(wish));
}

/** BuildKit leaves a here-document's ends as they were written, too, and people wonder what its shell then complains of. */
function hintFor({ command, script }: Run): { hint?: string } {
  const isFromWindows = (script?.content ?? String(command)).includes("\r\n");
  return isFromWindows ? { hint: "lines of the here-document end with CR LF, and to a shell CR is a letter" } : {};
}

function networkFor({ network }: Run, around: Surroundings): Network {
  return network === "default" ? around.network : network;
}

/** The command itself has failed. */
export class RunFailed extends UserError {
  readonly code: number;

  constructor(args: string[], code: number, hint: { hint?: string }) {
    super(`process ${JSON.stringify(args.join(" "))} did not complete successfully: exit code: ${code}`, {
      exitCode: 1,
      ...hint,
    });
    this.code = code;
  }
}
