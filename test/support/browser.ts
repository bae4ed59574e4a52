// A browser with nobody at it: Debian's Chromium, with a profile of its own that goes with the test.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium, type Page } from "playwright-core";
import { onTestFinished } from "vitest";

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
  const home = mkdtempSync(join(tmpdir(), "browser-"));
  const context = await chromium.launchPersistentContext(join(home, "profile"), {
    executablePath: "/usr/bin/chromium",
    headless: true,
    args: FLAGS,
    env: { ...process.env, HOME: home },
    viewport: { width, height },
    colorScheme: colours,
    reducedMotion: "reduce",
  });
  const page = context.pages()[0] ?? (await context.newPage());
  const complaints = complaintsOf(page);
  onTestFinished(async () => {
    await close(context, home);
    if (complaints.length > 0) throw new Error(`the page complains:\n${complaints.join("\n")}`);
  });
  return page;
}

async function close(context: BrowserContext, home: string): Promise<void> {
  await context.close();
  rmSync(home, { recursive: true, force: true, maxRetries: 5 });
}

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

/** What axe-core finds on the page, or in a part of it, that is serious: one line each. */
export async function barriersOn(page: Page, part = "html"): Promise<string[]> {
  const run = `axe.run(${JSON.stringify(part)}, { resultTypes: ["violations"], preload: false })`;
  const { violations } = (await page.evaluate(`(() => { ${AXE}; return ${run}; })()`)) as { violations: Finding[] };
  const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  return serious.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.join(" ")}: ${failureSummary}`),
  );
}
