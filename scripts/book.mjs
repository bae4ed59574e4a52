// `npm run book [-- FOLDER]`: builds, and writes the lessons as a folder of pages. With --record the run that they replay is
// recorded anew, which needs root.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const words = process.argv.slice(2);
const folder = words.find((word) => !word.startsWith("--")) ?? join(root, "book");

run(join(root, "scripts/build.mjs"));
if (words.includes("--record")) record(join(root, "lessons/run.json"));
run(join(root, "dist/mini-docker.js"), "learn", "book", folder);

function run(...argv) {
  const { status } = spawnSync(process.execPath, ["--", ...argv], { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}

/** In which group whoever records was counted before is his own affair: it is the top, for everybody. */
function hideOwnGroup(change) {
  if (change.area === "cgroup" && change.before && !change.before.startsWith("/mini-docker")) change.before = "/";
}

/** In folders of its own; in the recording they have the names that everybody's have. */
function record(path) {
  const temporary = mkdtempSync(join(tmpdir(), "mini-docker-book-"));
  const [store, state, file] = ["store", "state", "run.json"].map((name) => join(temporary, name));
  const alone = ["--network", "none"];
  const asked = ["run", "--rm", "--record", file, "--hostname", "demo", "-m", "64m", ...alone, "base", "true"];
  try {
    run(join(root, "dist/mini-docker.js"), "--root", store, "--state", state, ...asked);
    const text = readFileSync(file, "utf8")
      .replaceAll(store, "/var/lib/mini-docker")
      .replaceAll(state, "/run/mini-docker")
      .replaceAll(root.replace(/\/$/, ""), "/usr/lib/node_modules/mini-docker");
    const recording = JSON.parse(text);
    for (const change of recording.steps.flatMap(({ changes }) => changes)) hideOwnGroup(change);
    recording.command = asked.filter((word) => !["--record", file, ...alone].includes(word));
    writeFileSync(path, `${JSON.stringify(recording)}\n`);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}
