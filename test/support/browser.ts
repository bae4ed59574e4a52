// A browser with nobody at it: Debian's Chromium. It is started once for a file of tests, since that takes seconds; each page
// has a profile of its own, which goes with the test.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, onTestFinished } from "vitest";

/** It asks nobody anything: neither for updates nor for what else it likes to know. */
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export interface Screen {
  width?: number;
  height?: number;
  colours?: "light" | "dark";
}

/** An empty page. The test fails if the page says that something is wrong, or loads anything from elsewhere. */
export async function openPage({ width = 1280, height = 800, colours = "light" }: Screen = {}): Promise<Page> {
  browser ??= launch();
  const context = await (await browser).newContext({
    viewport: { width, height },
    colorScheme: colours,
    reducedMotion: "reduce",
  });
  const page = await context.newPage();
  const complaints = complaintsOf(page);
  onTestFinished(async () => {
    await context.close();
    if (complaints.length > 0) throw new Error(`the page complains:\n${complaints.join("\n")}`);
  });
  return page;
}

let browser: Promise<Browser> | undefined;

/** In a folder of its own. */
async function launch(): Promise<Browser> {
  const home = mkdtempSync(join(tmpdir(), "browser-"));
  const env = { ...process.env, HOME: home, TMPDIR: home };
  const launched = await chromium.launch({ executablePath: "/usr/bin/chromium", headless: true, args: FLAGS, env });
  launched.once("disconnected", () => rmSync(home, { recursive: true, force: true, maxRetries: 5 }));
  return launched;
}

afterAll(async () => {
  await (await browser)?.close();
});

function complaintsOf(page: Page): string[] {
  const complaints: string[] = [];
  page.on("pageerror", ({ message }) => complaints.push(message));
  page.on("console", (said) => {
    if (said.type() === "error") complaints.push(said.text());
  });
  page.on("request", (request) => {
    const { protocol, hostname } = new URL(request.url());
    const isOurs = protocol === "file:" || protocol === "data:" || hostname === "127.0.0.1";
    if (!isOurs) complaints.push(`it asks for ${request.url()}`);
  });
  return complaints;
}

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

interface Finding {
  id: string;
  impact: string;
  nodes: { target: string[]; failureSummary: string }[];
}

/** What axe-core finds on the page, or in a part of it, that is serious: one line each. `only` these rules, if any are named. */
export async function barriersOn(page: Page, part = "html", only?: string[]): Promise<string[]> {
  const options = { resultTypes: ["violations"], preload: false, ...(only && { runOnly: only }) };
  const run = `axe.run(${JSON.stringify(part)}, ${JSON.stringify(options)})`;
  const { violations } = (await page.evaluate(`(() => { ${AXE}; return ${run}; })()`)) as { violations: Finding[] };
  const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  return serious.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.join(" ")}: ${failureSummary}`),
  );
}
