import { resolve } from "node:path";
import { expect, test } from "vitest";
import { device, mount, tmpfs, volume } from "../../src/cli/flags/mount-values.ts";

test("volume: a folder of the host, a volume's name, or a place alone", () => {
  expect(volume("/a/../b:/c:ro,rslave")).toEqual({
    type: "bind",
    source: "/b",
    target: "/c",
    readOnly: true,
    propagation: "rslave",
    createSource: true,
    mode: "ro,rslave",
  });
  expect(volume("data:/c:nocopy")).toEqual({
    type: "volume",
    source: "data",
    target: "/c",
    readOnly: false,
    mode: "nocopy",
    volume: { noCopy: true },
  });
  expect(volume("/c")).toEqual({ type: "volume", target: "/c", readOnly: false });
});

test("volume: a dot is the working directory", () => {
  expect(volume("./x:/c").source).toBe(resolve("x"));
});

test.each([
  [":/x", "invalid spec: :/x: empty section between colons"],
  ["", "invalid spec: : empty section between colons"],
  ["/a:ro", "invalid volume specification: '/a:ro'"],
  ["/a:/b:c:d", "invalid volume specification: '/a:/b:c:d'"],
  ["/a:/b:c", "invalid mode: c"],
  ["/a:/b:ro,rw", "invalid mode: ro,rw"],
])("volume: Docker's refusal of %j", (text, refusal) => {
  expect(() => volume(text)).toThrow(refusal);
});

test("mount: keys and their synonyms, in any order", () => {
  const expected = { type: "bind", source: "/a", target: "/b", readOnly: true };
  expect(mount("type=bind,source=/a,target=/b,readonly")).toEqual(expected);
  expect(mount("dst=/b,ro=1,src=/a,type=bind")).toEqual(expected);
  expect(mount("type=bind,src=/a,destination=/b,readonly=false,bind-recursive=disabled")).toEqual({
    ...expected,
    readOnly: false,
    nonRecursive: true,
  });
  expect(mount("type=tmpfs,dst=/t,tmpfs-size=2m,tmpfs-mode=700").options).toEqual(["size=2097152", "mode=700"]);
});

test("mount: quotes protect a comma", () => {
  expect(mount('type=bind,"src=/a,b",dst=/c').source).toBe("/a,b");
});

test.each([
  ["", "value is empty"],
  ["type=bind", "target is required"],
  ["foo", "invalid field 'foo' must be a key=value pair"],
  ["foo=bar,dst=/x", "unknown option 'foo' in 'foo=bar'"],
  ["toString=1,dst=/x", "unknown option 'toString' in 'toString=1'"],
  ["src=,dst=/x", "invalid value for 'src': value is empty"],
  ["dst=/x,ro=x", `invalid value for 'readonly': invalid boolean value ("x")`],
  ["dst=/x,", "invalid field '' must be a key=value pair"],
  ["type=bind,dst=/x,tmpfs-size=1m", "cannot mix 'tmpfs-*' options with mount type 'bind'"],
  ["dst=/x,tmpfs-size=x", "invalid value for tmpfs-size: x"],
  ["dst=/x,tmpfs-mode=9", "invalid value for tmpfs-mode: 9"],
])("mount: Docker's refusal of %j", (text, refusal) => {
  expect(() => mount(text)).toThrow(refusal);
});

test("tmpfs: a place, and options behind a colon", () => {
  expect(tmpfs("/run")).toEqual({ type: "tmpfs", target: "/run", readOnly: false, options: [] });
  expect(tmpfs("/run:size=64m,exec").options).toEqual(["size=64m", "exec"]);
});

test("device: one path, two, and permissions behind either", () => {
  const at = (source: string, target: string, permissions: string) => ({ source, target, permissions });
  expect(device("/dev/null")).toEqual(at("/dev/null", "/dev/null", "rwm"));
  expect(device("/dev/null:r")).toEqual(at("/dev/null", "/dev/null", "r"));
  expect(device("/dev/null:/dev/x")).toEqual(at("/dev/null", "/dev/x", "rwm"));
  expect(device("/dev/null:/dev/x:rw")).toEqual(at("/dev/null", "/dev/x", "rw"));
  expect(() => device("a:b:c:d")).toThrow("bad format for path: a:b:c:d");
  expect(() => device("/dev/null:/x:q")).toThrow("bad mode specified: q");
  expect(() => device("/dev/null:/x:rr")).toThrow("bad mode specified: rr");
  expect(() => device("/dev/null:rel")).toThrow("rel is not an absolute path");
});
