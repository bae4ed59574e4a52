// `push`: an image to a registry, or all tags of a repository.

import { UserError } from "../../01-syscalls/index.ts";
import { fullName, parseReference, type Reference } from "../../06-images/index.ts";
import type { Roots } from "../../10-containers/folders.ts";
import { localTags, pushImage } from "../../11-registry/index.ts";
import { isBare } from "../flags/bare-name.ts";
import { readCommand } from "../flags/command.ts";
import { type FlagGroup, setters } from "../flags/flags.ts";
import { type PlatformAsked, platformFlag } from "../flags/platform-flag.ts";
import { boolean } from "../flags/values.ts";
import { interruptible } from "../interrupt.ts";
import { NO_VIEW, transferView } from "../show/transfer-view.ts";

interface Asked extends PlatformAsked {
  allTags: boolean;
  quiet: boolean;
}

const push = setters<Asked>();

const FLAGS: FlagGroup<Asked>[] = [
  [
    "Options:",
    ["-a, --all-tags", "", "Push all tags of an image to the repository", push.one("allTags", boolean)],
    platformFlag("Push only one platform of an image"),
    ["-q, --quiet", "", "Suppress verbose output", push.one("quiet", boolean)],
  ],
];

export async function verb(argv: string[], roots: Roots): Promise<number> {
  const asked: Asked = { allTags: false, quiet: false };
  const words = readCommand({ name: "push", operands: ["<image>"], flags: FLAGS, asked }, argv);
  if (words === undefined) return 0;
  const [name = ""] = words;
  if (asked.allTags && !isBare(name)) throw new UserError("tag can't be used with --all-tags/-a");
  const reference = parseReference(name);
  if (reference.digest !== undefined) throw new UserError("cannot push a digest reference");
  const { domain, path } = reference;
  const references = asked.allTags ? localTags(roots.root, reference) : [reference];
  const say = (text: string) => asked.quiet || process.stdout.write(`${text}\n`);
  say(`The push refers to repository [${domain}/${path}]`);
  if (!asked.allTags && isBare(name)) say("Using default tag: latest");
  return interruptible(async (signal) => {
    for (const one of references) say(await pushOne(roots, one, asked, signal));
    if (asked.quiet) process.stdout.write(`${fullName(asked.allTags ? { domain, path } : reference)}\n`);
    return 0;
  });
}

/** `1.2: digest: sha256:… size: 528` */
async function pushOne(roots: Roots, reference: Reference, asked: Asked, signal: AbortSignal): Promise<string> {
  const view = asked.quiet ? NO_VIEW : transferView("push", process.stdout);
  const { platform } = asked;
  try {
    const onLayers = (layers: string[]) => view.onLayers(layers);
    const { digest, size } = await pushImage(roots, reference, { platform, signal, onLayers, onLayer: view.onLayer });
    return `${reference.tag}: digest: ${digest} size: ${size}`;
  } finally {
    view.close();
  }
}
