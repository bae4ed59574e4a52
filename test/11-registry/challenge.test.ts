import { describe, expect, test } from "vitest";
import { readChallenge } from "../../src/11-registry/challenge.ts";

const bearer = { scheme: "bearer", realm: "https://auth.example/token", service: undefined, scope: undefined };

describe("readChallenge understands", () => {
  test.each([
    ["a name and a password", 'Basic realm="Registry Realm"', { scheme: "basic" }],
    ["a scheme alone", "Basic", { scheme: "basic" }],
    [
      "a token, for something",
      'Bearer realm="https://auth.example/token",service="registry.example",scope="repository:a/b:pull,push"',
      { ...bearer, service: "registry.example", scope: "repository:a/b:pull,push" },
    ],
    [
      "spaces, plain values, quotes in quotes",
      'bearer  realm = "https://auth.example/token" , service=x , error="say \\"please\\""',
      { ...bearer, service: "x" },
    ],
    ["several, of which a token is better", 'Basic realm="x", Bearer realm="https://auth.example/token"', bearer],
    ["several, the other way round", 'Bearer realm="https://auth.example/token", Basic realm="x"', bearer],
  ])("%s", (_, header, expected) => {
    expect(readChallenge(header)).toEqual(expected);
  });

  test.each(["", "Negotiate abc=", 'Bearer service="x"', 'Bearer realm="no address"', "=", ",,,"])(
    "nothing in %j",
    (header) => {
      expect(readChallenge(header)).toBeUndefined();
    },
  );
});
