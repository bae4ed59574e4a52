// `events`: what happens to containers and images, as it happens.

import type { Event } from "../../10-containers/events.ts";
import type { Roots } from "../../10-containers/folders.ts";
import { type EventRequest, tellEvents } from "../../10-containers/look/follow-events.ts";
import { readCommand } from "../flags/command.ts";
import { filterPair } from "../flags/filter-flag.ts";
import { type FlagGroup, setters } from "../flags/flags.ts";
import { localRfc3339, moment } from "../flags/moments.ts";
import { compileTemplate, mapOf } from "../show/template.ts";

interface Asked {
  filters: [key: string, value: string][];
  format?: string;
  since: string;
  until: string;
}

const events = setters<Asked>();
const text = (given: string): string => given;

const FLAGS: FlagGroup<Asked>[] = [
  [
    "Options:",
    ["-f, --filter", "filter", "Filter output based on conditions provided", events.many("filters", filterPair)],
    ["--format", "string", "'json' or a Go template", events.one("format", text)],
    ["--since", "string", "Show all events created since a time or a duration ago", events.one("since", text)],
    ["--until", "string", "Stream events until this time", events.one("until", text)],
  ],
];

export async function verb(argv: string[], roots: Roots): Promise<number> {
  const asked: Asked = { filters: [], since: "", until: "" };
  if (readCommand({ name: "events", flags: FLAGS, asked }, argv) === undefined) return 0;
  const { filters, since, until } = asked;
  const request: EventRequest = {
    filters,
    ...(since !== "" && { since: moment(since) }),
    ...(until !== "" && { until: moment(until) }),
  };
  const print = printer(asked.format);
  await tellEvents(roots, request, (event) => process.stdout.write(`${print(event)}\n`));
  return 0;
}

function printer(format = ""): (event: Event) => string {
  if (format === "") return line;
  if (format === "json" || /^\{\{\s*json \.\s*\}\}$/.test(format)) return jsonLine;
  const fill = compileTemplate(format);
  return (event) => fill(fields(event));
}

/** `2026-11-28T16:36:09.264878822Z container create d49f… (image=bb, name=ev)` */
function line({ timeNano, type, action, id, attributes }: Event): string {
  const pairs = Object.entries(attributes).map(([key, value]) => `${key}=${value}`);
  return `${localRfc3339(BigInt(timeNano))} ${type} ${action} ${id} (${pairs.sort().join(", ")})`;
}

/** Nanoseconds have more digits than a number keeps, so they go in as text. */
function jsonLine(event: Event): string {
  const { Type, Action, Actor, Scope, Status, ID, From, Time, TimeNano } = fields(event);
  const actor = { ...Actor, Attributes: sorted(event.attributes) };
  const from = From === "" ? {} : { from: From };
  const shown = { status: Status, id: ID, ...from, Type, Action, Actor: actor, scope: Scope, time: Time };
  return JSON.stringify(shown).replace(/\}$/, `,"timeNano":${TimeNano}}`);
}

function sorted(attributes: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(attributes).sort(([one], [other]) => (one < other ? -1 : 1)));
}

function fields({ timeNano, type, action, id, attributes }: Event) {
  return {
    Type: type,
    Action: action,
    Actor: { ID: id, Attributes: mapOf(attributes) },
    Scope: "local",
    Status: action,
    ID: id,
    From: type === "container" ? (attributes.image ?? "") : "",
    Time: Number(BigInt(timeNano) / 1_000_000_000n),
    TimeNano: timeNano,
  };
}
