// `playground`: the course in the browser, until Ctrl-C.

import { once } from "node:events";
import { join } from "node:path";
import type { Roots } from "../../10-containers/folders.ts";
import { languageOf } from "../../course/language.ts";
import { openPlayground } from "../../course/playground/playground.ts";
import { findWorkshop } from "../../course/workshop.ts";
import { readCommand } from "../flags/command.ts";
import { type FlagGroup, setters } from "../flags/flags.ts";
import { boolean, unsigned16 } from "../flags/values.ts";
import { openBrowser } from "../open-browser.ts";
import { writeAll } from "../output.ts";

interface Asked {
  port: number;
  lang?: string;
  noOpen: boolean;
}

const playground = setters<Asked>();

const FLAGS: FlagGroup<Asked>[] = [
  [
    "Options:",
    ["--lang", "string", "The language the page begins in: en or zh", playground.one("lang", (text) => text)],
    ["--no-open", "", "Print the address, and open no browser", playground.one("noOpen", boolean)],
    [
      "--port",
      "uint16",
      "Port to listen on, of 127.0.0.1 (default one that is free)",
      playground.one("port", unsigned16),
    ],
  ],
];

export async function verb(argv: string[], roots: Roots): Promise<number> {
  const asked: Asked = { port: 0, noOpen: false };
  const folder = readCommand({ name: "playground", operands: ["[workshop]"], flags: FLAGS, asked }, argv);
  if (folder === undefined) return 0;
  const language = languageOf(asked.lang);
  const ended = Promise.race([once(process, "SIGINT"), once(process, "SIGTERM"), once(process, "SIGHUP")]);
  const { url, close } = await openPlayground(roots, {
    port: asked.port,
    siteFolder: join(import.meta.dirname, "playground"),
    workshop: findWorkshop(folder[0]),
    program: (...words) => [
      process.execPath,
      "--",
      process.argv[1]!,
      "--root",
      roots.root,
      "--state",
      roots.state,
      ...words,
    ],
  });
  const page = `${url}?lang=${language}`;
  writeAll(1, `${page}\n\nWhoever has this address has a shell here: keep it to yourself. Ctrl-C ends it.\n`);
  if (!asked.noOpen) openBrowser(page);
  await ended;
  await close();
  return 0;
}
