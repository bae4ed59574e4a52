// Shows an address in the person's browser. Everybody on this machine can read what a program is called with
// (/proc/PID/cmdline), and this address is a key: so the browser is called with a file that only this user can read, and
// the file leads there.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Long enough for a browser to start. */
const NEEDED_MS = 60_000;

/** Where there is no desktop, or none that root should use, nothing happens: the address was printed. */
export function openBrowser(url: string, env = process.env): void {
  if ((!env.DISPLAY && !env.WAYLAND_DISPLAY) || process.getuid?.() === 0) return;
  const folder = mkdtempSync(join(tmpdir(), "mini-docker-page-"));
  const file = join(folder, "open.html");
  writeFileSync(file, `<!doctype html><meta http-equiv="refresh" content="0; url=${url}">`, { mode: 0o600 });
  const remove = () => rmSync(folder, { recursive: true, force: true });
  process.once("exit", remove);
  setTimeout(remove, NEEDED_MS).unref();
  spawn("xdg-open", [file], { stdio: "ignore", detached: true }).on("error", remove).unref();
}
