import { expect, test } from "vitest";
import { tellUnheard } from "../../src/cli/unheard.ts";

/** What is said when Ctrl-C was pressed so often, and again after the command has ended. */
function saidAfter(times: number): string[] {
  const said: string[] = [];
  const press = () => void process.emit("SIGINT");
  const end = tellUnheard("web", (text) => said.push(text));
  for (let time = 0; time < times; time += 1) press();
  end();
  for (let time = 0; time < 3; time += 1) press();
  return said;
}

test("who presses Ctrl-C again and again is told once what helps", () => {
  expect(saidAfter(2)).toEqual([]);
  expect(saidAfter(5)).toEqual(["web doesn't listen to Ctrl-C; from another terminal: mini-docker kill web"]);
});
