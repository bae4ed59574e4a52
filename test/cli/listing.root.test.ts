import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { cliForTests } from "../support/cli.ts";
import { needs } from "../support/needs.ts";

const md = cliForTests();
let ids: Record<string, string> = {};

beforeAll(() => {
  const labels = ["-l", "tier=web", "-l", "bare"];
  ids = {
    made: md.ok("create", "--name", "made", "base", "sleep", "1000"),
    runs: md.ok("run", "-d", "--name", "runs", "-v", "/tmp:/data", ...labels, "base", "sleep", "1000"),
  };
  md.call("run", "--name", "ended", "base", "sh", "-c", "exit 3");
});

const names = (...argv: string[]) =>
  md
    .ok("ps", "--format", "{{.Names}}", ...argv)
    .split("\n")
    .filter(Boolean);

describe("ps", () => {
  test("shows what runs, and with -a all, newest first, in Docker's columns", () => {
    const [head, row, ...rest] = md.ok("ps").split("\n");
    expect(head).toMatch(/^CONTAINER ID {3}IMAGE {5}COMMAND {8}CREATED +STATUS +PORTS {5}NAMES$/);
    expect(row).toMatch(/^[0-9a-f]{12} {3}base {6}"sleep 1000" {3}.* ago +Up .* {13,}runs$/);
    expect(rest).toEqual([]);
    expect(names("-a")).toEqual(["ended", "runs", "made"]);
    const statuses = md.ok("ps", "-a", "--format", "{{.Names}} {{.State}} {{.Status}}").split("\n");
    expect(statuses[0]).toMatch(/^ended exited Exited \(3\) .* ago$/);
    expect(statuses[1]).toMatch(/^runs running Up /);
    expect(statuses[2]).toBe("made created Created");
  });

  test.each([
    ["status=exited", ["ended"]],
    ["status=created", ["made"]],
    ["exited=3", ["ended"]],
    ["exited=0", []],
    ["label=tier", ["runs"]],
    ["label=tier=web", ["runs"]],
    ["label=tier=db", []],
    ["name=^ru", ["runs"]],
    ["name=n", ["ended", "runs"]],
    ["ancestor=base", ["ended", "runs", "made"]],
    ["ancestor=nosuch", []],
    ["before=runs", ["made"]],
    ["since=runs", ["ended"]],
    ["volume=/data", ["runs"]],
    ["volume=/tmp", ["runs"]],
    ["network=none", ["ended", "runs", "made"]],
    ["network=host", []],
    ["health=none", ["ended", "runs", "made"]],
    ["publish=80/tcp", []],
  ])("--filter %s", (filter, expected) => {
    expect(names("-a", "--filter", filter)).toEqual(expected);
  });

  test("of one key any value will do, and every key must be met; of labels all", () => {
    expect(names("-a", "-f", "name=made", "-f", "name=runs", "-f", "status=running")).toEqual(["runs"]);
    expect(names("-a", "-f", "label=bare", "-f", "label=tier=web")).toEqual(["runs"]);
    expect(names("-a", "-f", "label=bare", "-f", "label=nosuch")).toEqual([]);
  });

  test.each(["nosuch=1", "status=nosuch", "exited=x", "health=nosuch", "publish=x"])(
    "refuses --filter %s",
    (filter) => {
      expect(md.call("ps", "--filter", filter)).toMatchObject({
        code: 1,
        stderr: expect.stringContaining("invalid filter"),
      });
    },
  );

  test("-q, --no-trunc, -n, -l and JSON are for scripts", () => {
    expect(md.ok("ps", "-q", "--no-trunc")).toBe(ids.runs);
    expect(md.ok("ps", "-aqf", "name=made")).toBe(ids.made!.slice(0, 12));
    expect(names("-n", "2")).toEqual(["ended", "runs"]);
    expect(names("-l")).toEqual(["ended"]);
    const row = JSON.parse(md.ok("ps", "--format", "json"));
    expect(row).toMatchObject({ Names: "runs", State: "running", Labels: "bare=,tier=web", Mounts: "/tmp", Ports: "" });
    expect(md.ok("ps", "--format", '{{.Label "tier"}}')).toBe("web");
  });

  test("-s counts what was written, and what is seen with it", () => {
    md.ok("exec", "runs", "dd", "if=/dev/zero", "of=/big", "bs=1000", "count=1500");
    expect(md.ok("ps", "-s", "--format", "{{.Size}}")).toMatch(/^1\.5MB \(virtual \d.*MB\)$/);
  });
});

describe("inspect", () => {
  test("knows containers and images, and what isn't there", () => {
    const said = md.call("inspect", "nosuch", "runs", "base");
    const [container, image, ...rest] = JSON.parse(said.stdout);
    expect(rest).toEqual([]);
    expect(container).toMatchObject({ Id: ids.runs, Name: "/runs", Path: "sleep", Args: ["1000"] });
    expect(image.RepoTags).toEqual(["localhost/base:latest"]);
    expect(said).toMatchObject({ code: 1, stderr: expect.stringContaining("No such object: nosuch") });
  });

  test("through a template; a label that isn't there is no mistake, a field is", () => {
    const shown = '{{.State.Status}} {{.Config.Labels.tier}} {{.Config.Labels.no}} {{index .Config.Labels "bare"}}';
    expect(md.ok("inspect", "-f", shown, "runs")).toBe("running web <no value> ");
    expect(md.call("inspect", "-f", "{{.Nosuch}}", "runs").stderr).toContain('map has no entry for key "Nosuch"');
  });

  test("--type, and the verbs that mean it", () => {
    expect(md.call("inspect", "--type", "image", "runs").stderr).toContain("No such image: runs:latest");
    expect(md.call("container", "inspect", "base").stderr).toContain("No such container: base");
    expect(md.ok("image", "inspect", "-f", "{{.Os}}", "base")).toBe("linux");
    expect(md.call("inspect", "--type", "nosuch", "runs").stderr).toContain('unknown type: "nosuch"');
  });
});

describe("diff", () => {
  test("is what the container changed, not what it was given", () => {
    expect(md.ok("diff", "made")).toBe("");
    md.ok("exec", "runs", "sh", "-c", "rm /etc/group; mkdir /new; touch /tmp/t; rm /tmp/t; rm /big");
    // Where a folder is mounted is a folder of the container's, as Docker has it.
    expect(md.ok("diff", "runs").split("\n")).toEqual(["A /data", "C /etc", "D /etc/group", "A /new"]);
  });
});

describe("images", () => {
  const archive = join(tmpdir(), "layout.tar");

  test("are listed by name, and found by what is in their name", () => {
    expect(md.ok("images")).toMatch(/^REPOSITORY {7}TAG {7}IMAGE ID {7}CREATED +SIZE\nlocalhost\/base {3}latest/);
    const found = (...argv: string[]) => md.ok("images", "--format", "{{.Repository}}:{{.Tag}}", ...argv);
    expect(found("base")).toBe("localhost/base:latest");
    expect(found("base:*")).toBe("localhost/base:latest");
    expect(found("nosuch")).toBe("");
    expect(found("-f", "dangling=true")).toBe("");
    expect(md.ok("images", "-q")).toMatch(/^[0-9a-f]{12}$/);
  });

  test("one that is used can't be removed, unless by force", () => {
    const { code, stderr } = md.call("rmi", "base");
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /conflict: unable to remove repository reference "base" \(must force\) - container [0-9a-f]{12}/,
    );
    expect(md.call("rmi", "-f", "nosuch").code).toBe(0);
  });

  test("come in as archives from skopeo, and go with rmi and prune", needs("program:skopeo"), () => {
    const layout = `oci:${join(md.root, "images")}:localhost/base:latest`;
    const copied = spawnSync("skopeo", ["copy", layout, `docker-archive:${archive}:copy:v1`], { encoding: "utf8" });
    expect(copied.stderr).toBe("");
    const other = md.callWith({ input: "" }, "load", "-i", archive);
    expect(other).toMatchObject({ code: 0, stdout: "Loaded image: copy:v1\n" });
    expect(md.ok("run", "--rm", "copy:v1", "echo", "hi")).toBe("hi");
    expect(md.call("load", "-i", "/nosuch").stderr).toContain("open /nosuch: no such file or directory");
    expect(md.call("load", "-i", "/etc/passwd").stderr.match(/damaged/g)).toHaveLength(1);
    expect(md.ok("rmi", "copy:v1")).toContain("Untagged: copy:v1");
    expect(md.call("run", "--rm", "copy:v1", "true").code).toBe(125);
  });
});

describe("prune", () => {
  test("asks first, and takes what has ended", () => {
    const asked = md.callWith({ input: "n\n" }, "container", "prune");
    expect(asked).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^WARNING! This will remove all stopped containers\./),
    });
    expect(names("-a")).toHaveLength(3);
    expect(md.call("container", "prune", "-f", "--filter", "label=tier").stdout).toBe("Total reclaimed space: 0B\n");
    expect(md.call("container", "prune", "-f", "--filter", "until=1h").stdout).toBe("Total reclaimed space: 0B\n");
    const pruned = md.callWith({ input: "y\n" }, "container", "prune").stdout;
    expect(pruned).toContain(ids.made);
    expect(names("-a")).toEqual(["runs"]);
  });

  test("leaves images that have names or users", () => {
    expect(md.ok("image", "prune", "-f")).toBe("Total reclaimed space: 0B");
    expect(md.ok("prune", "-af")).toBe("Total reclaimed space: 0B");
    md.ok("rm", "-f", "runs");
    expect(md.ok("prune", "-af")).toMatch(/Deleted Images:\nuntagged: localhost\/base:latest\ndeleted: sha256:/);
    expect(md.ok("images", "-q")).toBe("");
  });
});
