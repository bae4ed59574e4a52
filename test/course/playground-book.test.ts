import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LANGUAGES, lessonNames } from "../../src/course/lesson/index.ts";
import { lessonsIn } from "../../src/course/playground/lessons.ts";
import { barriersOn, openPage } from "../support/browser.ts";
import { cliForTests } from "../support/cli.ts";
import { needs } from "../support/needs.ts";

const md = cliForTests();

/** axe-core looks at every element, and at what is behind it. */
const SLOW_MS = 180_000;

const folder = mkdtempSync(join(tmpdir(), "book-"));
beforeAll(() => void md.ok("learn", "book", folder));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the book", () => {
  test("has a page for every lesson, in every language that it is written in", () => {
    for (const language of LANGUAGES) {
      const pages = readdirSync(join(folder, language)).filter((name) => /^\d/.test(name));
      expect(pages.sort()).toEqual(lessonsIn(language).map((name) => `${name}.html`));
    }
  });

  test("shows nothing of what the exercises ask for", () => {
    for (const name of lessonNames()) {
      const html = readFileSync(join(folder, "en", `${name}.html`), "utf8");
      expect(html).not.toContain('class="line"');
    }
  });

  test("opens from the disk, and replays a run call by call", needs("program:chromium"), async () => {
    const page = await openPage();
    await page.goto(`file://${folder}/index.html`);
    await page.getByRole("link", { name: "Containers are system calls" }).click();
    await page.getByRole("link", { name: /^02/ }).click();
    await page.getByRole("heading", { level: 1 }).waitFor();
    const { steps } = JSON.parse(readFileSync(join(folder, "run.js"), "utf8").replace(/^[^{]*|;\s*$/g, "")) as {
      steps: { stage: string; call: string }[];
    };
    // It begins where the lesson's stage has its turn.
    const first = steps.findIndex(({ stage }) => stage.startsWith("02-")) + 1;
    await page.getByText(`call ${first} of ${steps.length}`).waitFor();
    await page.getByRole("button", { name: /^Next call/ }).click();
    await page.getByText(`call ${first + 1} of ${steps.length}`).waitFor();
    await page.getByRole("listbox").press("End");
    await page.getByText(`call ${steps.length} of ${steps.length}`).waitFor();
    await page.getByText("The program runs.").waitFor();
  });

  test("asks before it tells", needs("program:chromium"), async () => {
    const page = await openPage();
    await page.goto(`file://${folder}/en/01-syscalls.html`);
    const question = page.locator("form.predict").first();
    const why = question.locator(".why");
    await question.getByRole("button").click();
    expect(await why.isVisible()).toBe(false);
    await question.locator('input[data-right="false"]').first().check();
    await question.getByRole("button").click();
    expect(await why.textContent()).toMatch(/^\s*Not quite\./);
    expect(await question.locator("input:enabled").count()).toBe(0);
  });

  test.each(["light", "dark"] as const)(
    "keeps nobody out, in %s",
    { ...needs("program:chromium", "speed"), timeout: SLOW_MS },
    async (colours) => {
      const page = await openPage({ colours, width: colours === "dark" ? 390 : 1280 });
      for (const path of ["en/index.html", "zh/index.html", "en/01-syscalls.html", "zh/00-why.html"]) {
        await page.goto(`file://${folder}/${path}`);
        expect(await barriersOn(page)).toEqual([]);
        expect(await page.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
      }
    },
  );
});
