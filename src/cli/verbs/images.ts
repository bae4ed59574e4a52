// `images`: which images there are.

import { UserError } from "../../01-syscalls/index.ts";
import { type ListedImage, listVariants, shortId } from "../../06-images/index.ts";
import type { Roots } from "../../10-containers/folders.ts";
import { findImages } from "../../10-containers/look/list-images.ts";
import { readCommand } from "../flags/command.ts";
import { type FlagGroup, setters } from "../flags/flags.ts";
import { FILTER, formatOf, type ListLook, listLook, lookFlags } from "../flags/list-flags.ts";
import { boolean } from "../flags/values.ts";
import { formatList, type Row } from "../show/format.ts";
import { goTime } from "../show/go-time.ts";
import { variantsTable } from "../show/images-tree.ts";
import { report } from "../show/report.ts";
import { humanDuration, humanSize } from "../show/units.ts";

interface Asked extends ListLook {
  all: boolean;
  digests: boolean;
  tree: boolean;
}

const images = setters<Asked>();

const FLAGS: FlagGroup<Asked>[] = [
  [
    "Options:",
    ["-a, --all", "", "Show all images: there are no intermediate ones", images.one("all", boolean)],
    ["--digests", "", "Show digests", images.one("digests", boolean)],
    ["--tree", "", "List multi-platform images as a tree", images.one("tree", boolean)],
    FILTER,
    ...lookFlags("image"),
  ],
];

const HEADINGS = {
  Containers: "CONTAINERS",
  CreatedAt: "CREATED AT",
  CreatedSince: "CREATED",
  Digest: "DIGEST",
  ID: "IMAGE ID",
  Repository: "REPOSITORY",
  SharedSize: "SHARED SIZE",
  Size: "SIZE",
  Tag: "TAG",
  UniqueSize: "UNIQUE SIZE",
  VirtualSize: "SIZE",
};

export async function verb(argv: string[], roots: Roots): Promise<number> {
  const asked: Asked = { ...listLook(), all: false, digests: false, tree: false };
  const operands = ["[repository[:tag]]"];
  const words = readCommand({ name: "images", operands, flags: FLAGS, asked }, argv);
  if (words === undefined) return 0;
  let code = 0;
  const onDamaged = (_name: string, error: Error) => {
    code = report(error, 1);
  };
  if (asked.tree) return printTree(roots, asked, words[0], onDamaged) || code;
  const found = findImages(roots, { reference: words[0], filters: asked.filters, onDamaged });
  const rows = found.map((image) => row(image, asked.noTrunc));
  const standard = `table {{.Repository}}\t{{.Tag}}\t${asked.digests ? "{{.Digest}}\t" : ""}{{.ID}}\t{{.CreatedSince}}\t{{.Size}}`;
  const quiet = asked.quiet ? "ID" : undefined;
  process.stdout.write(formatList({ format: formatOf(asked), standard, headings: HEADINGS, quiet, rows }));
  return code;
}

/** Docker has no other way of looking at the tree, either. */
function printTree({ root }: Roots, asked: Asked, name: string | undefined, onDamaged: OnDamaged): number {
  if (name !== undefined || asked.quiet || asked.format !== undefined || asked.filters.length > 0) {
    throw new UserError("--tree shows all images, and goes together with no name, filter, format or --quiet");
  }
  process.stdout.write(variantsTable(listVariants(root, onDamaged), asked.noTrunc));
  return 0;
}

type OnDamaged = (name: string, error: Error) => void;

const NONE = "<none>";
/** What Docker says of sizes that only its daemon could tell apart. */
const UNKNOWN = "N/A";

function row({ repository, tag, digest, id, created, sizeBytes }: ListedImage, noTrunc: boolean): Row {
  return {
    Containers: UNKNOWN,
    CreatedAt: created === undefined ? UNKNOWN : goTime(new Date(created)),
    CreatedSince: created === undefined ? UNKNOWN : `${humanDuration(Date.now() - Date.parse(created))} ago`,
    Digest: digest,
    ID: noTrunc ? id : shortId(id),
    Repository: repository ?? NONE,
    SharedSize: UNKNOWN,
    Size: humanSize(sizeBytes, 3),
    Tag: tag ?? NONE,
    UniqueSize: UNKNOWN,
    VirtualSize: humanSize(sizeBytes),
  };
}
