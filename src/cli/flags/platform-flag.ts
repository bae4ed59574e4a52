// `--platform os[/arch[/variant]]`: an image may be there for several machines.

import { type Platform, parsePlatform } from "../../06-images/index.ts";
import { type Flag, setters } from "./flags.ts";

export interface PlatformAsked {
  platform?: Platform;
}

const HOW = 'Formatted as "os[/arch[/variant]]" (e.g., "linux/amd64")';

/** `what` says what is done with the one that is named. */
export function platformFlag(what: string): Flag<PlatformAsked> {
  return ["--platform", "string", `${what}. ${HOW}`, setters<PlatformAsked>().one("platform", parsePlatform)];
}
