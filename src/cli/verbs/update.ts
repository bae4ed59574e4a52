// `update`: other limits, at once; or what happens at the end.

import { UserError } from "../../01-syscalls/index.ts";
import { type Update, updateContainer } from "../../10-containers/change.ts";
import type { Roots } from "../../10-containers/folders.ts";
import type { ResourceOptions, RestartPolicy } from "../../10-containers/spec/options.ts";
import { eachContainer } from "../each.ts";
import { readCommand } from "../flags/command.ts";
import { type FlagGroup, setters } from "../flags/flags.ts";
import { LIMIT_FLAGS } from "../flags/run-flags.ts";
import { restartPolicy } from "../flags/run-values.ts";
import { warn } from "../output.ts";

interface Asked extends ResourceOptions {
  restart?: RestartPolicy;
}

const FLAGS: FlagGroup<Asked>[] = [
  ...LIMIT_FLAGS,
  ["Life:", ["--restart", "string", "When it exits", setters<Asked>().one("restart", restartPolicy)]],
];

export async function verb(argv: string[], roots: Roots): Promise<number> {
  const asked: Asked = {};
  const names = readCommand({ name: "update", operands: ["<container...>"], flags: FLAGS, asked }, argv);
  if (names === undefined) return 0;
  if (Object.keys(asked).length === 0)
    throw new UserError("you must provide one or more flags when using this command");
  const { restart, ...resources } = asked;
  const update: Update = { resources, ...(restart && { restart }) };
  return eachContainer(names, roots, async (id) => {
    for (const warning of await updateContainer(roots, id, update)) warn(warning);
  });
}
