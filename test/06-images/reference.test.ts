import { describe, expect, test } from "vitest";
import { UserError } from "../../src/01-syscalls/index.ts";
import { familiarName, fullName, parseReference } from "../../src/06-images/index.ts";

const hex = "0123456789abcdef".repeat(4);

describe("parseReference", () => {
  test.each([
    ["alpine", "docker.io/library/alpine:latest"],
    ["alpine:3.20", "docker.io/library/alpine:3.20"],
    ["user/app", "docker.io/user/app:latest"],
    ["a/b/c:v1", "docker.io/a/b/c:v1"],
    ["docker.io/alpine", "docker.io/library/alpine:latest"],
    ["index.docker.io/alpine", "docker.io/library/alpine:latest"],
    ["ghcr.io/owner/app:1_2.3-x", "ghcr.io/owner/app:1_2.3-x"],
    ["localhost/app", "localhost/app:latest"],
    ["localhost:5000/app", "localhost:5000/app:latest"],
    ["[::1]:5000/x", "[::1]:5000/x:latest"],
    ["Foo/bar", "Foo/bar:latest"],
    ["a__b", "docker.io/library/a__b:latest"],
    ["a--b.c_d", "docker.io/library/a--b.c_d:latest"],
    [`app@sha256:${hex}`, `docker.io/library/app@sha256:${hex}`],
    [`r.example/app:v2@sha256:${hex}`, `r.example/app:v2@sha256:${hex}`],
    ["base", "localhost/base:latest"],
    ["base:old", "localhost/base:old"],
    ["user/base", "docker.io/user/base:latest"],
  ])("%s is %s", (text, full) => {
    expect(fullName(parseReference(text))).toBe(full);
  });

  const INVALID = "invalid reference format";
  test.each([
    ["", INVALID],
    [":x", INVALID],
    ["a b", INVALID],
    ["foo//bar", INVALID],
    ["foo_", INVALID],
    ["foo___x", INVALID],
    ["foo:", INVALID],
    ["a..b", INVALID],
    ["../etc", INVALID],
    ["x/y:80/z", INVALID],
    ["http://foo/x", INVALID],
    ["foo@sha256:12", INVALID],
    [`foo:${"t".repeat(129)}`, INVALID],
    ["Foo", `${INVALID}: repository name (library/Foo) must be lowercase`],
    ["foo/Bar", `${INVALID}: repository name (foo/Bar) must be lowercase`],
    ["localhost/Up", `${INVALID}: repository name (Up) must be lowercase`],
    ["a".repeat(300), "repository name must not be more than 255 characters"],
    [hex, `invalid repository name (${hex}), cannot specify 64-byte hexadecimal strings`],
  ])("refuses %j in Docker's words", (text, message) => {
    expect(() => parseReference(text)).toThrow(new UserError(message));
  });
});

test("familiarName shortens to what a person would type", () => {
  expect(familiarName("docker.io/library/alpine:latest")).toBe("alpine:latest");
  expect(familiarName("docker.io/user/app:1")).toBe("user/app:1");
  expect(familiarName("localhost:5000/app:1")).toBe("localhost:5000/app:1");
  // Shorter, each would be another image.
  expect(familiarName("docker.io/library/a/b:1")).toBe("library/a/b:1");
  expect(familiarName("docker.io/library/base:1")).toBe("library/base:1");
  expect(familiarName("docker.io/registry.io/app:1")).toBe("docker.io/registry.io/app:1");
});
