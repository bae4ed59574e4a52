import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { UserError } from "../../src/01-syscalls/index.ts";
import { parseConfig } from "../../src/06-images/config.ts";
import { changedConfig } from "../../src/12-build/change.ts";

/** What is only for the instructions after it isn't in a file. */
const asWritten = (config: object): unknown => JSON.parse(JSON.stringify(config));

describe("a line of --change", () => {
  test.each<[string, object]>([
    ['CMD ["a","b c"]', { Cmd: ["a", "b c"] }],
    ["cmd a && b", { Cmd: ["/bin/sh", "-c", "a && b"] }],
    ['ENTRYPOINT ["x"]', { Entrypoint: ["x"] }],
    ["ENV A=1 B=\"two words\" C='x y' D=a\\ b", { Env: ["Z=0", "A=1", "B=two words", "C=x y", "D=a b"] }],
    ["ENV A the rest of it", { Env: ["Z=0", "A=the rest of it"] }],
    ["ENV Z=9", { Env: ["Z=9"] }],
    ["EXPOSE 80 53/udp", { ExposedPorts: { "80/tcp": {}, "53/udp": {} } }],
    ['LABEL a.b="c d" e=', { Labels: { "a.b": "c d", e: "" } }],
    ["USER me:you", { User: "me:you" }],
    ["WORKDIR sub", { WorkingDir: "/srv/sub" }],
    ["WORKDIR /abs/", { WorkingDir: "/abs" }],
    ['VOLUME ["/a b"]', { Volumes: { "/a b": {} } }],
    ["VOLUME /a /b", { Volumes: { "/a": {}, "/b": {} } }],
    ["STOPSIGNAL SIGINT", { StopSignal: "SIGINT" }],
    ["ONBUILD RUN x", { OnBuild: ["RUN x"] }],
    ["HEALTHCHECK NONE", { Healthcheck: { Test: ["NONE"] } }],
    [
      "HEALTHCHECK --interval=5s --timeout=1m --start-period=2s --retries=2 CMD curl x",
      {
        Healthcheck: {
          Test: ["CMD-SHELL", "curl x"],
          Interval: 5e9,
          Timeout: 60e9,
          StartPeriod: 2e9,
          Retries: 2,
        },
      },
    ],
    ["ENV A=$Z B=\\$Z", { Env: ["Z=0", "A=0", "B=$Z"] }],
    ["EXPOSE 8000-8001", { ExposedPorts: { "8000/tcp": {}, "8001/tcp": {} } }],
    ["HEALTHCHECK CMD curl x", { Healthcheck: { Test: ["CMD-SHELL", "curl x"] } }],
  ])("%s", async (line, expected) => {
    const before = { Env: ["Z=0"], WorkingDir: "/srv" };
    expect(asWritten(await changedConfig(before, [line]))).toEqual({ ...before, ...expected });
  });

  test.each([
    ["RUN x", "RUN is not a valid change command"],
    ["constructor x", "constructor is not a valid change command"],
    ["HEALTHCHECK --interval=x CMD y", 'interval "x" is no duration'],
    ["STOPSIGNAL SIGNONE", "SIGNONE"],
    ["USER a\nRUN x", "one instruction"],
    ["ONBUILD ONBUILD RUN x", "isn't allowed"],
    ["EXPOSE", "EXPOSE requires at least one argument"],
    ["ENV A=1 B", `can't find = in "B"`],
    ["EXPOSE web", "invalid containerPort: web"],
  ])("%s is refused", async (line, message) => {
    await expect(changedConfig({}, [line])).rejects.toThrow(message);
  });

  test("of whatever letters is refused, or makes a config that can be read again", async () => {
    const keyword = fc.constantFrom("ENV", "CMD", "EXPOSE", "LABEL", "VOLUME", "HEALTHCHECK", "");
    const isFair = async (text: string, word: string) => {
      const config = await changedConfig({}, [`${word} ${text}`]).catch((error) => {
        expect(error).toBeInstanceOf(UserError);
      });
      if (config) parseConfig(Buffer.from(JSON.stringify({ config })), "it");
    };
    await fc.assert(fc.asyncProperty(fc.string(), keyword, isFair), { numRuns: 1000 });
  });
});
