// A console's text: `$ command`, its further lines after `> `, and what it printed.

import type { Exchange } from "./lesson.ts";

/** Throws Error for what stands before the first command. */
export function readExchanges(text: string): Exchange[] {
  const exchanges: Exchange[] = [];
  for (const line of text.split("\n")) {
    const last = exchanges.at(-1);
    if (line.startsWith("$ ")) exchanges.push({ command: line.slice(2), output: [] });
    else if (last === undefined) throw new Error(`a console begins with "$ command", not with "${line}"`);
    else if (isContinued(last, line)) last.command += `\n${line.slice(2)}`;
    else last.output.push(line);
  }
  return exchanges;
}

/** Only right below the command: a program may print such lines, too. */
function isContinued({ output }: Exchange, line: string): boolean {
  return output.length === 0 && line.startsWith("> ");
}

export function writeExchanges(exchanges: Exchange[]): string {
  return exchanges.flatMap(({ command, output }) => [...commandLines(command), ...output]).join("\n");
}

/** As it is shown: `$ ` before the first line, `> ` before the others. */
export function commandLines(command: string): string[] {
  return command.split("\n").map((line, index) => (index === 0 ? `$ ${line}` : `> ${line}`));
}
