// Which variables an instruction sees. `ARG`s before the first `FROM` are seen by `FROM` lines alone, until a stage asks for
// one by name. Inside a stage what `ENV` sets, or the base image has, hides an `ARG` of that name. Some arguments exist
// without being declared: proxies, and the platforms of machine and image.
//
// See the Dockerfile reference, "ARG", "Scope" and "Using ARG variables".

import { formatPlatform, hostPlatform, type Platform } from "../06-images/index.ts";
import type { Lookup } from "./expand.ts";

/** They reach every `RUN`, and change nothing about what it makes: the cache doesn't look at them. */
const PROXIES = ["HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY"].flatMap((name) => [
  name,
  name.toLowerCase(),
]);

export interface Given {
  /** `--build-arg`. */
  buildArgs: ReadonlyMap<string, string>;
  platform: Platform;
}

/** What nobody needs to declare before `FROM`, and everybody has to inside a stage. */
function platformArgs(platform: Platform): ReadonlyMap<string, string> {
  const of = (prefix: string, { os, architecture, variant = "" }: Platform): [string, string][] => [
    [`${prefix}PLATFORM`, formatPlatform({ os, architecture, ...(variant && { variant }) })],
    [`${prefix}OS`, os],
    [`${prefix}ARCH`, architecture],
    [`${prefix}VARIANT`, variant],
  ];
  return new Map([...of("TARGET", platform), ...of("BUILD", hostPlatform())]);
}

/** Before the first `FROM`. */
export class GlobalArgs {
  readonly given: Given;
  private readonly declared = new Map<string, string | undefined>();
  private readonly platforms: ReadonlyMap<string, string>;

  constructor(given: Given) {
    this.given = given;
    this.platforms = platformArgs(given.platform);
  }

  declare(name: string, value: string | undefined): void {
    this.declared.set(name, this.given.buildArgs.get(name) ?? this.platforms.get(name) ?? value);
  }

  readonly lookup: Lookup = (name) => (this.declared.has(name) ? this.declared.get(name) : this.platforms.get(name));

  isDeclared(name: string): boolean {
    return this.declared.has(name);
  }
}

/** Of one stage, while its instructions are gone through. */
export class StageVariables {
  private readonly globals: GlobalArgs;
  private readonly declared: Map<string, string | undefined>;
  /** `NAME=value`, of the image so far. */
  private env: readonly string[];

  /** A stage that begins with another, `parent`, has its arguments too. */
  constructor(globals: GlobalArgs, env: readonly string[], parent?: StageVariables) {
    this.globals = globals;
    this.env = env;
    this.declared = new Map(parent?.declared);
  }

  setEnv(env: readonly string[]): void {
    this.env = env;
  }

  /** `ARG name[=value]`. Without a value it is the one from before the first `FROM`, if there is one. */
  declare(name: string, value: string | undefined): void {
    const own = this.globals.given.buildArgs.get(name);
    this.declared.set(name, own ?? value ?? this.globals.lookup(name) ?? (value === undefined ? undefined : ""));
  }

  readonly lookup: Lookup = (name) => this.fromEnv(name) ?? this.declared.get(name) ?? this.proxy(name);

  /** `NAME=value` of all arguments that are not hidden, for `RUN`; proxies apart, since nothing depends on them. */
  get args(): string[] {
    const seen = [...this.declared].filter(([name, value]) => value !== undefined && !this.isHidden(name));
    return seen.map(([name, value]) => `${name}=${value}`);
  }

  get proxies(): string[] {
    const { buildArgs } = this.globals.given;
    const given = PROXIES.filter((name) => buildArgs.has(name) && !this.declared.has(name));
    return given.map((name) => `${name}=${buildArgs.get(name)}`);
  }

  private isHidden(name: string): boolean {
    return this.fromEnv(name) !== undefined;
  }

  private fromEnv(name: string): string | undefined {
    return this.env.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
  }

  private proxy(name: string): string | undefined {
    return PROXIES.includes(name) ? this.globals.given.buildArgs.get(name) : undefined;
  }
}

/** `--build-arg`s that nothing asks for are mostly misspelt. */
export function unusedArgs(given: Given, isDeclared: (name: string) => boolean): string[] {
  const known = new Set([...PROXIES, ...platformArgs(given.platform).keys(), "SOURCE_DATE_EPOCH"]);
  return [...given.buildArgs.keys()].filter((name) => !known.has(name) && !isDeclared(name));
}
