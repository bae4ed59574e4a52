// `attach`: to a running container, as if it had been started here.

import type { Roots } from "../../10-containers/folders.ts";
import { findSettled } from "../../10-containers/settle.ts";
import { attachInForeground } from "../../10-containers/streams/foreground.ts";
import { readCommand } from "../flags/command.ts";
import { type FlagGroup, setters } from "../flags/flags.ts";
import { detachKeys } from "../flags/run-values.ts";
import { boolean } from "../flags/values.ts";
import { CTRL_P_CTRL_Q, requireTerminal, toOurOutput } from "../foreground.ts";

interface Asked {
  detachKeys: number[];
  noStdin: boolean;
  sigProxy: boolean;
}

const attach = setters<Asked>();

const FLAGS: FlagGroup<Asked>[] = [
  [
    "Options:",
    ["--detach-keys", "string", "Keys to leave by (ctrl-p,ctrl-q)", attach.one("detachKeys", detachKeys)],
    ["--no-stdin", "", "Do not attach STDIN", attach.one("noStdin", boolean)],
    ["--sig-proxy", "", "Pass signals on to the process (default true)", attach.one("sigProxy", boolean)],
  ],
];

export async function verb(argv: string[], roots: Roots): Promise<number> {
  const asked: Asked = { detachKeys: CTRL_P_CTRL_Q, noStdin: false, sigProxy: true };
  const names = readCommand({ name: "attach", operands: ["<container>"], flags: FLAGS, asked }, argv);
  if (names === undefined) return 0;
  const container = await findSettled(roots, names[0]!);
  const { tty, interactive: hasStdin } = container.record.options;
  const how = { tty, interactive: hasStdin && !asked.noStdin, detachKeys: asked.detachKeys };
  requireTerminal(how);
  return (await attachInForeground(container, { ...how, proxySignals: asked.sigProxy, handlers: toOurOutput })) ?? 0;
}
