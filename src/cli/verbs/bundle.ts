// `bundle`: what we make of a container, for other runtimes; and what others made, run by us.

import { resolve } from "node:path";
import { UserError } from "../../01-syscalls/index.ts";
import { copyBundle, mountBundle } from "../../10-containers/bundle-out.ts";
import { findId } from "../../10-containers/container.ts";
import type { Roots } from "../../10-containers/folders.ts";
import { callVerb } from "../call-verb.ts";
import { ENGINE_FAILED } from "../errors.ts";
import { readCommand } from "../flags/command.ts";
import { type FlagGroup, setters } from "../flags/flags.ts";

interface Asked {
  mount?: string;
  copy?: string;
}

const bundle = setters<Asked>();
const text = (given: string): string => given;

const FLAGS: FlagGroup<Asked>[] = [
  [
    "Options:",
    ["--copy", "dir", "Put the bundle there, with a copy of the container's files", bundle.one("copy", text)],
    ["--mount", "dir", "The same, with its files mounted on DIR/rootfs", bundle.one("mount", text)],
  ],
];

const RUN = { summary: "", load: () => import("./bundle-run.ts"), failure: ENGINE_FAILED };

const SUMMARY = `Take a container's OCI bundle out for other runtimes, or run one of theirs

  mini-docker bundle web --copy DIR    then: crun run -b DIR x
  mini-docker bundle web --mount DIR   not copied; ends with: umount DIR/rootfs
  mini-docker bundle run DIR           see: mini-docker bundle run --help

What others write stays in DIR; the container is as it was.`;

export async function verb(argv: string[], roots: Roots): Promise<number> {
  if (argv[0] === "run") return callVerb(RUN, argv.slice(1), roots);
  const asked: Asked = {};
  const line = { name: "bundle", operands: ["<container>"], flags: FLAGS, asked, summary: SUMMARY };
  const names = readCommand(line, argv);
  if (names === undefined) return 0;
  const { copy, mount } = asked;
  if ((copy === undefined) === (mount === undefined)) throw new UserError("say either --copy DIR or --mount DIR");
  const id = findId(roots, names[0]!);
  const directory = resolve(copy ?? mount!);
  await (copy !== undefined ? copyBundle : mountBundle)(roots, id, directory);
  process.stdout.write(`${directory}\n`);
  return 0;
}
