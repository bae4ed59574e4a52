// Once all flags of `run` or `create` are read: what fits together is checked, and the files they name are read in, so
// that the options are complete by themselves. The refusals are those of Docker's client (docker/cli, container/opts.go).

import { existsSync, readFileSync } from "node:fs";
import { UserError } from "../../01-syscalls/index.ts";
import { parseTunnel } from "../../08-network/index.ts";
import type { EndpointWish } from "../../10-containers/spec/options.ts";
import { reasonOf } from "../errors.ts";
import { defaultNetwork } from "./default-network.ts";
import { readPairs, splitPair } from "./key-values.ts";
import type { RunCommand } from "./run-flags.ts";

/** What remains to be done when all is there: files are read in, and what does not fit together is refused. */
export function finishRun(command: RunCommand, image: string, args: string[]): RunCommand {
  checkChoices(command);
  checkTogether(command);
  const env = command.envFile.flatMap((path) => readPairs(path, process.env));
  const labels = command.labelFile.flatMap((path) => readPairs(path, {})).map(splitPair);
  return {
    ...command,
    image,
    command: args,
    env: [...env, ...command.env],
    labels: { ...Object.fromEntries(labels), ...command.labels },
    ulimits: lastOfEach(command.ulimits),
    securityOpt: command.securityOpt.map(readSecurityOpt),
    ...networksOf(command),
  };
}

/** `--network default`: the same as none. */
const DEFAULT = "default";

/** Networks of ours by their names, or the one word that stands for none of them. */
function networksOf({
  networks,
  networkAliases,
  ip,
  ip6,
  macAddress,
  ports,
  publishAll,
}: RunCommand): Pick<RunCommand, "network" | "endpoints" | "isDefaultNetwork"> {
  const wishes: EndpointWish[] = networks.length > 0 ? networks : [{ network: DEFAULT, aliases: [] }];
  const isLeftToUs = wishes.some(({ network }) => network === DEFAULT);
  const chosen = isLeftToUs ? defaultNetwork(ports.length > 0 || publishAll) : undefined;
  const named = wishes.map((wish) => (wish.network === DEFAULT ? { ...wish, network: chosen!.network } : wish));
  const [first, ...others] = named as [EndpointWish, ...EndpointWish[]];
  const isOurs = ({ network }: EndpointWish) =>
    !/^(none|host|container:.*)$/.test(network) && parseTunnel(network) === undefined;
  if (others.length > 0 && !named.every(isOurs)) {
    throw new UserError("conflicting options: cannot attach both user-defined and non-user-defined network-modes");
  }
  const { network } = first;
  const isDefault = chosen?.isAsked === false && others.length === 0 && { isDefaultNetwork: true };
  if (!isOurs(first)) return { network, endpoints: [], ...isDefault };
  const own = {
    ...first,
    aliases: [...first.aliases, ...networkAliases],
    ...(ip !== undefined && { address: ip }),
    ...(ip6 !== undefined && { address6: ip6 }),
    ...(macAddress !== undefined && { mac: macAddress }),
  };
  return { network, endpoints: [own, ...others], ...isDefault };
}

/** Of two limits of one name the later counts. */
function lastOfEach(ulimits: RunCommand["ulimits"]): RunCommand["ulimits"] {
  return [...new Map(ulimits.map((one) => [one.name, one])).values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Words that are allowed where a word is asked for; `container:` stands for any container. */
const CHOICES: [keyof RunCommand, string[], (given: string) => string][] = [
  [
    "pull",
    ["always", "missing", "never"],
    (given) => `invalid pull option: '${given}': must be one of "always", "missing" or "never"`,
  ],
  ["pid", ["private", "host", "container:"], () => "--pid: invalid PID mode"],
  ["ipc", ["none", "private", "shareable", "host", "container:"], (given) => `invalid IPC mode: ${given}`],
  ["uts", ["private", "host"], () => "--uts: invalid UTS mode"],
  ["cgroupns", ["private", "host"], () => "--cgroupns: invalid CGROUP mode"],
  ["userns", ["private", "host", "auto"], () => "--userns: invalid USER mode"],
];

function checkChoices(command: RunCommand): void {
  for (const [field, words, refusal] of CHOICES) {
    const given = String(command[field] ?? "");
    if (given !== "" && !words.some((word) => isChosen(given, word))) throw new UserError(refusal(given));
  }
}

function isChosen(given: string, word: string): boolean {
  return word.endsWith(":") ? given.startsWith(word) && given !== word : given === word;
}

function checkTogether(command: RunCommand): void {
  const { attach, cidfile, detach, remove, restart } = command;
  if (remove && restart.name !== "no")
    throw new UserError("conflicting options: cannot specify both --restart and --rm");
  if (detach && attach.length > 0)
    throw new UserError("conflicting options: cannot specify both --attach and --detach");
  if (cidfile && existsSync(cidfile)) {
    throw new UserError(`container ID file found, make sure the other container isn't running or delete ${cidfile}`);
  }
}

/** A seccomp profile is named on the command line, but travels with the options. */
function readSecurityOpt(given: string): string {
  const [, key = given, setting = ""] = /^([^=:]*)[=:](.*)$/s.exec(given) ?? [];
  if (setting === "" && key !== "no-new-privileges")
    throw new UserError(`invalid --security-opt: ${JSON.stringify(given)}`);
  if (key !== "seccomp" || setting === "unconfined" || setting === "builtin") return given;
  return `seccomp=${readProfile(setting)}`;
}

function readProfile(path: string): string {
  try {
    return JSON.stringify(JSON.parse(readFileSync(path, "utf8")));
  } catch (error) {
    if (error instanceof SyntaxError) {
      throw new UserError(`compacting json for seccomp profile (${path}) failed: ${error.message}`);
    }
    throw new UserError(`opening seccomp profile (${path}) failed: open ${path}: ${reasonOf(error)}`);
  }
}
