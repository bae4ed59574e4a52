import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { needs } from "../support/needs.ts";
import { eventually, FRAME, frame, Monitored, type Setting, start, temporaryFolder } from "./monitor-harness.ts";

// Everything is claimed of the program as shipped and of the same source under the sanitizers, which end it, loudly, at
// the first access out of bounds.
describe.each([{ sanitize: false }, { sanitize: true }])("monitor, sanitized: $sanitize", ({ sanitize }) => {
  const run = (setting: Setting) => start({ ...setting, sanitize });

  describe("exit", () => {
    test.each([
      ["exit 0", 0, 0],
      ["exit 7", 7, 0],
      ["kill -9 $$", 137, 9],
      ["kill -TERM $$", 143, 15],
    ])("%s is recorded as exit code %i, signal %i", async (command, exitCode, signal) => {
      const container = await run({ command, foreground: true });
      expect(await container.ended).toBe(0);
      expect(JSON.parse(container.read("exit.json"))).toEqual({ exitCode, signal, finishedAt: expect.any(String) });
      expect((await container.foreground.end()).exitCode).toBe(exitCode);
      expect(container.complaints).toBe("");
    });

    test("is dated now, with nanoseconds", async () => {
      const container = await run({ command: "true" });
      await container.ended;
      const { finishedAt } = JSON.parse(container.read("exit.json"));
      expect(finishedAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/);
      expect(Math.abs(Date.parse(finishedAt) - Date.now())).toBeLessThan(60_000);
    });

    test("is on record by the end of the connection, and the socket is gone", async () => {
      const container = await run({ command: "exit 3", foreground: true });
      await container.foreground.end();
      expect(JSON.parse(container.read("exit.json")).exitCode).toBe(3);
      expect(container.has("attach.sock")).toBe(false);
      expect(container.has("exit.json.draft")).toBe(false);
    });

    test("doesn't wait for processes that hold the pipes open", async () => {
      const dir = temporaryFolder();
      const container = await run({ command: `sleep 1000 & echo $! >${dir}/sleeper; kill -9 $$`, dir });
      expect(await container.ended).toBe(0);
      expect(JSON.parse(container.read("exit.json")).exitCode).toBe(137);
      process.kill(Number(container.read("sleeper")));
    });

    test("runs the given program with no descriptor but 0, 1, 2, in / and with our environment", async () => {
      const dir = temporaryFolder();
      const look = `pwd; ls /proc/self/fd | wc -l; echo $0 $COMMAND; cat ${dir}/exit.json`;
      const onExit = ["--", "/bin/sh", "-c", `{ ${look}; } >${dir}/seen`, "name"];
      const container = await run({ command: "exit 4", dir, options: onExit });
      expect(await container.ended).toBe(0);
      const [folder, count, words, exit] = container.read("seen").trim().split("\n");
      // The fourth descriptor is the one with which ls reads the folder.
      expect({ folder, count, words }).toEqual({ folder: "/", count: "4", words: "name exit 4" });
      expect(JSON.parse(exit!).exitCode).toBe(4);
    });

    test("leaves no signal blocked in that program", async () => {
      const dir = temporaryFolder();
      const onExit = ["--", "/bin/cp", "/proc/self/status", `${dir}/status`];
      const container = await run({ command: "true", dir, options: onExit });
      expect(await container.ended).toBe(0);
      expect(container.read("status")).toMatch(/^SigBlk:\t0{16}$/m);
    });

    test.each([true, false])("leaves what comes after to the foreground if there is one: %j", async (stays) => {
      const dir = temporaryFolder();
      const options = ["--", "/bin/touch", `${dir}/on-exit-ran`];
      const container = await run({ command: "read a", foreground: true, dir, options });
      if (!stays) container.foreground.leave();
      (await container.attach()).send(FRAME.closeStdin);
      expect(await container.ended).toBe(0);
      expect(container.has("on-exit-ran")).toBe(!stays);
    });
  });

  describe("start", () => {
    test("that fails says at which stage and why, and kills the child", async () => {
      const container = new Monitored({ command: "exit 0", sanitize, options: ["log=/nowhere/log"] });
      expect(await container.report()).toEqual({ kind: 5, index: 4, result: -2 });
      expect(await container.ended).toBe(1);
    });

    test("refuses an option it doesn't know", async () => {
      const container = new Monitored({ command: "exit 0", sanitize, options: ["color=red"] });
      expect(await container.report()).toEqual({ kind: 5, index: 1, result: -22 });
    });

    test("takes the place of a socket that was left behind, for the owner alone", async () => {
      const dir = temporaryFolder();
      writeFileSync(join(dir, "attach.sock"), "");
      const container = await run({ command: "exec sleep 1000", dir });
      const client = await container.attach();
      expect(statSync(join(dir, "attach.sock")).mode & 0o777).toBe(0o600);
      client.send(FRAME.signal, [15]);
      expect((await client.end()).exitCode).toBe(143);
    });
  });

  describe("log", () => {
    test("has both streams, line by line, and P for what never got its newline", async () => {
      const container = await run({
        command: "echo one; sleep 0.1; echo two >&2; sleep 0.1; printf 'th'; sleep 0.1; printf ree",
      });
      await container.ended;
      expect(container.read("log").replaceAll(/^\S+/gm, "TIME")).toBe(
        "TIME stdout F one\nTIME stderr F two\nTIME stdout P three\n",
      );
    });

    test("has bytes of any kind, in lines of any length", async () => {
      const file = join(temporaryFolder(), "bytes");
      const bytes = Buffer.alloc(2_000_000, `${"x".repeat(50_000)}\n\n\0\r\xff\n${"y".repeat(16_384)}\n`);
      writeFileSync(file, bytes);
      const container = await run({ command: `cat ${file}`, foreground: true });
      expect((await container.foreground.end()).output().equals(bytes)).toBe(true);
      expect(container.logged().equals(bytes)).toBe(true);
    });

    test("is rotated without a byte lost, and no file outgrows its size", async () => {
      const container = await run({ command: "seq 1 30000", options: ["log-size=50000", "log-files=100"] });
      await container.ended;
      const sizes = container.logFiles().map((name) => statSync(join(container.dir, name)).size);
      expect(sizes.length).toBeGreaterThan(20);
      expect(Math.max(...sizes)).toBeLessThanOrEqual(50_000);
      expect(container.logged().toString()).toBe(numbers(1, 30_000));
    });

    test.each([1, 2, 3])("keeps %i files, the newest", async (files) => {
      const container = await run({ command: "seq 1 30000", options: ["log-size=50000", `log-files=${files}`] });
      await container.ended;
      expect(container.logFiles()).toEqual(["log.2", "log.1", "log"].slice(-files));
      expect(numbers(1, 30_000).endsWith(container.logged().toString())).toBe(true);
    });

    test("goes on where an earlier one stopped, in a line of its own", async () => {
      const dir = temporaryFolder();
      writeFileSync(join(dir, "log"), "2016-10-06T00:17:09.669794202Z stdout F torn");
      const container = await run({ command: "echo new", dir });
      await container.ended;
      expect(container.logged().toString()).toBe("torn\nnew\n");
    });
  });

  describe("foreground", () => {
    test("gets both streams apart, and the exit code", async () => {
      const container = await run({ command: "echo out; echo err >&2; exit 5", foreground: true });
      const client = await container.foreground.end();
      expect([client.output().toString(), client.output(FRAME.stderr).toString()]).toEqual(["out\n", "err\n"]);
      expect(client.exitCode).toBe(5);
    });

    test("that reads nothing holds the container up, and then misses nothing", async () => {
      const container = await run({ command: "seq 1 500000", foreground: true });
      await sleep(500);
      expect(container.has("exit.json")).toBe(false);
      const busyMs = container.cpuMs();
      await sleep(500);
      expect(container.cpuMs() - busyMs).toBeLessThan(250);
      const client = await container.foreground.end();
      expect(client.output().equals(Buffer.from(numbers(1, 500_000)))).toBe(true);
      expect(client.exitCode).toBe(0);
    });

    test("that reads nothing doesn't hold up the record of the container's end", async () => {
      const command = "perl -e 'print qq(x) x 1000000'";
      const container = await run({ command, foreground: true, pipeBytes: 1 << 20 });
      expect(await container.ended).toBe(0);
      expect(container.has("exit.json")).toBe(true);
      expect(container.logged().length).toBe(1_000_000);
      const client = await container.foreground.end();
      expect([client.output().length, client.exitCode]).toEqual([1_000_000, 0]);
    });

    test("may be killed: the container goes on, and its log is whole", async () => {
      const container = await run({ command: "seq 1 300000; sleep 0.2; echo end; exit 6", foreground: true });
      await container.foreground.until("\n1000\n");
      container.foreground.leave();
      await container.ended;
      expect(container.logged().toString()).toBe(`${numbers(1, 300_000)}end\n`);
      expect(JSON.parse(container.read("exit.json")).exitCode).toBe(6);
    });
  });

  describe("attached clients", () => {
    test("all see the same bytes", async () => {
      const container = await run({ command: "read go; seq 1 50000; exit 2" });
      const clients = [await container.attach(), await container.attach(), await container.attach()];
      clients[0]!.send(FRAME.stdin, "go\n");
      for (const client of await Promise.all(clients.map((client) => client.end()))) {
        expect(client.output().toString()).toBe(numbers(1, 50_000));
        expect(client.exitCode).toBe(2);
      }
    });

    test("that read nothing are let go, and slow nobody", async () => {
      const container = await run({ command: "read go; seq 1 1500000; exit 2", options: ["log-size=1000000"] });
      const sleeper = await container.attach();
      sleeper.send(FRAME.stdin, "go\n");
      await container.ended;
      expect(JSON.parse(container.read("exit.json")).exitCode).toBe(2);
      await sleeper.end();
      expect(sleeper.exitCode).toBeUndefined();
      expect(numbers(1, 1_500_000).startsWith(sleeper.output().toString())).toBe(true);
    });

    test("may send a frame byte by byte", async () => {
      const container = await run({ command: "read a; echo got $a" });
      const client = await container.attach();
      for (const byte of frame(FRAME.stdin, Buffer.from("word\n"))) {
        client.socket.write(Buffer.from([byte]));
        await sleep(2);
      }
      await client.end();
      expect(client.output().toString()).toBe("got word\n");
    });

    test("may send several frames at once", async () => {
      const container = await run({ command: "cat; echo end" });
      const client = await container.attach();
      const frames = [
        frame(FRAME.stdin, Buffer.from("a")),
        frame(FRAME.stdin, Buffer.from("b")),
        frame(FRAME.closeStdin),
      ];
      client.socket.write(Buffer.concat(frames));
      expect((await client.end()).output().toString()).toBe("abend\n");
    });

    test.each([
      ["an unknown type", Buffer.from([9, 0, 0, 0, 0, 0, 0, 0])],
      ["a type that only we send", Buffer.from([1, 0, 0, 0, 0, 0, 0, 1, 65])],
      ["a padding that isn't zero", Buffer.from([5, 1, 0, 0, 0, 0, 0, 4, 0, 24, 0, 80])],
      ["a resize of 5 bytes", Buffer.from([5, 0, 0, 0, 0, 0, 0, 5, 0, 24, 0, 80, 0])],
      ["a signal of 4 GB", Buffer.from([6, 0, 0, 0, 255, 255, 255, 255, 9])],
    ])("with %s lose their connection, and nobody else does", async (_, bytes) => {
      const container = await run({ command: "read a; echo got $a" });
      const [bad, good] = [await container.attach(), await container.attach()];
      bad.socket.write(bytes);
      expect((await bad.end()).exitCode).toBeUndefined();
      good.send(FRAME.stdin, "word\n");
      expect((await good.end()).output().toString()).toBe("got word\n");
    });

    test("are refused past fifteen", async () => {
      const container = await run({ command: "read a" });
      const clients = await Promise.all(Array.from({ length: 16 }, () => container.attach()));
      const ends = clients.map((client) => client.end());
      const refused = await Promise.race(ends);
      clients.find((client) => client !== refused)!.send(FRAME.stdin, "end\n");
      await Promise.all(ends);
      expect(clients.filter((client) => client.exitCode === 0)).toHaveLength(15);
    });

    test("that connect before the monitor has seen the container's end are told its exit code", async () => {
      const dir = temporaryFolder();
      const container = await run({ command: `echo $$ >${dir}/pid; exec sleep 1000`, dir });
      await eventually(() => container.has("pid") && container.read("pid") !== "", "the container has started");
      container.process.kill("SIGSTOP");
      process.kill(Number(container.read("pid")), "SIGKILL");
      const client = await container.attach();
      container.process.kill("SIGCONT");
      expect((await client.end()).exitCode).toBe(137);
    });
  });

  describe("stdin", () => {
    test("takes more than a pipe holds, when the container gets round to it", async () => {
      const container = await run({ command: "sleep 0.3; wc -c", foreground: true });
      const bytes = Buffer.alloc(3_000_000, "z");
      container.foreground.send(FRAME.stdin, bytes);
      container.foreground.send(FRAME.closeStdin);
      expect((await container.foreground.end()).output().toString()).toBe("3000000\n");
    });

    test("that is full doesn't keep another client from being heard", async () => {
      const container = await run({ command: "exec sleep 1000", foreground: true });
      container.foreground.send(FRAME.stdin, Buffer.alloc(3_000_000));
      const other = await container.attach();
      await sleep(50);
      other.send(FRAME.stdin, "more");
      const third = await container.attach();
      third.send(FRAME.signal, [9]);
      expect((await third.end()).exitCode).toBe(137);
    });

    test("stays open when a client goes", async () => {
      const container = await run({ command: "cat; exit 8" });
      const first = await container.attach();
      first.send(FRAME.stdin, "first\n");
      await first.until("first\n");
      first.leave();
      const second = await container.attach();
      second.send(FRAME.stdin, "second\n");
      await second.until("second\n");
      second.send(FRAME.closeStdin);
      expect((await second.end()).exitCode).toBe(8);
      expect(container.logged().toString()).toBe("first\nsecond\n");
    });

    test("with stdin-once ends with the last client", async () => {
      const container = await run({ command: "cat; exit 8", options: ["stdin-once=1"] });
      const [first, second] = [await container.attach(), await container.attach()];
      first.leave();
      second.send(FRAME.stdin, "still open\n");
      await second.until("still open\n");
      second.leave();
      await container.ended;
      expect(JSON.parse(container.read("exit.json")).exitCode).toBe(8);
    });

    test("with stdin-once stays open when a client detaches", async () => {
      const container = await run({ command: "cat; exit 8", foreground: true, options: ["stdin-once=1"] });
      container.foreground.send(FRAME.stdin, "one\n");
      container.foreground.send(FRAME.detach);
      expect((await container.foreground.end()).exitCode).toBeUndefined();
      const second = await container.attach();
      second.send(FRAME.stdin, "two\n");
      await second.until("two\n");
      second.leave();
      await container.ended;
      expect(container.logged().toString()).toBe("one\ntwo\n");
    });

    test("that nobody reads any more takes everything", async () => {
      const container = await run({ command: "exec <&-; sleep 0.2; echo fine", foreground: true });
      container.foreground.send(FRAME.stdin, Buffer.alloc(1_000_000));
      expect((await container.foreground.end()).output().toString()).toBe("fine\n");
      expect(await container.ended).toBe(0);
    });
  });

  describe("signals", () => {
    const command = "trap 'echo TERM; exit 3' TERM; trap 'echo USR1' USR1; echo ready; while :; do sleep 0.02; done";

    test("come to the container from a client", async () => {
      const container = await run({ command, foreground: true });
      await container.foreground.until("ready");
      container.foreground.send(FRAME.signal, [10]);
      await container.foreground.until("USR1");
      container.foreground.send(FRAME.signal, [15]);
      expect((await container.foreground.end()).exitCode).toBe(3);
    });

    test("that the monitor gets are passed on", async () => {
      const container = await run({ command, foreground: true });
      await container.foreground.until("ready");
      container.process.kill("SIGUSR1");
      await container.foreground.until("USR1");
      container.process.kill("SIGTERM");
      expect((await container.foreground.end()).exitCode).toBe(3);
    });
  });

  describe("terminal", () => {
    test("is what the container has, in the size asked for, and a resize reaches it", async () => {
      const command =
        "until [ \"$(stty size)\" = '7 77' ]; do :; done; trap 'stty size; exit' WINCH; echo 7 77; while :; do sleep 0.02; done";
      const container = await run({ command, tty: true, foreground: true });
      await container.foreground.until("7 77\r\n");
      container.foreground.send(FRAME.resize, [0, 40, 1, 4]);
      await container.foreground.until("40 260\r\n");
      expect((await container.foreground.end()).exitCode).toBe(0);
    });

    test("takes what is typed, and Ctrl-C", async () => {
      const command = "trap 'echo INT; exit 1' INT; read a; echo got $a; while :; do sleep 0.02; done";
      const container = await run({ command, tty: true, foreground: true });
      container.foreground.send(FRAME.stdin, "word\r");
      await container.foreground.until("got word");
      container.foreground.send(FRAME.stdin, "\x03");
      expect((await container.foreground.end()).exitCode).toBe(1);
      expect(container.logged().toString()).toBe("word\r\ngot word\r\n^CINT\r\n");
    });

    test("stays when the container closes it to open it again", async () => {
      const command = "exec <&- >&- 2>&-; sleep 0.2; echo again >/dev/tty; sleep 0.2; echo and again >/dev/tty";
      const container = await run({ command, tty: true, foreground: true });
      expect((await container.foreground.end()).output().toString()).toBe("again\r\nand again\r\n");
    });

    test("loses no byte at the end", async () => {
      const container = await run({ command: "stty -onlcr; seq 1 2000", tty: true, foreground: true });
      expect((await container.foreground.end()).output().toString()).toBe(numbers(1, 2000));
    });
  });
});

describe("monitor", () => {
  test("carries 100 MB to log and client alike, rotating on its way", needs("speed"), async () => {
    const container = await start({
      command: "seq -f %0500.0f 1 200000",
      foreground: true,
      options: ["log-size=10000000", "log-files=20"],
    });
    const expected = Buffer.from(Array.from({ length: 200_000 }, (_, i) => `${i + 1}\n`.padStart(501, "0")).join(""));
    expect((await container.foreground.end()).output().equals(expected)).toBe(true);
    expect(container.logged().equals(expected)).toBe(true);
  });

  test("is small", needs("x64"), async () => {
    const container = await start({ command: "read a; seq 1 100000; echo end; read a", foreground: true });
    const memory = () =>
      Number(/^Pss: +(\d+) kB/m.exec(readFileSync(`/proc/${container.process.pid}/smaps_rollup`, "utf8"))?.[1]);
    expect(memory()).toBeLessThanOrEqual(40);
    container.foreground.send(FRAME.stdin, "\n");
    await container.foreground.until("end");
    expect(memory()).toBeLessThanOrEqual(100);
  });
});

/** What `seq` prints. */
function numbers(first: number, last: number): string {
  return Array.from({ length: last - first + 1 }, (_, i) => `${first + i}\n`).join("");
}
