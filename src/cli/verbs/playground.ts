// `playground`: the course in the browser, until Ctrl-C.

import { once } from "node:events";
import { join } from "node:path";
import { UserError } from "../../01-syscalls/index.ts";
import type { Roots } from "../../10-containers/folders.ts";
import { openPlayground } from "../../course/playground/playground.ts";
import { readCommand } from "../flags/command.ts";
import { type FlagGroup, setters } from "../flags/flags.ts";
import { boolean, unsigned16 } from "../flags/values.ts";
import { openBrowser } from "../open-browser.ts";
import { writeAll } from "../output.ts";

interface Asked {
  port: number;
  lang: "en" | "zh";
  noOpen: boolean;
}

const playground = setters<Asked>();

const FLAGS: FlagGroup<Asked>[] = [
  [
    "Options:",
    ["--lang", "string", "The language the page begins in: en or zh", playground.one("lang", language)],
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
  const asked: Asked = { port: 0, lang: usualLanguage(process.env), noOpen: false };
  const folder = readCommand({ name: "playground", operands: ["[workshop]"], flags: FLAGS, asked }, argv);
  if (folder === undefined) return 0;
  const ended = Promise.race([once(process, "SIGINT"), once(process, "SIGTERM"), once(process, "SIGHUP")]);
  const { url, close } = await openPlayground(roots, {
    port: asked.port,
    language: asked.lang,
    siteFolder: join(import.meta.dirname, "playground"),
    workshop: folder[0] ?? process.cwd(),
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
  const page = asked.lang === "en" ? url : `${url}?lang=${asked.lang}`;
  writeAll(1, `${page}\n\nWhoever has this address has a shell here: keep it to yourself. Ctrl-C ends it.\n`);
  if (!asked.noOpen) openBrowser(page);
  await ended;
  await close();
  return 0;
}

function language(text: string): Asked["lang"] {
  if (text === "en" || text === "zh") return text;
  throw new UserError(`there is no "${text}": only en and zh`);
}

function usualLanguage({ LC_ALL, LC_MESSAGES, LANG }: NodeJS.ProcessEnv): Asked["lang"] {
  return /^zh/.test(LC_ALL || LC_MESSAGES || LANG || "") ? "zh" : "en";
}
