// `build`: an image from a Dockerfile.

import { readFileSync, writeFileSync } from "node:fs";
import { UserError } from "../../01-syscalls/index.ts";
import { hostPlatform, type Platform, parsePlatform } from "../../06-images/index.ts";
import type { Roots } from "../../10-containers/folders.ts";
import { buildImage, type Network, type Output, parseOutput, type Secret } from "../../12-build/index.ts";
import { readCommand } from "../flags/command.ts";
import { type FlagGroup, setters } from "../flags/flags.ts";
import { label, splitPair } from "../flags/key-values.ts";
import { boolean } from "../flags/values.ts";
import { interruptible } from "../interrupt.ts";
import { writeAll } from "../output.ts";
import { progressOf } from "../show/build-progress.ts";

export interface Asked {
  tags: string[];
  file?: string;
  buildArgs: [string, string | undefined][];
  target?: string;
  noCache: boolean;
  pull: boolean;
  platform?: Platform;
  secrets: [string, Secret][];
  labels: [string, string][];
  progress: string;
  iidfile?: string;
  network: Network;
  outputs: Output[];
  quiet: boolean;
}

const build = setters<Asked>();
const text = (value: string) => value;

const FLAGS: FlagGroup<Asked>[] = [
  [
    "Options:",
    ["-t, --tag", "stringArray", 'Name and optionally a tag (format: "name:tag")', build.many("tags", text)],
    ["-f, --file", "string", 'Name of the Dockerfile (default: "PATH/Dockerfile")', build.one("file", text)],
    ["--build-arg", "stringArray", "Set build-time variables", build.many("buildArgs", buildArg)],
    ["--target", "string", "Set the target build stage to build", build.one("target", text)],
    ["--no-cache", "", "Do not use cache when building the image", build.one("noCache", boolean)],
    ["--pull", "", "Always attempt to pull all referenced images", build.one("pull", boolean)],
    ["--platform", "string", "Set target platform for build", build.one("platform", parsePlatform)],
    [
      "--secret",
      "stringArray",
      'Secret to expose to the build (format: "id=mysecret[,src=/local/secret]")',
      build.many("secrets", secret),
    ],
    ["--network", "string", "Networking mode of RUN: default, host or none", build.one("network", network)],
    ["--label", "stringArray", "Set metadata for an image", build.many("labels", label)],
    [
      "--progress",
      "string",
      "Set type of progress output (auto, plain, rawjson, tty)",
      build.one("progress", progress),
    ],
    ["--iidfile", "string", "Write the image ID to a file", build.one("iidfile", text)],
    [
      "-o, --output",
      "string",
      'Output destination (format: "type=local,dest=path")',
      build.many("outputs", parseOutput),
    ],
    ["-q, --quiet", "", "Suppress the build output and print image ID on success", build.one("quiet", boolean)],
  ],
];

export async function verb(argv: string[], roots: Roots): Promise<number> {
  const asked: Asked = {
    tags: [],
    buildArgs: [],
    noCache: false,
    pull: false,
    secrets: [],
    labels: [],
    network: "host",
    outputs: [],
    progress: "auto",
    quiet: false,
  };
  const words = readCommand({ name: "build", operands: ["<path>"], flags: FLAGS, asked }, argv);
  if (words === undefined) return 0;
  return interruptible((signal) => buildShown(roots, asked, words[0]!, signal));
}

async function buildShown(roots: Roots, asked: Asked, where: string, signal: AbortSignal): Promise<number> {
  const onProgress = await progressOf(asked);
  try {
    const { id } = await buildImage(roots, { ...requestOf(asked, where), onProgress, signal });
    if (asked.iidfile !== undefined) writeFileSync(asked.iidfile, id);
    if (asked.quiet) writeAll(1, `${id}\n`);
    return 0;
  } finally {
    onProgress.close();
  }
}

function requestOf(asked: Asked, where: string) {
  const { tags, file, target, noCache, pull, labels, secrets, buildArgs, platform, outputs, network } = asked;
  const args = new Map(buildArgs.filter((pair): pair is [string, string] => pair[1] !== undefined));
  return {
    where,
    dockerfile: file,
    // Opened when it is read: that takes longer than to find all in the cache.
    stdin: { [Symbol.asyncIterator]: () => process.stdin[Symbol.asyncIterator]() },
    tags,
    given: { buildArgs: args, platform: platform ?? hostPlatform() },
    target,
    noCache,
    pull,
    outputs,
    network,
    stdout: (bytes: Buffer) => writeAll(1, bytes),
    labels: Object.fromEntries(labels),
    secrets: new Map(secrets),
    epoch: epochOf(args.get("SOURCE_DATE_EPOCH") ?? process.env.SOURCE_DATE_EPOCH),
  };
}

/** See reproducible-builds.org, "SOURCE_DATE_EPOCH". */
function epochOf(value: string | undefined): number | undefined {
  if (value === undefined || value === "") return undefined;
  if (/^\d{1,12}$/.test(value)) return Number(value);
  throw new UserError(`invalid SOURCE_DATE_EPOCH: ${value}`);
}

/** A bare name has its value from our own environment, if it is there. */
function buildArg(value: string): [string, string | undefined] {
  const [name, rest] = splitPair(value);
  if (name === "") throw new UserError(`invalid build argument: ${value}`);
  return [name, value.includes("=") ? rest : variable(name)];
}

function secret(value: string): [string, Secret] {
  const fields = new Map(value.split(",").map(splitPair));
  const { id, src, source, env, type } = Object.fromEntries(fields) as Record<string, string | undefined>;
  const stray = [...fields.keys()].find((key) => !["id", "src", "source", "env", "type"].includes(key));
  if (stray !== undefined) throw new UserError(`unexpected key '${stray}' in '${value}'`);
  if (!id) throw new UserError(`secret needs an id: ${value}`);
  const name = env ?? (type === "env" ? (src ?? source ?? id) : undefined);
  const path = src ?? source ?? (variable(id) === undefined ? id : undefined);
  const from = name ?? (path === undefined ? id : undefined);
  if (from === undefined) return [id, { source: { path: readable(path!) } }];
  return [id, { source: { value: variable(from) ?? "" } }];
}

/** Of our own environment. An object has more names than those that it was given: `constructor`. */
function variable(name: string): string | undefined {
  return Object.hasOwn(process.env, name) ? process.env[name] : undefined;
}

function readable(path: string): string {
  try {
    readFileSync(path);
    return path;
  } catch {
    throw new UserError(`failed to stat ${path}: no such file or directory`);
  }
}

/** The default is the host's, as long as there is no other that leads anywhere. */
function network(value: string): Network {
  if (value === "none") return "none";
  if (value === "host" || value === "default") return "host";
  throw new UserError(`network mode ${JSON.stringify(value)} is not supported: default, host or none`);
}

function progress(value: string): string {
  if (["auto", "plain", "json", "rawjson", "tty", "quiet"].includes(value)) return value;
  throw new UserError(`invalid progress mode ${JSON.stringify(value)}: auto, plain, rawjson or tty`);
}
