// `node scripts/union.mjs FOLDER`: lays the records of several beds over each other (see test/support/bed.ts). A test that
// was left out in one bed is fine if it ran in another; one that ran nowhere is an untested claim, unless it needs hardware
// that test/house/hardware.json says we don't have.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "..");
const folder = resolve(process.argv[2] ?? join(root, ".beds"));
const hardware = Object.keys(JSON.parse(readFileSync(join(root, "test/house/hardware.json"), "utf8")));

const beds = (existsSync(folder) ? readdirSync(folder) : [])
  .filter((name) => name.endsWith(".json"))
  .map((name) => ({
    bed: basename(name, ".json"),
    outcomes: Object.entries(JSON.parse(readFileSync(join(folder, name), "utf8"))),
  }));
const union = unite(beds);
const ran = union.filter(({ states }) => !states.every((state) => state === "left out"));
const nowhere = union.filter(({ states }) => states.every((state) => state === "left out"));
const excused = nowhere.filter(({ reasons }) =>
  hardware.some((need) => reasons.some((reason) => reason.includes(need))),
);
const untested = nowhere.filter((test) => !excused.includes(test));
const failed = ran.filter(({ states }) => states.includes("failed"));

printTable();
for (const { name, reasons } of excused) console.log(`Not here:    ${name} (${reasons.join("; ")})`);
for (const { name, reasons } of untested) console.log(`Ran nowhere: ${name} (${reasons.join("; ")})`);
for (const { name, before } of ran) for (const error of before) console.log(`Tried twice: ${name}: ${error}`);
for (const { name } of failed) console.log(`Failed:      ${name}`);
// A test that ran nowhere without an excuse counts as failed.
console.log(
  `${ran.length - failed.length} passed, ${failed.length + untested.length} failed, ${excused.length} skipped`,
);
process.exit(ran.length > 0 && failed.length + untested.length === 0 ? 0 : 1);

/** One entry a test, with what happened to it in each bed that knows it. */
function unite(all) {
  const tests = new Map();
  for (const [name, { state, reason, before }] of all.flatMap(({ outcomes }) => outcomes)) {
    const test = tests.get(name) ?? { name, states: [], reasons: [], before: [] };
    test.states.push(state);
    if (before !== undefined) test.before.push(before);
    if (reason && !test.reasons.includes(reason)) test.reasons.push(reason);
    tests.set(name, test);
  }
  return [...tests.values()];
}

function printTable() {
  const row = (...cells) =>
    console.log(cells.map((cell, i) => (i ? String(cell).padStart(9) : cell.padEnd(12))).join(""));
  row("bed", "passed", "failed", "left out");
  for (const { bed, outcomes } of beds) {
    const count = (wanted) => outcomes.filter(([, { state }]) => state === wanted).length;
    row(bed, count("passed"), count("failed"), count("left out"));
  }
  row("union", ran.length - failed.length, failed.length, nowhere.length);
}
