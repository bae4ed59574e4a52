import { describe, expect, test } from "vitest";
import type { LayerState } from "../../src/11-registry/index.ts";
import { transferView } from "../../src/cli/show/transfer-view.ts";
import { bar, stateText } from "../../src/cli/show/transfer-words.ts";

const [FIRST, SECOND] = ["a", "b"].map((letter) => `sha256:${letter.repeat(64)}`) as [string, string];

/** What it writes, to a terminal of this size or to a file. */
function output(size?: { columns: number; rows: number }) {
  const written: string[] = [];
  return { written, write: (text: string) => void written.push(text), ...(size && { isTTY: true, ...size }) };
}

const half: LayerState = { is: "moving", bytes: 50_000_000, total: 100_000_000 };

describe("without a terminal", () => {
  test("each change is a line, and how far it has come is none", () => {
    const out = output();
    const view = transferView("pull", out);
    view.onLayers([FIRST, SECOND]);
    const states: LayerState[] = [{ is: "waiting" }, half, half, { is: "retrying", inMs: 4600 }, half, { is: "moved" }];
    for (const state of states) view.onLayer(FIRST, state);
    view.onLayer(SECOND, { is: "present" });
    view.close();
    expect(out.written).toEqual([
      "aaaaaaaaaaaa: Pulling fs layer\n",
      "aaaaaaaaaaaa: Retrying in 5 seconds\n",
      "aaaaaaaaaaaa: Download complete\n",
      "bbbbbbbbbbbb: Already exists\n",
    ]);
  });
});

describe("at a terminal", () => {
  test("each layer has a line, which is written again where it stands", () => {
    const out = output({ columns: 100, rows: 24 });
    const view = transferView("push", out);
    view.onLayers([FIRST, SECOND]);
    expect(out.written.join("")).toBe("\raaaaaaaaaaaa: Waiting\x1b[K\n\rbbbbbbbbbbbb: Waiting\x1b[K\n\x1b[J");
    out.written.length = 0;
    view.onLayer(FIRST, { is: "done" });
    view.onLayer(SECOND, { is: "mounted", from: "team/app" });
    view.close();
    expect(out.written.join("")).toBe(
      "\x1b[2A\raaaaaaaaaaaa: Pushed\x1b[K\n\rbbbbbbbbbbbb: Mounted from team/app\x1b[K\n\x1b[J",
    );
  });

  test("with more layers than lines, those are shown on which something happens; at the end all", () => {
    const out = output({ columns: 80, rows: 4 });
    const view = transferView("pull", out);
    const layers = Array.from({ length: 6 }, (_, index) => `sha256:${String(index).repeat(64)}`);
    view.onLayer(layers[5]!, half);
    view.onLayers(layers.slice(0, 5));
    expect(out.written.at(-1)!.match(/\n/g)).toHaveLength(3);
    expect(out.written.at(-1)).toContain("555555555555: Downloading");
    view.close();
    expect(out.written.at(-1)!.match(/\n/g)).toHaveLength(6);
  });

  test("no line is longer than the window", () => {
    const out = output({ columns: 30, rows: 24 });
    const view = transferView("push", out);
    view.onLayers([FIRST]);
    view.onLayer(FIRST, { is: "mounted", from: "a/repository/with/a/long/name" });
    view.close();
    expect(out.written.at(-1)).toContain("\raaaaaaaaaaaa: Mounted from a…\x1b[K\n");
  });
});

test.each([
  [110, `[${"=".repeat(25)}>${" ".repeat(24)}]  50MB/100MB`],
  [65, "[=====>    ]  50MB/100MB"],
  [50, "50MB/100MB"],
])("bar: in %i columns", (columns, expected) => {
  expect(bar(half, columns)).toBe(expected);
  expect(bar({ is: "waiting" }, columns)).toBe("");
});

test("bar: an empty layer and a whole one", () => {
  expect(bar({ is: "unpacking", bytes: 0, total: 0 }, 65)).toBe("[>         ]  0B/0B");
  expect(bar({ ...half, bytes: 100_000_000 }, 65)).toBe("[==========]  100MB/100MB");
  expect(stateText("pull", { is: "retrying", inMs: 1 })).toBe("Retrying in 1 second");
});
