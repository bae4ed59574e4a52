// `pull`: an image from a registry, or all that a repository has.

import { UserError } from "../../01-syscalls/index.ts";
import { fullName, parseReference, type Reference } from "../../06-images/index.ts";
import type { Roots } from "../../10-containers/folders.ts";
import { listTags } from "../../11-registry/index.ts";
import { isBare } from "../flags/bare-name.ts";
import { readCommand } from "../flags/command.ts";
import { type FlagGroup, setters } from "../flags/flags.ts";
import { type PlatformAsked, platformFlag } from "../flags/platform-flag.ts";
import { boolean } from "../flags/values.ts";
import { interruptible } from "../interrupt.ts";
import { pullShown, statusLine } from "../show/pull-shown.ts";

interface Asked extends PlatformAsked {
  allTags: boolean;
  quiet: boolean;
}

const pull = setters<Asked>();

const FLAGS: FlagGroup<Asked>[] = [
  [
    "Options:",
    ["-a, --all-tags", "", "Download all tagged images in the repository", pull.one("allTags", boolean)],
    platformFlag("Set platform if the image is for several"),
    ["-q, --quiet", "", "Suppress verbose output", pull.one("quiet", boolean)],
  ],
];

export async function verb(argv: string[], roots: Roots): Promise<number> {
  const asked: Asked = { allTags: false, quiet: false };
  const words = readCommand({ name: "pull", operands: ["<image>"], flags: FLAGS, asked }, argv);
  if (words === undefined) return 0;
  const [name = ""] = words;
  return interruptible((signal) =>
    asked.allTags ? pullAll(roots, name, asked, signal) : pullOne(roots, name, asked, signal),
  );
}

async function pullOne(roots: Roots, name: string, asked: Asked, signal: AbortSignal): Promise<number> {
  const reference = parseReference(name);
  if (!asked.quiet && isBare(name)) process.stdout.write("Using default tag: latest\n");
  const { isNew } = await pullShown(roots, reference, { ...asked, signal, output: process.stdout });
  if (!asked.quiet) process.stdout.write(`${statusLine(reference, isNew)}\n`);
  process.stdout.write(`${fullName(reference)}\n`);
  return 0;
}

async function pullAll(roots: Roots, name: string, asked: Asked, signal: AbortSignal): Promise<number> {
  if (!isBare(name)) throw new UserError("tag can't be used with --all-tags/-a");
  const { domain, path } = parseReference(name);
  const references = (await listTags({ domain, path }, { signal })).map((tag): Reference => ({ domain, path, tag }));
  let isNew = false;
  for (const reference of references) {
    const pulled = await pullShown(roots, reference, { ...asked, signal, output: process.stdout });
    isNew ||= pulled.isNew;
  }
  if (!asked.quiet) process.stdout.write(`${statusLine({ domain, path }, isNew)}\n`);
  process.stdout.write(`${fullName({ domain, path })}\n`);
  return 0;
}
