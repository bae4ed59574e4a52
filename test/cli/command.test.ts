import { expect, onTestFinished, test, vi } from "vitest";
import { readCommand } from "../../src/cli/flags/command.ts";

test("what --help says flows to the width there is; examples stay as they are", () => {
  const write = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  onTestFinished(() => write.mockRestore());
  const sentence = "It is said in a line that is wider than any terminal of eighty columns would ever be.";
  const summary = `Say it

${sentence}
And it goes on.

  example one
  example two`;

  expect(readCommand({ name: "say", summary }, ["--help"])).toBeUndefined();

  const said = write.mock.calls.map(([text]) => text).join("");
  expect(said).toMatch(/would\s+ever\s+be\. And it goes on\.\n/);
  expect(said).toContain("  example one\n  example two\n");
});
