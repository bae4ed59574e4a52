// One shell for a whole lesson: commands are given to it one after another, as a reader types them, so that a variable or a
// folder of one is there for the next. Behind each command the shell says a word nobody knows, and its exit code: so the
// end of a command's output is found, whatever the output is.

import { randomBytes } from "node:crypto";
import { quoted } from "../quoted.ts";

/** A `sh` that reads commands from its standard input. */
export interface ShellProcess {
  write(text: string): void;
  end(): void;
  /** SIGKILL for the shell. */
  kill(): void;
  /** When it has ended, and all output has come. */
  ended: Promise<unknown>;
}

/** Starts one; both of its outputs come to `onOutput`. */
export type StartShell = (onOutput: (bytes: Buffer) => void) => Promise<ShellProcess>;

export interface Shell {
  /** Types a command and waits for its end. */
  run(command: string, timeoutMs: number): Promise<Answer>;
  close(): Promise<void>;
}

export interface Answer {
  /** Undefined when the shell has ended with the command, or was ended because it took too long. */
  exitCode: number | undefined;
  output: string;
  isLate: boolean;
}

// What a reader puts into the background has become its program by the time the next line is typed. Here, the next line
// comes at once: so the shell waits for that, a second at most, since a loop in the background never becomes another program.
const TYPED = `__typed() {
  if [ "\${!-}" != "\${__last-}" ]; then
    __last=$!
    read -r __shell < /proc/$$/comm
    for __try in 1 2 3 4 5 6 7 8 9 10; do
      read -r __name 2> /dev/null < /proc/$__last/comm || break
      [ "$__name" = "$__shell" ] || break
      sleep 0.1
    done
  fi
  printf '\\n%s %s\\n' $1 $2
}`;

/** A shell that is started again if a command has ended it. */
export function openShell(start: StartShell): Shell {
  let shell: Promise<OneShell> | undefined;
  return {
    async run(command, timeoutMs) {
      shell ??= startOne(start);
      const answer = await (await shell).run(command, timeoutMs);
      if (answer.exitCode === undefined) shell = undefined;
      return answer;
    },
    async close() {
      const open = await shell;
      open?.process.end();
      await open?.process.ended;
    },
  };
}

interface OneShell extends Pick<Shell, "run"> {
  process: ShellProcess;
}

async function startOne(start: StartShell): Promise<OneShell> {
  let said = "";
  let heard = (): void => {};
  const decoder = new TextDecoder();
  const process = await start((bytes) => {
    said += decoder.decode(bytes, { stream: true });
    heard();
  });
  let hasEnded = false;
  const ended = process.ended.then(() => {
    hasEnded = true;
    heard();
  });

  const run: Shell["run"] = async (command, timeoutMs) => {
    const word = randomBytes(12).toString("hex");
    const end = new RegExp(`\\n${word} (\\d+)\\n`);
    let isLate = false;
    said = "";
    process.write(`eval ${quoted(command)} < /dev/null\n__typed ${word} $?\n`);
    const timer = setTimeout(() => {
      isLate = true;
      process.kill();
      heard();
    }, timeoutMs);
    await new Promise<void>((resolve) => {
      heard = () => void ((end.test(said) || hasEnded) && resolve());
      heard();
    });
    clearTimeout(timer);
    const found = end.exec(said);
    if (!found) await ended;
    return found
      ? { exitCode: Number(found[1]), output: said.slice(0, found.index), isLate: false }
      : { exitCode: undefined, output: said, isLate };
  };
  process.write(`exec 2>&1\n${TYPED}\n`);
  return { process, run };
}
