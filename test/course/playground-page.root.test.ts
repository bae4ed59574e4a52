import { copyFileSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { release, tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { describe, expect, onTestFinished, test } from "vitest";
import { barriersOn, openPage, type Screen } from "../support/browser.ts";
import { cliForTests, ended, printed } from "../support/cli.ts";
import { needs } from "../support/needs.ts";

const md = cliForTests();
/** axe-core looks at every element and at what is behind it; a check starts several containers. */
const SLOW_MS = 180_000;
const CHECKED = { timeout: 50_000 };
const lessons = join(import.meta.dirname, "../../lessons");

/** A workshop in which nobody has done anything yet. */
function newWorkshop(): string {
  const workshop = mkdtempSync(join(tmpdir(), "workshop-"));
  writeFileSync(join(workshop, "progress.json"), `{"lessons":{}}`);
  return workshop;
}

/** The page's address, while the test lasts. */
async function serve(workshop: string): Promise<string> {
  const child = md.begin("playground", "--no-open", "--lang", "en", workshop);
  onTestFinished(async () => {
    const over = ended(child);
    child.kill("SIGINT");
    await over;
  });
  return /http:\S+/.exec(await printed(child, /http:\S+\n/))![0];
}

async function open({ lesson, ...screen }: Screen & { lesson?: string } = {}): Promise<Page & { workshop: string }> {
  const workshop = newWorkshop();
  const url = await serve(workshop);
  const page = await openPage(screen);
  await page.goto(lesson === undefined ? url : `${url}#${lesson}`);
  await page.getByRole("heading", { name: "mini-docker" }).waitFor();
  return Object.assign(page, { workshop });
}

const screenOf = (page: Page) => page.locator(".screen .xterm-accessibility");

describe("the X-ray", () => {
  test(
    "shows the same kernel and different answers, and one process with both its numbers",
    needs("program:chromium", "speed"),
    async () => {
      const page = await open();
      const row = (name: string) => page.getByRole("row", { name: new RegExp(`^${name}`) });
      // Somebody else's may have these names, too.
      await expect.poll(() => md.call("inspect", "meter", "guest").code, { timeout: 30_000 }).toBe(0);
      const outside = md.ok("inspect", "--format", "{{.State.Pid}}", "meter");
      // They come one after the other, and so do their columns.
      await expect
        .poll(() => row("my process id").getByRole("cell").allTextContents(), CHECKED)
        .toEqual([
          expect.stringMatching(new RegExp(`${outside}\\s*is meter's 1`)),
          expect.stringMatching(new RegExp(`^1\\s*outside: ${outside}$`)),
          expect.stringMatching(/^1\s*outside: \d+$/),
        ]);
      expect(await row("my process id").getByRole("rowheader").textContent()).toContain("clone3(CLONE_NEWPID)");
      // One kernel is one cell.
      expect(await row("uname -r").getByRole("cell").allTextContents()).toEqual([expect.stringContaining(release())]);
    },
  );

  test("follows what happens: a hostname, a file that was written", needs("program:chromium", "speed"), async () => {
    const page = await open();
    await page.getByRole("cell", { name: "guest", exact: true }).waitFor();
    md.ok("exec", "--privileged", "guest", "hostname", "renamed");
    await page.getByRole("cell", { name: "renamed" }).waitFor();
    await page.getByRole("tab", { name: "Layers" }).click();
    md.ok("exec", "meter", "touch", "/tmp/written");
    await page.getByText("/tmp/written").waitFor();
  });

  test("draws cables, who is at their other end, and what crosses them, also in the lab", {
    ...needs("program:chromium", "speed"),
    timeout: SLOW_MS,
  }, async () => {
    const page = await open();
    await expect.poll(() => screenOf(page).textContent(), { timeout: 20_000 }).toContain("lab");
    md.ok("network", "create", "--subnet", "10.8.0.0/24", "--ipv6", "--subnet", "fd08::/64", "edge");
    md.ok("run", "-d", "--name", "web", "-h", "web", "--network", "edge", "-p", "8080:80", "base", "sleep", "1000");
    const lab = md
      .ok("ps", "--format", "{{.Names}}")
      .split("\n")
      .find((name) => name.startsWith("lab"))!;
    // The same addresses and numbers of links once more, in a network of its own.
    const inLab =
      "mini-docker network create --subnet 10.8.0.0/24 edge && mini-docker run -d -h inner --network edge base sleep 1000";
    md.ok("exec", lab, "sh", "-c", inLab);
    await page.getByRole("tab", { name: "Network" }).click();
    const row = (name: string) => page.getByRole("row", { name: new RegExp(`^${name}`) });
    await expect.poll(() => row("inner").textContent(), CHECKED).toMatch(/inner10\.8\.0\.2\/24veth0a080002══eth0/);
    const web = (await row("web").textContent())!;
    expect(web).toMatch(/^web10\.8\.0\.2\/24fd08::\S+\/64veth0a080002══eth0published: 0\.0\.0\.0:8080 → 80\/tcp/);
    expect(await barriersOn(page, ".xray")).toEqual([]);
    expect(await page.locator("caption", { hasText: "edge" }).first().textContent()).toContain("10.8.0.1/24fd08::");
    md.ok("exec", lab, "busybox", "ping", "-c", "3", "10.8.0.2");
    await expect.poll(() => row("inner").textContent(), CHECKED).toMatch(/\+[3-9].*\+[3-9]/);
    expect(await row("web").textContent()).not.toContain("+3");
    md.ok("rm", "-f", "web");
    md.ok("network", "rm", "edge");
    await row("web").waitFor({ state: "detached" });
  });

  test("is used with keys alone", needs("program:chromium", "speed"), async () => {
    const page = await open();
    await page.getByRole("tab", { name: "Answers" }).focus();
    for (const name of ["Limits", "Layers", "Network", "Processes", "Calls", "Answers"]) {
      await page.keyboard.press("ArrowRight");
      await page.getByRole("tab", { selected: true, name }).waitFor();
    }
    await page.locator(".screen textarea").focus();
    await page.keyboard.press("Control+Shift+Escape");
    expect(await page.evaluate("document.activeElement.closest('.pane').className")).toContain("xray");
  });
});

describe("a lesson", () => {
  test("runs a block in the terminal at a click, in a lab", needs("program:chromium", "speed"), async () => {
    const page = await open({ lesson: "03-namespaces" });
    await page.getByRole("heading", { level: 2, name: /^Namespaces/ }).waitFor();
    const block = page.locator(".console", { hasText: "readlink /proc/self/ns/uts" }).first();
    await block
      .getByRole("button", { name: /^Run in the terminal/ })
      .first()
      .click();
    await expect.poll(() => screenOf(page).textContent(), { timeout: 20_000 }).toMatch(/uts:\[\d+\]/);
  });

  test("shows the student's goals as they are reached, with no button", {
    ...needs("program:chromium", "speed"),
    timeout: SLOW_MS,
  }, async () => {
    const page = await open({ lesson: "02-rootfs" });
    const work = page.getByRole("complementary", { name: "What the kernel shows of your work" });
    // The goals come by one way and the text by another, whichever is first.
    await work.getByText("Save 02-rootfs.ts").waitFor();
    await page.locator(".sealed").waitFor();
    const save = (file: string) => copyFileSync(join(lessons, "02-rootfs", file), join(page.workshop, "02-rootfs.ts"));
    save("wrong/chroot.ts");
    await work.locator('li[data-reached="false"]').first().waitFor(CHECKED);
    // While it is checked again, what was wrong before is no hint.
    await work.getByText("Hint").waitFor(CHECKED);
    save("solution.ts");
    await work.getByText("Passed").waitFor(CHECKED);
    expect(await work.locator('li[data-reached="false"]').count()).toBe(0);
    // And what was hidden until now is there, beside the student's own.
    await page.locator(".code .line").first().waitFor();
  });
});

describe("a run", () => {
  test("is walked through while it happens, and stands still before each call", {
    ...needs("program:chromium", "speed"),
    timeout: SLOW_MS,
  }, async () => {
    const page = await open();
    await page.getByRole("tab", { name: "Calls" }).click();
    await page.getByLabel("mini-docker run", { exact: true }).fill("--rm --name slow base sleep 60");
    await page.getByRole("button", { name: "Run, call by call" }).click();
    const next = page.getByRole("button", { name: "Make the next call" });
    await next.click();
    await page.getByText(/^call 1 of \d+/).waitFor();
    await next.click();
    await page.getByText(/^call 2 of \d+/).waitFor();
    expect(md.ok("ps", "--format", "{{.Names}}").split("\n")).not.toContain("slow");
    await page.getByRole("button", { name: "Make all that are left" }).click();
    await page.getByText("The program runs.").waitFor();
    expect(md.ok("ps", "--format", "{{.Names}}").split("\n")).toContain("slow");
  });

  test(
    "is replayed from its recording, and two of its moments compared",
    needs("program:chromium", "speed"),
    async () => {
      const file = join(mkdtempSync(join(tmpdir(), "recorded-")), "run.json");
      md.ok("run", "--rm", "--record", file, "--hostname", "demo", "base", "true");
      const { steps } = JSON.parse(readFileSync(file, "utf8")) as { steps: { name: string }[] };
      const at = steps.findIndex(({ name }) => name === "sethostname") + 1;
      const page = await open();
      await page.getByRole("tab", { name: "Calls" }).click();
      await page.getByLabel("Open a recording").setInputFiles(file);
      await page.getByText(`call 1 of ${steps.length}`).waitFor();
      const list = page.getByRole("listbox", { name: "Calls" });
      await list.focus();
      await page.keyboard.press("ArrowDown");
      await page.getByText(`call 2 of ${steps.length}`).waitFor();
      await page.keyboard.press("Home");
      await page.getByRole("button", { name: "Compare from here" }).click();
      await page.getByRole("slider").fill(String(at));
      await page.locator(".detail .call").getByText('sethostname("demo", 4)', { exact: true }).waitFor();
      const compared = page.locator(".compared");
      expect(await compared.textContent()).toContain(`From call 1 to call ${at}`);
      expect(await compared.getByText("uts", { exact: false }).count()).toBeGreaterThan(0);
      expect(await compared.locator('[data-sign="~"] .sign').first().textContent()).toBe("~");
      // It is longer than the room for it, and has to be reached with keys.
      expect(await barriersOn(page, ".walker")).toEqual([]);
    },
  );
});

describe("nobody is kept out", () => {
  const SCREENS: [string, Screen][] = [
    ["light", {}],
    ["dark", { colours: "dark" }],
    ["narrow", { width: 390, height: 844 }],
  ];

  test.each(SCREENS)(
    "of the page, %s: axe-core finds nothing serious",
    { ...needs("program:chromium", "speed"), timeout: SLOW_MS },
    async (_, screen) => {
      const page = await open({ ...screen, lesson: "01-syscalls" });
      const isNarrow = screen.width !== undefined;
      // What is said of each thing is the same in the dark; only its colours are others.
      const only = screen.colours === "dark" ? ["color-contrast"] : undefined;
      const goTo = async (name: string) => {
        if (isNarrow) await page.getByRole("button", { name, exact: true }).click();
      };
      await page.locator("article h2").waitFor();
      expect(await barriersOn(page, "html", only)).toEqual([]);
      await goTo("X-ray");
      await page.getByRole("cell", { name: "guest", exact: true }).waitFor();
      for (const tab of ["Answers", "Limits", "Layers", "Network", "Processes", "Calls"]) {
        await page.getByRole("tab", { name: tab }).click();
        expect(await barriersOn(page, ".xray", only)).toEqual([]);
      }
      await page.getByLabel("Open a recording").setInputFiles(join(lessons, "run.json"));
      await page.getByText(/^call 1 of/).waitFor();
      expect(await barriersOn(page, ".walker", only)).toEqual([]);
      await goTo("Terminal");
      expect(await barriersOn(page, ".terminal", only)).toEqual([]);
      // Nothing is wider than the screen.
      expect(await page.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
    },
  );

  test("who reads Chinese reads Chinese", needs("program:chromium", "speed"), async () => {
    const page = await open({ lesson: "01-syscalls" });
    await page.getByRole("button", { name: "中文" }).click();
    await page.getByRole("tab", { name: "回答" }).waitFor();
    expect(await page.locator("html").getAttribute("lang")).toBe("zh-Hans");
    await page.locator("article h2", { hasText: /[\u4e00-\u9fff]/ }).waitFor();
    expect(await barriersOn(page)).toEqual([]);
  });
});

test("what one that was killed has left, the next takes away", needs("speed"), async () => {
  const names = () => md.ok("ps", "-a", "--format", "{{.Names}}").split("\n");
  const workshop = newWorkshop();
  const child = md.begin("playground", "--no-open", workshop);
  const url = /http:\S+/.exec(await printed(child, /http:\S+\n/))![0];
  const { WebSocket } = await import("ws");
  const socket = new WebSocket(new URL("live", url), { headers: { origin: new URL(url).origin } });
  socket.on("error", () => {});
  await expect.poll(names, { timeout: 20_000 }).toContain("guest");
  const over = ended(child);
  child.kill("SIGKILL");
  await over;
  expect(names()).toContain("guest");
  await serve(workshop);
  expect(names()).not.toContain("guest");
});
