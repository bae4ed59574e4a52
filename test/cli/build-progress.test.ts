import { Chalk } from "chalk";
import { describe, expect, test } from "vitest";
import type { Progress, Task } from "../../src/12-build/index.ts";
import { BuildPicture } from "../../src/cli/show/build-progress-picture.ts";
import { plainProgress } from "../../src/cli/show/build-progress-plain.ts";

const FIRST: Task = { id: 1, name: "[1/3] FROM base" };
const SECOND: Task = { id: 2, name: "[2/3] RUN make \\\n  all" };
const THIRD: Task = { id: 3, name: "[3/3] COPY a b" };
const output = (task: Task, text: string): Progress => ({ kind: "output", task, bytes: Buffer.from(text) });

/** What stands on a terminal after all that was written to it. */
function onScreen(writes: string[]): string[] {
  const lines: string[] = [];
  let row = 0;
  for (const [, up, text = ""] of writes.join("").matchAll(/\x1b\[(\d+)A|\r?([^\x1b\r\n]*)(?:\x1b\[K)?\n|\x1b\[J|./g)) {
    if (up !== undefined) row -= Number(up);
    else lines[row++] = text;
  }
  return lines.slice(0, row);
}

function picture(told: Progress[], rows = 24): string[] {
  const writes: string[] = [];
  let now = 0;
  const output = { write: (text: string) => writes.push(text), columns: 40, rows };
  const shown = new BuildPicture(output, new Chalk({ level: 0 }), () => now);
  for (const progress of told) {
    now += 400;
    shown.tell(progress);
  }
  const before = onScreen(writes.map((text) => text.replaceAll("\x1b[J", "")));
  shown.close();
  return before;
}

describe("a build on a terminal", () => {
  test("is a line a step, and the last words of what is at work", () => {
    const told: Progress[] = [
      { kind: "begun", task: FIRST },
      { kind: "done", task: FIRST, isCached: false },
      { kind: "begun", task: SECOND },
      output(SECOND, "one\ntwo\n10%\r20%\x1b[31m"),
    ];
    expect(picture(told)).toEqual([
      "[+] Building 1.6s (1/2)",
      " => [1/3] FROM base                0.4s",
      " => [2/3] RUN make \\ all           0.4s",
      " => => one",
      " => => two",
      " => => 20%",
    ]);
  });

  test("keeps to the window", () => {
    const told: Progress[] = [
      { kind: "begun", task: SECOND },
      output(SECOND, `${"long ".repeat(20)}\n${Array.from({ length: 30 }, (_, n) => n).join("\n")}`),
    ];
    const lines = picture(told, 5);
    expect([lines.length, lines.every((line) => line.length < 40)]).toEqual([4, true]);
  });
});

describe("a build in lines", () => {
  test("numbers what it is about, and says so again where that changes", () => {
    let text = "";
    const tell = plainProgress((more) => {
      text += more;
    });
    tell({ kind: "begun", task: FIRST });
    tell({ kind: "begun", task: THIRD });
    tell(output(FIRST, "a\nb"));
    tell(output(FIRST, "c\n"));
    tell({ kind: "done", task: FIRST, isCached: true });
    tell({ kind: "failed", task: THIRD, message: "no", tail: "last", excerpt: "here" });
    tell({ kind: "warning", message: "careful" });
    expect(text.replaceAll(/\d+\.\d+/g, "0.0")).toBe(
      "#1 [1/3] FROM base\n\n#2 [3/3] COPY a b\n\n#1 [1/3] FROM base\n#1 0.0 a\n#1 0.0 bc\n#1 CACHED\n" +
        "\n#2 [3/3] COPY a b\n#2 ERROR: no\n------\n > [3/3] COPY a b:\nlast\n------\nhere\n\nWARNING: careful\n",
    );
  });
});
