import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { UserError } from "../../src/01-syscalls/index.ts";
import { DockerCommand, declareFlags } from "../../src/cli/flags/docker-command.ts";
import { type FlagGroup, setters } from "../../src/cli/flags/flags.ts";
import { finishRun } from "../../src/cli/flags/run-finish.ts";
import { RUN_FLAGS, type RunCommand, runCommand } from "../../src/cli/flags/run-flags.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "flags-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

const FORCE: FlagGroup<RunCommand> = [
  "Options:",
  ["-f, --force", "", "Kill it first", setters<RunCommand>().one("quiet", Boolean)],
];

function program(target: RunCommand): DockerCommand {
  const root = new DockerCommand("mini-docker").enablePositionalOptions() as DockerCommand;
  const run = root.command("run").argument("<image>").argument("[command]").argument("[arg...]") as DockerCommand;
  declareFlags(run, RUN_FLAGS, target)
    .passThroughOptions()
    .action(() => {});
  root.command("ps").action(() => {});
  const rm = root
    .command("rm")
    .argument("<container...>")
    .action(() => {}) as DockerCommand;
  declareFlags(rm, [FORCE], target);
  return root;
}

/** What these arguments of `run` ask for, without what is so by default. */
function run(...args: string[]) {
  const target = runCommand();
  const root = program(target);
  root.parse(["run", ...args], { from: "user" });
  const [image, ...command] = root.commands[0]!.args;
  const asked = finishRun(target, image!, command);
  const defaults: Record<string, unknown> = { ...runCommand() };
  const isAsked = ([key, value]: [string, unknown]) => JSON.stringify(value) !== JSON.stringify(defaults[key]);
  return Object.fromEntries(Object.entries(asked).filter(isAsked));
}

function refusal(...args: string[]): UserError {
  try {
    program(runCommand()).parse(args, { from: "user" });
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    return error as UserError;
  }
  throw new Error("it was taken");
}

describe("Docker's habits", () => {
  const box = { image: "base" };

  test("letters together, the last with its value", () => {
    const expected = { ...box, interactive: true, tty: true, memoryBytes: 512 * 1024 ** 2 };
    expect(run("-it", "-m", "512m", "base")).toEqual(expected);
    expect(run("-itm", "512m", "base")).toEqual(expected);
    expect(run("-itm512m", "base")).toEqual(expected);
    expect(run("-it", "-m=512m", "base")).toEqual(expected);
    expect(run("-it", "--memory=512m", "base")).toEqual(expected);
  });

  test("a switch can be turned off, and the last word counts", () => {
    expect(run("--rm", "--rm=false", "base")).toEqual(box);
    expect(run("--rm=false", "--rm", "base")).toEqual({ ...box, remove: true });
    expect(run("-it", "-t=false", "base")).toEqual({ ...box, interactive: true });
    expect(run("--sig-proxy=false", "base")).toEqual({ ...box, sigProxy: false });
  });

  test("a switch does not take the image for its value", () => {
    expect(run("--rm", "true", "false")).toEqual({ image: "true", command: ["false"], remove: true });
  });

  test("what follows the image is the container's", () => {
    expect(run("--rm", "base", "ls", "-la", "--rm=false", "--", "-x")).toEqual({
      ...box,
      remove: true,
      command: ["ls", "-la", "--rm=false", "--", "-x"],
    });
  });

  test("two dashes end the flags", () => {
    expect(run("--rm", "--", "base", "-x")).toEqual({ ...box, remove: true, command: ["-x"] });
  });

  test("a value is the next word, whatever it looks like", () => {
    expect(run("--memory-swap", "-1", "-e", "--rm=1", "base")).toEqual({
      ...box,
      memorySwapBytes: -1,
      env: ["--rm=1"],
    });
    expect(run("--name=", "base")).toEqual({ ...box, name: "" });
  });

  test("flags that may be given again add up, others are replaced", () => {
    expect(run("-e", "A=1", "--cap-add", "KILL", "-e", "B=2", "--name", "a", "--name", "b", "base")).toEqual({
      ...box,
      env: ["A=1", "B=2"],
      capAdd: ["KILL"],
      name: "b",
    });
  });

  test("between operands, where there is no container's command", () => {
    const target = runCommand();
    const root = program(target);
    root.parse(["rm", "a", "-f", "b"], { from: "user" });
    expect(root.commands[2]!.args).toEqual(["a", "b"]);
    expect(target.quiet).toBe(true);
  });
});

describe("values of run", () => {
  test("every flag of the list sets its field", () => {
    const words = `-d --rm --name web -u 1:2 --group-add audio --hostname box -w /w --read-only --privileged --init
      --memory-reservation 6m --cpus 1.5 --cpu-shares 512 --cpuset-cpus 0-1 --pids-limit 10 --ulimit nofile=1024:2048
      --ulimit core=-1 --sysctl net.core.somaxconn=5 --device /dev/null:r --cap-drop ALL --security-opt no-new-privileges
      --label a=b=c --stop-signal SIGINT --stop-timeout 3 --network container:web --pid host --ipc none --uts host
      --cgroupns private --userns host --explain --dry-run --step --record out.json --tmpfs /t --oom-score-adj -5`;
    expect(run(...words.split(/\s+/), "base")).toEqual({
      image: "base",
      detach: true,
      remove: true,
      name: "web",
      user: "1:2",
      groupAdd: ["audio"],
      hostname: "box",
      workdir: "/w",
      readOnly: true,
      privileged: true,
      init: true,
      memoryReservationBytes: 6 * 1024 ** 2,
      nanoCpus: 1.5e9,
      cpuShares: 512,
      cpusetCpus: "0-1",
      pidsLimit: 10,
      ulimits: [
        { name: "core", soft: -1, hard: -1 },
        { name: "nofile", soft: 1024, hard: 2048 },
      ],
      sysctls: { "net.core.somaxconn": "5" },
      devices: [{ source: "/dev/null", target: "/dev/null", permissions: "r" }],
      capDrop: ["ALL"],
      securityOpt: ["no-new-privileges"],
      labels: { a: "b=c" },
      stopSignal: "SIGINT",
      stopTimeoutSeconds: 3,
      network: "container:web",
      networks: [{ network: "container:web", aliases: [] }],
      pid: "host",
      ipc: "none",
      uts: "host",
      cgroupns: "private",
      userns: "host",
      explain: true,
      dryRun: true,
      step: true,
      record: "out.json",
      mounts: [{ type: "tmpfs", target: "/t", readOnly: false, options: [] }],
      oomScoreAdj: -5,
    });
  });

  test("ports: with and without a place on the host, ranges, and a range to choose from", () => {
    const tcp = { protocol: "tcp", hostAddress: "0.0.0.0" };
    const words =
      "-p 80 -p 8080:81 -p 127.0.0.1::53/udp -p 1.2.3.4:90-91:90-91 -p 100-110:82 -p [FD00::0:1]:83:83 --expose 7-8/udp";
    expect(run(...words.split(" "), "base")).toEqual({
      image: "base",
      ports: [
        { ...tcp, hostPort: 0, port: 80 },
        { ...tcp, hostPort: 8080, port: 81 },
        { protocol: "udp", hostAddress: "127.0.0.1", hostPort: 0, port: 53 },
        { ...tcp, hostAddress: "1.2.3.4", hostPort: 90, port: 90 },
        { ...tcp, hostAddress: "1.2.3.4", hostPort: 91, port: 91 },
        { ...tcp, hostPort: 0, among: [100, 110], port: 82 },
        { ...tcp, hostAddress: "fd00::1", hostPort: 83, port: 83 },
      ],
      expose: ["7/udp", "8/udp"],
    });
  });

  test("networks: what is meant for the first, and what is said of one alone", () => {
    const words =
      "--network name=a,alias=x,ip=10.0.0.9 --network name=b,ip6=::7 --network-alias y --ip6 fd00::9 --mac-address 02:42:00:00:00:0A";
    const { network, endpoints } = run(...words.split(" "), "base");
    expect(network).toBe("a");
    expect(endpoints).toEqual([
      { network: "a", aliases: ["x", "y"], address: "10.0.0.9", address6: "fd00::9", mac: "02:42:00:00:00:0a" },
      { network: "b", aliases: [], address6: "::7" },
    ]);
  });

  test("--entrypoint with nothing takes the image's away", () => {
    expect(run("--entrypoint", "", "base")).toEqual({ image: "base", entrypoint: [] });
    expect(run("--entrypoint=/x", "base")).toEqual({ image: "base", entrypoint: ["/x"] });
  });

  test("-e NAME takes the value from here, and stays bare where there is none", () => {
    vi.stubEnv("FROM_HERE", "yes");
    expect(run("-e", "FROM_HERE", "-e", "SURELY_NOT", "base").env).toEqual(["FROM_HERE=yes", "SURELY_NOT"]);
    vi.unstubAllEnvs();
  });

  test("files of variables and labels come below what the command line says", () => {
    const env = file("env", '\uFEFF# comment\n\n  A=1 # no comment\nB="quoted"\nSURELY_NOT\n');
    expect(run("-e", "A=2", "--env-file", env, "base").env).toEqual(["A=1 # no comment", 'B="quoted"', "A=2"]);
    const labels = file("labels", "a=file\nb=file\n");
    expect(run("-l", "a=line", "--label-file", labels, "base").labels).toEqual({ a: "line", b: "file" });
  });

  test("a seccomp profile is read in; its special names are not", () => {
    const profile = file("seccomp.json", '{ "defaultAction": "SCMP_ACT_ALLOW" }');
    expect(
      run("--security-opt", `seccomp=${profile}`, "--security-opt", "seccomp=unconfined", "base").securityOpt,
    ).toEqual(['seccomp={"defaultAction":"SCMP_ACT_ALLOW"}', "seccomp=unconfined"]);
  });

  test("of limits with one name the last counts; restart policies and keys", () => {
    expect(run("--ulimit", "nofile=5", "--ulimit", "nofile=6", "base").ulimits).toEqual([
      { name: "nofile", soft: 6, hard: 6 },
    ]);
    expect(run("--restart", "on-failure:3", "base").restart).toEqual({ name: "on-failure", maximumRetryCount: 3 });
    expect(run("--detach-keys", "ctrl-p,ctrl-[,x", "base").detachKeys).toEqual([16, 27, 120]);
    expect(run("--add-host", "db=[::1]", "base").extraHosts).toEqual(["db:::1"]);
  });
});

describe("refusals, as Docker words them", () => {
  test.each([
    [["-m", "x"], `invalid argument "x" for "-m, --memory" flag: invalid size: 'x'`],
    [["--cpus", "x"], 'invalid argument "x" for "--cpus" flag: failed to parse x as a rational number'],
    [["-c", "x"], 'invalid argument "x" for "-c, --cpu-shares" flag: strconv.ParseInt: parsing "x": invalid syntax'],
    [["-e", "=x"], 'invalid argument "=x" for "-e, --env" flag: invalid environment variable: =x'],
    [["-l", "=x"], `invalid argument "=x" for "-l, --label" flag: invalid label '=x': empty name`],
    [["--ulimit", "foo=1"], 'invalid argument "foo=1" for "--ulimit" flag: invalid ulimit type: foo'],
    [["--ulimit", "nofile"], 'invalid argument "nofile" for "--ulimit" flag: invalid ulimit argument: nofile'],
    [["--ulimit", "nofile=5:3"], "ulimit soft limit must be less than or equal to hard limit: 5 > 3"],
    [["--sysctl", "kernel.pid_max=1"], "sysctl 'kernel.pid_max=1' is not allowed"],
    [["--rm=maybe"], 'invalid argument "maybe" for "--rm" flag: strconv.ParseBool: parsing "maybe": invalid syntax'],
    [["--restart", "foo"], "invalid restart policy: unknown policy 'foo'"],
    [["--restart", "on-failure:x"], "invalid restart policy format: maximum retry count must be an integer"],
    [["--restart", "always:3"], "maximum retry count can only be used with 'on-failure'"],
    [["--mount", "foo"], `invalid argument "foo" for "--mount" flag: invalid field 'foo' must be a key=value pair`],
    [["--device-read-bps", "x"], 'invalid argument "x" for "--device-read-bps" flag: bad format: x'],
    [["--device-read-bps", "/dev/sda:x"], "invalid rate for device: /dev/sda:x. The correct format is"],
    [["-a", "foo"], 'invalid argument "foo" for "-a, --attach" flag: valid streams are STDIN, STDOUT and STDERR'],
    [["--detach-keys", "ctrl-?"], "Unknown character: 'ctrl-?'"],
    [["--dns", "x"], "IP address is not correctly formatted: x"],
    [["--add-host", "x"], 'bad format for add-host: "x"'],
    [["-p", "x"], 'invalid argument "x" for "-p, --publish" flag: invalid containerPort: x'],
    [["-p", "8080:"], "no port specified: 8080:<empty>"],
    [["-p", "80/sctp"], "invalid proto: sctp"],
    [["-p", "1.2.3:80:80"], "invalid IP address: 1.2.3"],
    [["-p", "[::1]:80:80"], "::1: nothing is sent on from there"],
    [["-p", "1-2:1-3"], "invalid ranges specified for container and host Ports: 1-3 and 1-2"],
    [["-p", "70000"], "invalid containerPort: 70000"],
    [["--expose", "x"], "invalid range format for --expose: x"],
    [["--ip", "1.2"], "invalid IPv4 address: 1.2"],
    [["--ip6", "1.2.3.4"], "invalid IPv6 address: 1.2.3.4"],
    [["--mac-address", "02:42"], "invalid MAC address: 02:42"],
    [["--nope"], "unknown flag: --nope"],
    [["-Z"], "unknown shorthand flag: 'Z' in -Z"],
    [["-itZ"], "unknown shorthand flag: 'Z' in -Z"],
    [["--name"], "flag needs an argument: --name"],
  ])("run %j", (args, message) => {
    const { message: said, exitCode } = refusal("run", ...args);
    expect(said).toContain(message);
    expect(exitCode).toBe(125);
  });

  test.each([
    [["--pid", "x"], "--pid: invalid PID mode"],
    [["--uts", "x"], "--uts: invalid UTS mode"],
    [["--cgroupns", "x"], "--cgroupns: invalid CGROUP mode"],
    [["--ipc", "container:"], "invalid IPC mode: container:"],
    [["--network", "host", "--network", "foo"], "cannot attach both user-defined and non-user-defined network-modes"],
    [["--pull", "x"], `invalid pull option: 'x': must be one of "always", "missing" or "never"`],
    [["--rm", "--restart", "always"], "conflicting options: cannot specify both --restart and --rm"],
    [["-d", "-a", "stdin"], "conflicting options: cannot specify both --attach and --detach"],
    [["--security-opt", "foo"], 'invalid --security-opt: "foo"'],
    [["--security-opt", "seccomp=/surely/not"], "open /surely/not: no such file or directory"],
    [["--env-file", "/surely/not"], "open /surely/not: no such file or directory"],
    [["--cidfile", "/etc/passwd"], "container ID file found, make sure the other container isn't running or delete"],
  ])("run %j base, once all is read", (args, message) => {
    expect(() => run(...args, "base")).toThrow(message);
  });

  test("a file of variables with a bad line", () => {
    expect(() => run("--env-file", file("bad", "A B=1"), "base")).toThrow("variable 'A B' contains whitespaces");
  });

  test("how many operands a command wants", () => {
    expect(refusal("run").message).toBe("'mini-docker run' requires at least 1 argument");
    expect(refusal("rm").message).toBe("'mini-docker rm' requires at least 1 argument");
    expect(refusal("ps", "a").message).toBe("'mini-docker ps' accepts no arguments");
  });

  test("what was probably meant, or where to read on", () => {
    expect(refusal("rnu")).toMatchObject({
      message: "unknown command: mini-docker rnu",
      hint: "did you mean run? Or see 'mini-docker --help'",
    });
    expect(refusal("run", "--memor", "5")).toMatchObject({
      hint: "did you mean --memory? Or see 'mini-docker run --help'",
    });
    expect(refusal("run", "--qqq")).toMatchObject({ hint: "see 'mini-docker run --help'" });
  });
});

test("--help fits into 80 columns and leaves out what only old scripts know", () => {
  const help = program(runCommand()).commands[0]!.helpInformation();
  expect(help).toContain("Usage:  mini-docker run [OPTIONS] IMAGE [COMMAND] [ARG...]");
  expect(help).toContain("  -m, --memory bytes              Memory limit\n");
  expect(help).toContain("      --rm                        Remove the container when it exits\n");
  expect(help).not.toContain("--dns-opt ");
  expect(help.split("\n").filter((line) => line.length > 80)).toEqual([]);
});
