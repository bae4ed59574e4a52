import { expect, test } from "vitest";
import { withRecorded } from "../../../src/course/lesson/record.ts";

const LESSON = `# T

\`\`\`text
x
\`\`\`

\`\`\`console varies=pid
$ a
12
$ b \\
> c
old
\`\`\`

\`\`\`console v1
$ a
12
$ b \\
> c
older
\`\`\`

Text.

\`\`\`console
$ d
\`\`\`
`;

const came = new Map([
  [
    2,
    [
      { command: "a", output: ["13"] },
      { command: "b \\\nc", output: ["new", ""] },
    ],
  ],
]);

test("what came is written where it is for this machine; what still holds is left as it is", () => {
  expect(withRecorded(LESSON, came, "v2")).toBe(LESSON.replace("old\n", "new\n\n"));
  expect(withRecorded(LESSON, came, "hybrid")).toBe(LESSON.replace("older\n", "new\n\n"));
});

test("what wasn't run is left as it is", () => {
  expect(withRecorded(LESSON, new Map(), "v2")).toBe(LESSON);
});
