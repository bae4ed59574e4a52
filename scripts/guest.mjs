// `npm run test:v2 [-- vitest's arguments]`: boots Debian's kernel in qemu, where cgroup v2 is alone and complete, with this
// machine's own files as its root, and runs the tests that ask the kernel: as root, then as an ordinary user.
//
// The processor is emulated: slow (15 to 50 times for a system call) but it needs nothing of the host. `GUEST_ACCEL=kvm`
// uses the host's, where that works; `GUEST_COMMAND=…` runs a command of yours instead of the tests; `GUEST_MINUTES=60` is
// patience for a machine that has much else to do.

import { once } from "node:events";
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { stripVTControlCharacters } from "node:util";
import { missingForGuest, quote, startGuest } from "./guest/machine.mjs";
import { ensureInstalled, run } from "./install.mjs";

const root = resolve(import.meta.dirname, "..");
const results = resolve(process.env.BED_RESULTS ?? join(root, ".beds"));
const log = join(results, "guest.log");

/** For the tests. From power-on to their first line an idle machine needs 8 s, and one that needs a tenth of this has hung. */
const MINUTES = Number(process.env.GUEST_MINUTES ?? 15);
const BOOT_SECONDS = MINUTES * 6;

const missing = missingForGuest();
if (missing) {
  console.error(missing);
  process.exit(1);
}
ensureInstalled();
if (!process.env.ALREADY_BUILT) run(process.execPath, ["scripts/build.mjs"]);
mkdirSync(results, { recursive: true });
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => process.exit(1));
process.exit((await attempt()) ?? (await attempt()) ?? 1);

/** One life of the guest. Its tests' exit code, or undefined when it never came up. */
async function attempt() {
  const scratch = mkdtempSync(join(tmpdir(), "guest-"));
  const exitCode = join(results, "exit-code");
  rmSync(exitCode, { force: true });
  writeFileSync(log, "");
  try {
    const guest = startGuest({
      scratch,
      project: root,
      results,
      init: join(root, "scripts/guest/init.sh"),
      settings: {
        COMMAND: process.env.GUEST_COMMAND ?? "",
        ARGUMENTS: process.argv.slice(2).map(quote).join(" "),
      },
    });
    const { cameUp, ending } = await watch(guest);
    if (!cameUp) return complain(`The guest did not come up: ${ending}`);
    return Number(readFileSync(exitCode, "utf8"));
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
    complain("The guest ended without a result");
    return 1;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
    rmSync(exitCode, { force: true });
  }
}

/** Shows the console from "guest: up" on, writes all of it to the log, and ends a machine that takes too long. */
async function watch(guest) {
  let cameUp = false;
  let ending = "";
  const ended = once(guest, "close");
  const end = (reason) => {
    ending = reason;
    guest.kill("SIGKILL");
  };
  let timer = setTimeout(end, BOOT_SECONDS * 1000, `not within ${BOOT_SECONDS} s`);
  const endWithUs = () => end("interrupted");
  process.on("exit", endWithUs);

  guest.stderr.on("data", (text) => appendFileSync(log, text));
  for await (const raw of createInterface({ input: guest.stdout, crlfDelay: Number.POSITIVE_INFINITY })) {
    const line = stripVTControlCharacters(raw);
    appendFileSync(log, `${line}\n`);
    if (cameUp) console.log(line);
    if (!cameUp && line.includes("guest: up")) {
      cameUp = true;
      clearTimeout(timer);
      timer = setTimeout(end, MINUTES * 60_000, `not done within ${MINUTES} minutes`);
    }
  }
  await ended;
  clearTimeout(timer);
  process.off("exit", endWithUs);
  if (cameUp && ending) complain(`The guest was ended: ${ending}`);
  return { cameUp, ending: ending || "qemu ended by itself" };
}

function complain(problem) {
  console.error(`${problem}. The last lines of ${log}:`);
  console.error(readFileSync(log, "utf8").split("\n").slice(-40).join("\n"));
}
