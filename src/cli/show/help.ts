// What `--help` says where a verb is still to be chosen: of the program, and of a group like `container`.

import type { Verbs } from "../verbs.ts";
import { VERBS } from "../verbs.ts";

export function mainHelp(): string {
  return `Usage:  mini-docker [--root DIR] [--state DIR] COMMAND

A container is a list of system calls. \`mini-docker run --explain\` prints it.

Commands:
${list(VERBS)}

Run 'mini-docker COMMAND --help' for more information on a command.
`;
}

export function groupHelp(group: string, verbs: Verbs): string {
  return `Usage:  mini-docker ${group} COMMAND

${VERBS[group]!.summary}

Commands:
${list(verbs)}

Run 'mini-docker ${group} COMMAND --help' for more information on a command.
`;
}

function list(verbs: Verbs): string {
  const shown = Object.entries(verbs).filter(([, { summary }]) => summary !== "");
  const width = Math.max(...shown.map(([name]) => name.length));
  return shown.map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`).join("\n");
}
