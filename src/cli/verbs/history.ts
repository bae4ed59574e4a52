// `history`: the instructions that made an image, newest first, and the bytes that each of them added.

import { findImage, type HistoryStep, historyOf, noSuchImage, shortId } from "../../06-images/index.ts";
import type { Roots } from "../../10-containers/folders.ts";
import { readCommand } from "../flags/command.ts";
import { type FlagGroup, setters } from "../flags/flags.ts";
import { formatOf, type ListLook, listLook, lookFlags } from "../flags/list-flags.ts";
import { type PlatformAsked, platformFlag } from "../flags/platform-flag.ts";
import { boolean } from "../flags/values.ts";
import { printable } from "../show/explore-lines.ts";
import { formatList, type Row } from "../show/format.ts";
import { humanDuration, humanSize } from "../show/units.ts";
import { truncate } from "../show/width.ts";

interface Asked extends ListLook, PlatformAsked {
  human: boolean;
}

const FLAGS: FlagGroup<Asked>[] = [
  [
    "Options:",
    [
      "-H, --human",
      "",
      "Print sizes and dates in human readable format (default true)",
      setters<Asked>().one("human", boolean),
    ],
    ...lookFlags("image"),
    platformFlag("Show history for the given platform"),
  ],
];

const STANDARD = "table {{.ID}}\t{{.CreatedSince}}\t{{.CreatedBy}}\t{{.Size}}\t{{.Comment}}";

const HEADINGS = {
  Comment: "COMMENT",
  CreatedAt: "CREATED AT",
  CreatedBy: "CREATED BY",
  CreatedSince: "CREATED",
  ID: "IMAGE",
  Size: "SIZE",
};

export async function verb(argv: string[], roots: Roots): Promise<number> {
  const asked: Asked = { ...listLook(), human: true };
  const names = readCommand({ name: "history", operands: ["<image>"], flags: FLAGS, asked }, argv);
  if (names === undefined) return 0;
  const { platform } = asked;
  const image = await findImage(roots.root, names[0]!, platform && { platform });
  if (!image) throw noSuchImage(names[0]!);
  const id = asked.noTrunc ? image.id : shortId(image.id);
  const rows = historyOf(image)
    .reverse()
    .map((step, index) => row(step, index === 0 ? id : MISSING, asked));
  const quiet = asked.quiet ? "ID" : undefined;
  process.stdout.write(formatList({ format: formatOf(asked), standard: STANDARD, headings: HEADINGS, quiet, rows }));
  return 0;
}

/** What lies below an image is no image of its own, and so has no id. */
const MISSING = "<missing>";
const UNKNOWN = "N/A";
const CREATED_BY_WIDTH = 45;

function row({ created, createdBy, comment, sizeBytes }: HistoryStep, id: string, { noTrunc, human }: Asked): Row {
  const command = onScreen(createdBy.replaceAll("\t", " "));
  const at = created === undefined ? "" : created.replace(/\.\d+Z$/, "Z");
  return {
    Comment: onScreen(comment),
    CreatedAt: at,
    CreatedBy: noTrunc ? command : truncate(command, CREATED_BY_WIDTH),
    CreatedSince: human ? since(created) : at,
    ID: id,
    Size: human ? humanSize(sizeBytes, 3) : String(sizeBytes),
  };
}

/** Whoever made the image has written it: a terminal gets no escape codes of theirs. */
function onScreen(text: string): string {
  return process.stdout.isTTY ? printable(text) : text;
}

function since(created: string | undefined): string {
  return created === undefined ? UNKNOWN : `${humanDuration(Date.now() - Date.parse(created))} ago`;
}
