// `logs`: what a container printed, each stream to ours.

import { UserError } from "../../01-syscalls/index.ts";
import type { Roots } from "../../10-containers/folders.ts";
import { findSettled } from "../../10-containers/settle.ts";
import { type LogRequest, tellLog } from "../../10-containers/streams/follow-log.ts";
import type { LogEntry } from "../../10-containers/streams/logs.ts";
import { readCommand } from "../flags/command.ts";
import { type FlagGroup, setters } from "../flags/flags.ts";
import { moment, rfc3339 } from "../flags/moments.ts";
import { boolean } from "../flags/values.ts";
import { toOurOutput } from "../foreground.ts";

interface Asked {
  details: boolean;
  follow: boolean;
  since: string;
  until: string;
  tail: string;
  timestamps: boolean;
}

const logs = setters<Asked>();
const text = (given: string): string => given;

const FLAGS: FlagGroup<Asked>[] = [
  [
    "Options:",
    ["--details", "", "Show extra details provided to logs", logs.one("details", boolean)],
    ["-f, --follow", "", "Follow log output", logs.one("follow", boolean)],
    ["--since", "string", "Show logs since a time or a duration ago (42m)", logs.one("since", text)],
    ["-n, --tail", "string", 'Number of lines to show from the end (default "all")', logs.one("tail", text)],
    ["-t, --timestamps", "", "Show timestamps", logs.one("timestamps", boolean)],
    ["--until", "string", "Show logs before a time or a duration ago (42m)", logs.one("until", text)],
  ],
];

export async function verb(argv: string[], roots: Roots): Promise<number> {
  const asked: Asked = { details: false, follow: false, since: "", until: "", tail: "all", timestamps: false };
  const names = readCommand({ name: "logs", operands: ["<container>"], flags: FLAGS, asked }, argv);
  if (names === undefined) return 0;
  const request = requestOf(asked);
  await tellLog(await findSettled(roots, names[0]!), request, printer(asked));
  return 0;
}

function requestOf({ follow, since, until, tail }: Asked): LogRequest {
  return {
    follow,
    ...(since !== "" && { since: timeOf("since", since) }),
    ...(until !== "" && { until: timeOf("until", until) }),
    ...(/^\d+$/.test(tail) && { tail: Number(tail) }),
  };
}

function timeOf(flag: string, given: string): string {
  try {
    return rfc3339(moment(given));
  } catch (cause) {
    throw new UserError(`invalid value for "${flag}"`, { cause });
  }
}

const NEWLINE = 10;

/** What stands in front of a line stands there once, in however many parts the line comes. */
function printer({ timestamps, details }: Asked): (entry: LogEntry) => void {
  const isInLine = { stdout: false, stderr: false };
  return ({ time, stream, bytes }) => {
    const before = isInLine[stream] ? "" : `${timestamps ? `${time} ` : ""}${details ? " " : ""}`;
    isInLine[stream] = bytes.at(-1) !== NEWLINE;
    toOurOutput[stream](before === "" ? bytes : Buffer.concat([Buffer.from(before), bytes]));
  };
}
