import { describe, expect, test } from "vitest";
import { type Destination, placementOf, typedPath } from "../../src/10-containers/copy/copy-rules.ts";

describe("a path as it was typed", () => {
  test.each([
    ["/a/b", { path: "/a/b", name: "b", mustBeDirectory: false, isContents: false }],
    ["/a/b/", { path: "/a/b", name: "b", mustBeDirectory: true, isContents: false }],
    ["/a/b/.", { path: "/a/b", name: "b", mustBeDirectory: true, isContents: true }],
    ["/a/b/..", { path: "/a", name: "a", mustBeDirectory: true, isContents: false }],
    ["//a/../../b", { path: "/b", name: "b", mustBeDirectory: false, isContents: false }],
    ["/a/.hidden", { path: "/a/.hidden", name: ".hidden", mustBeDirectory: false, isContents: false }],
    ["/", { path: "/", name: "", mustBeDirectory: true, isContents: true }],
  ])("%s", (text, typed) => {
    expect(typedPath(text)).toEqual(typed);
  });
});

const file = (text: string) => ({ ...typedPath(text), isDirectory: false });
const folder = (text: string) => ({ ...typedPath(text), isDirectory: true });
const to = (text: string, kind: Destination["kind"]) => ({ ...typedPath(text), kind });

describe("cp", () => {
  test.each([
    ["a file onto nothing gets that name", file("/f"), to("/d/x", "missing"), { in: "parent", as: "x" }],
    ["a file into a folder keeps its name", file("/f"), to("/d", "directory"), { in: "directory", as: "f" }],
    ["a file over a file", file("/f"), to("/d/x", "file"), { in: "file" }],
    ["a folder onto nothing gets that name", folder("/s"), to("/d/x", "missing"), { in: "parent", as: "x" }],
    ["so do its contents", folder("/s/."), to("/d/x", "missing"), { in: "parent", as: "x" }],
    [
      "and where a slash says that it will be a folder",
      folder("/s"),
      to("/d/x/", "missing"),
      { in: "parent", as: "x" },
    ],
    ["a folder into a folder keeps its name", folder("/s"), to("/d", "directory"), { in: "directory", as: "s" }],
    ["a slash behind the source changes nothing", folder("/s/"), to("/d", "directory"), { in: "directory", as: "s" }],
    ["contents go into the folder themselves", folder("/s/."), to("/d", "directory"), { in: "directory" }],
  ])("%s", (_, source, destination, placement) => {
    expect(placementOf(source, destination)).toEqual(placement);
  });

  test.each([
    ["a folder to a file", folder("/s"), to("/d", "file"), "cannot copy directory /s to file /d"],
    ["contents to a file", folder("/s/."), to("/d", "file"), "cannot copy directory /s to file /d"],
    ["a file as a folder", file("/f/"), to("/d", "missing"), "/f is not a directory"],
    ["a file's contents", file("/f/."), to("/d", "directory"), "/f is not a directory"],
    ["a file into a folder that isn't there", file("/f"), to("/d/", "missing"), "no such directory: /d"],
    ["a file into a folder that is a file", file("/f"), to("/d/", "file"), "/d is not a directory"],
    ["anything to a device", file("/f"), to("/dev/null", "other"), "/dev/null is neither a file nor a directory"],
  ])("refuses %s", (_, source, destination, message) => {
    expect(() => placementOf(source, destination)).toThrow(message);
  });
});
