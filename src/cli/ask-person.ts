// Questions to the person at the terminal: an answer is a line. A password isn't shown while it is typed, so the terminal
// has to hand over each key as it is pressed.

import { once } from "node:events";
import { createInterface } from "node:readline/promises";

/** What was typed, without spaces around; nothing, if the input ends. Ctrl-C ends the program. */
export async function askPerson(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  lines.on("SIGINT", () => {
    process.stdout.write("\n");
    process.exit(INTERRUPTED);
  });
  const ended = once(lines, "close").then(() => "");
  try {
    return (await Promise.race([lines.question(question), ended])).trim();
  } finally {
    lines.close();
  }
}

const INTERRUPTED = 130;

const [CTRL_C, CTRL_D, BACKSPACE, DELETE] = ["\x03", "\x04", "\x08", "\x7f"];

/** The same, unseen. Ctrl-C ends the program. */
export async function askSecret(question: string): Promise<string> {
  const { stdin, stdout } = process;
  stdout.write(question);
  stdin.setRawMode(true).setEncoding("utf8").resume();
  try {
    return await typed(stdin);
  } finally {
    stdin.setRawMode(false).pause();
    stdout.write("\n");
  }
}

function typed(keys: NodeJS.ReadStream): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    keys.on("data", function onKeys(pressed: string) {
      for (const key of pressed) {
        if (key === CTRL_C) process.exit(INTERRUPTED);
        if (key === "\r" || key === "\n" || key === CTRL_D) {
          keys.off("data", onKeys);
          return resolve(text);
        }
        text = key === BACKSPACE || key === DELETE ? text.slice(0, -1) : text + key;
      }
    });
  });
}
