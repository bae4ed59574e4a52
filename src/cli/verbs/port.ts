// `port`: which ports of the host lead to a container.

import { UserError } from "../../01-syscalls/index.ts";
import type { Roots } from "../../10-containers/folders.ts";
import { hostPortsOf, portLines } from "../../10-containers/network/settings.ts";
import { findSettled } from "../../10-containers/settle.ts";
import { readCommand } from "../flags/command.ts";

export async function verb(argv: string[], roots: Roots): Promise<number> {
  const words = readCommand({ name: "port", operands: ["<container>", "[private_port[/proto]]"] }, argv);
  if (words === undefined) return 0;
  const [name = "", port] = words;
  const container = await findSettled(roots, name);
  const lines = port === undefined ? portLines(container) : hostPortsOf(container, port);
  if (port !== undefined && lines.length === 0) {
    throw new UserError(`no public port '${port}' published for ${name}`);
  }
  for (const line of lines) process.stdout.write(`${line}\n`);
  return 0;
}
