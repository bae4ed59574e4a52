// An ordinary user's containers and those outside, with real packets. The user is one of ordinary-user.ts, the host outside one of
// hosts.ts.

import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildScript } from "../support/engine.ts";
import { needs } from "../support/needs.ts";
import { fetchFrom, type Host, makeHost, telling } from "./hosts.ts";
import { makeOrdinaryUser, type OrdinaryUser } from "./ordinary-user.ts";

const NEEDS = needs("root", "speed", "tun", "program:ip", "program:setpriv", "program:pasta", "program:slirp4netns");
const OURS = "10.80.0.1";
const THEIRS = "10.80.0.2";
/** Where the host is in a container's eyes. */
const GATEWAY = "10.0.2.2";

/** `SERVE address word`: says the word by TCP, hears and says it by UDP; and `outside` calls everybody THEIRS. */
const SERVE = `
  const [, , address, word] = process.argv;
  require("net").createServer((socket) => socket.end(word)).listen(8000, address);
  const udp = (port, answer) => {
    const socket = require("dgram").createSocket("udp4");
    socket.on("message", (asked, from) => socket.send(answer(asked), from.port, from.address));
    socket.bind(port, address);
  };
  udp(9000, (asked) => word + " heard " + asked);
  if (word === "outside") udp(53, (asked) => {
    const reply = Buffer.concat([asked, Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, ${THEIRS.replaceAll(".", ",")}])]);
    reply.writeUInt16BE(0x8180, 2);
    reply.writeUInt16BE(1, 6);
    return reply;
  });
  setTimeout(() => console.log("ready"), 100);`;

/** `ASK [tcp:address:port | udp:address:port | name:server:name]…`: what is said, or why nothing, a line each. */
const ASK = `
  const tcp = (host, port) => new Promise((resolve) => {
    const socket = require("net").connect({ host, port });
    socket.on("data", (said) => resolve(String(said))).on("error", ({ code }) => resolve(code));
  });
  const udp = (host, port) => new Promise((resolve) => {
    const socket = require("dgram").createSocket("udp4");
    socket.on("message", (said) => resolve(String(said))).send("hi", port, host);
  });
  const name = async (server, wanted) => {
    const resolver = new (require("dns").promises.Resolver)();
    resolver.setServers([server]);
    return (await resolver.resolve4(wanted)).join();
  };
  const late = () => new Promise((resolve) => setTimeout(resolve, 2000, "nothing"));
  (async () => {
    for (const word of process.argv.slice(2)) {
      const [how, where, what] = word.split(":");
      console.log(await Promise.race([{ tcp, udp, name }[how](where, what), late()]));
    }
    process.exit();
  })();`;

const KINDS = ["slirp4netns", "pasta"];

describe("an ordinary user's container", { ...NEEDS, timeout: 240_000 }, () => {
  let user: OrdinaryUser;
  let folder: string;
  let outside: Host;
  const servers: ChildProcess[] = [];

  beforeAll(async () => {
    if (NEEDS.skip) return;
    user = makeOrdinaryUser(THEIRS);
    folder = user.folder;
    writeFileSync(join(folder, "serve.cjs"), SERVE);
    writeFileSync(join(folder, "ask.cjs"), ASK);
    mkdirSync(join(folder, "broken"));
    writeFileSync(join(folder, "broken/slirp4netns"), "#!/bin/sh\necho I am broken; exit 1\n", { mode: 0o755 });
    outside = await makeHost("outside", `${OURS}/24`, `${THEIRS}/24`);
    execFileSync("ip", ["route", "add", "default", "via", THEIRS]);
    const serve = join(folder, "serve.cjs");
    servers.push(spawn("nsenter", ["-t", String(outside.pid), "-n", "node", serve, THEIRS, "outside"]));
    servers.push(spawn("node", [serve, "127.0.0.1", "loopback"]));
    for (const server of servers) await once(server.stdout!, "data");
  });
  afterAll(async () => {
    if (NEEDS.skip) return;
    user.close();
    for (const server of servers) {
      server.kill("SIGKILL");
      if (server.exitCode === null) await once(server, "close");
    }
    await outside.close();
  });

  const asUser: OrdinaryUser["call"] = (...given) => user.call(...given);
  const standIns: OrdinaryUser["standIns"] = (wanted) => user.standIns(wanted);

  /** In a container there is this machine's Node. */
  const node = (name: string) => `-v /:/host:ro base chroot /host node ${folder}/${name}.cjs`;

  const ASKED = [`tcp:${THEIRS}:8000`, `udp:${THEIRS}:9000`, "name:10.0.2.3:somebody.test"];
  const LOOPBACK = [GATEWAY, "127.0.0.1", OURS].map((address) => `tcp:${address}:8000`);

  const EACH = KINDS.flatMap((kind) => (["none", "many"] as const).map((ids) => ({ kind, ids })));

  test.each(EACH)("with $kind (ids: $ids) reaches those outside, by name too, and not the host's loopback", (each) => {
    const { kind, ids } = each;
    const ask = asUser(`md run --rm --network ${kind} ${node("ask")} ${[...ASKED, ...LOOPBACK].join(" ")}`, { ids });
    expect(ask.stderr).toBe("");
    expect(ask.lines.slice(0, 3)).toEqual(["outside", "outside heard hi", THEIRS]);
    for (const said of ask.lines.slice(3)) expect(said).toMatch(/^(nothing|ECONNREFUSED|ENETUNREACH)$/);
    expect(ask.lines).toHaveLength(6);
    const files = asUser(
      `md run --rm -h me --network ${kind} base grep -h -e nameserver -e me /etc/resolv.conf /etc/hosts`,
    );
    expect(files.lines).toEqual(["nameserver 10.0.2.3", "10.0.2.100\tme"]);
    expect(standIns(0)).toEqual([]);
  });

  test("unless that is asked for", () => {
    for (const asked of ["slirp4netns:allow_host_loopback=true", "pasta:--map-gw"]) {
      const { lines } = asUser(`md run --rm --network ${asked} ${node("ask")} ${LOOPBACK[0]}`);
      expect(lines, asked).toEqual(["loopback"]);
    }
    const { status, stderr } = asUser("md run --rm --network pasta:--what base true");
    expect([status, stderr]).toEqual([125, expect.stringContaining("invalid option of --network pasta: --what")]);
  });

  test.each(KINDS)("with %s has ports of the host, and gives them back", (kind) => {
    const ports = "-p 8080:8000 -p 127.0.0.1:8090-8091:90-91 -p 5300:9000/udp -p 8000";
    const run = asUser(`md run -d --name web --network ${kind} ${ports} ${node("serve")} 0.0.0.0 web && md port web`);
    const shown = run.lines.slice(1);
    expect(shown.slice(0, 4)).toEqual([
      "8000/tcp -> 0.0.0.0:8080",
      "90/tcp -> 127.0.0.1:8090",
      "91/tcp -> 127.0.0.1:8091",
      "9000/udp -> 0.0.0.0:5300",
    ]);
    const chosen = Number(shown[4]!.split(":")[1]);
    for (const port of [8080, chosen]) expect(eventually(() => fetchFrom(undefined, "127.0.0.1", port))).toBe("web");
    // Debian 12's pasta ends when somebody connects from another host; slirp4netns answers its own host by TCP alone.
    if (kind === "slirp4netns") expect(fetchFrom(outside, OURS, 8080)).toBe("web");
    const udp =
      kind === "slirp4netns" ? askFrom(outside, `udp:${OURS}:5300`) : askFrom(undefined, "udp:127.0.0.1:5300");
    expect(udp).toBe("web heard hi");
    expect(fetchFrom(outside, OURS, 8090)).toBe("ECONNREFUSED");

    const again = asUser(`md run --rm --network ${kind} -p 8080:80 base true`);
    expect([again.status, again.stderr]).toEqual([125, expect.stringContaining("port is already allocated")]);
    expect(standIns(1)).toHaveLength(1);
    expect(asUser("md rm -f web").lines).toEqual(["web"]);
    expect(standIns(0)).toEqual([]);
    expect(fetchFrom(undefined, "127.0.0.1", 8080)).toBe("ECONNREFUSED");
  });

  function askFrom(host: Host | undefined, what: string): string {
    const words = [join(folder, "ask.cjs"), what];
    return (host ? host.run("node", ...words) : spawnSync("node", words, { encoding: "utf8" })).stdout.trim();
  }

  test.each(KINDS)("with %s: who is killed, wherever, leaves nothing behind", async (kind) => {
    const named = "/home/.local/share/mini-docker/containers";
    const state = () =>
      JSON.parse(execFileSync("sh", ["-c", `cat ${folder}${named}/*/state.json`], { encoding: "utf8" }));
    // The program itself: the container goes on, alone; and the next command has another one stand in.
    asUser(`md run -d --name one --network ${kind} -p 8070:70 base sleep 1000`);
    for (const next of ["md ps -q > /dev/null", "true"]) {
      const [first] = standIns(1);
      process.kill(Number(first), "SIGKILL");
      expect(standIns(0)).toEqual([]);
      expect(asUser(`${next}; md exec one ip route`).lines[0], next).toContain(`default via ${GATEWAY}`);
      expect(standIns(1)).not.toEqual([first]);
      expect(fetchFrom(undefined, "127.0.0.1", 8070)).not.toBe("ECONNREFUSED");
    }
    // All who would tidy up, and the container.
    process.kill(state().monitor.pid, "SIGKILL");
    process.kill(state().process.pid, "SIGKILL");
    expect(asUser("md ps -aq --filter status=running").lines).toEqual([""]);
    expect(standIns(0)).toEqual([]);
    // The monitor alone: the container goes on, with its network, and is ended with it.
    asUser("md start one");
    process.kill(state().monitor.pid, "SIGKILL");
    expect(asUser("md ps -q").lines[0]).not.toBe("");
    expect(standIns(1)).toHaveLength(1);
    expect(asUser("md rm -f one").lines).toEqual(["one"]);
    expect(standIns(0)).toEqual([]);
  });

  test("killed between its changes of files, a start leaves nothing that the next command doesn't take away", async () => {
    const dying = join(folder, "die-at.cjs");
    copyFileSync(await buildScript("test/fixtures/die-at.ts"), dying);
    chmodSync(dying, 0o644);
    const [id] = asUser("md create --network pasta -p 8060:60 --name victim base sleep 1000").lines;
    const roots = `$HOME/.local/share/mini-docker $XDG_RUNTIME_DIR/mini-docker`;
    const modules = join(import.meta.dirname, "../../node_modules");
    let stoodIn = 0;
    for (let index = 1, survived = false; !survived; index += 2) {
      const died = asUser(`NODE_PATH=${modules} node ${dying} ${roots} ${index} start ${id}`);
      survived = died.status === 0;
      if (survived) break;
      if (standIns(1).length > 0) stoodIn++;
      expect(asUser("md ps -q").lines, `change ${index}: ${died.stderr}`).toEqual([""]);
      expect(standIns(0), `change ${index}`).toEqual([]);
    }
    expect(stoodIn).toBeGreaterThan(0);
    expect(standIns(1)).toHaveLength(1);
    asUser("md rm -f victim");
    expect(standIns(0)).toEqual([]);
  });

  const pathsOf = (...names: string[]) => names.map((name) => `$(command -v ${name})`).join(" ");

  test("has a network without asking for one, where that can be had; and ports it can't have are refused", () => {
    const links = "base ls /sys/class/net";
    expect(
      asUser(`md run --rm ${links}; md run --rm --network none ${links}; md run --rm --network default ${links}`),
    ).toEqual({
      status: 0,
      stderr: "",
      lines: ["eth0", "lo", "lo", "eth0", "lo"],
    });
    const shown = (hidden: string) =>
      asUser(`md run -d --name it base sleep 9 && md inspect -f {{.HostConfig.NetworkMode}} it; md rm -f it`, {
        hidden,
      });
    expect(shown("").lines[1]).toBe("slirp4netns");
    expect(shown(pathsOf("slirp4netns")).lines[1]).toBe("pasta");
    for (const lack of [{ hidden: pathsOf("slirp4netns", "pasta") }, { tun: "600" }]) {
      expect(asUser(`md run --rm ${links}`, lack)).toEqual({ status: 0, stderr: "", lines: ["lo"] });
      const { status, stderr } = asUser("md run --rm -p 8080:80 base true", lack);
      expect([status, stderr]).toEqual([125, expect.stringContaining("no network by slirp4netns: ")]);
    }
  });

  test("starts all the same where a network nobody asked for can't be had, and that is said once", () => {
    const run = "md run --rm base ls /sys/class/net";
    const broken = asUser(`rm -f $XDG_RUNTIME_DIR/mini-docker/no-network; PATH=${folder}/broken:$PATH; ${run}; ${run}`);
    expect([broken.status, broken.lines]).toEqual([0, ["lo", "lo"]]);
    expect(broken.stderr).toMatch(
      /^WARNING: no network by slirp4netns: I am broken, so the container is alone [^\n]*\n$/,
    );
    const asked = asUser(`PATH=${folder}/broken:$PATH; md run --rm --network slirp4netns base true`);
    expect([asked.status, asked.stderr]).toEqual([125, expect.stringContaining("I am broken")]);
    expect(asUser("md ps -aq").lines).toEqual([""]);
  });

  test("and the doctor says what there is of it, and how to mend what there isn't", () => {
    const line = (lack = {}) =>
      asUser("md doctor", lack)
        .lines.filter((text) => /network (tunnel|program)/.test(text))
        .join("\n");
    expect(line()).toMatch(/^✓ network tunnel +\/dev\/net\/tun\n✓ network program +\S+\/slirp4netns \S+\/pasta$/);
    const { lines } = asUser("md doctor", { tun: "600", hidden: pathsOf("slirp4netns", "pasta") });
    expect(lines.join("\n")).toMatch(
      /network tunnel +none.*chmod 666.*network program +none.*apt install slirp4netns/s,
    );
  });

  describe("with users of his own, on networks of his own", () => {
    const OWN = { ids: "many" } as const;
    const left = () => execFileSync("ls", [`${folder}/run/mini-docker`], { encoding: "utf8" });
    const asked = (...what: string[]) => `base chroot /host node ${folder}/ask.cjs ${what.join(" ")}`;

    test("is found there by name, reaches those outside, and has ports of the host", () => {
      const words = [
        "name:127.0.0.11:web",
        "name:127.0.0.11:store",
        ...ASKED.slice(0, 2),
        "tcp:172.17.0.2:8000",
        ...LOOPBACK,
      ];
      const run = asUser(
        `md network create --subnet 172.17.0.0/16 front; md network create --subnet 172.18.0.0/16 back
        md run -d --name web --network front -p 8080:8000 -p 5300:9000/udp ${node("serve")} 0.0.0.0 web
        md run -d --name db --network front --network-alias store ${node("serve")} 0.0.0.0 db
        md run --rm --network front -v /:/host:ro ${asked(...words)}
        md run --rm --network back -v /:/host:ro ${asked("tcp:172.17.0.2:8000", "name:127.0.0.11:web")}; md port web`,
        OWN,
      );
      expect(run.stderr).toBe("");
      const [, , , , ...said] = run.lines;
      expect(said.slice(0, 5)).toEqual(["172.17.0.2", "172.17.0.3", "outside", "outside heard hi", "web"]);
      for (const each of said.slice(5, 9)) expect(each).toMatch(/^(nothing|ECONNREFUSED|ENETUNREACH)$/);
      // There it is nobody's name, so others are asked, and ours outside says this to all.
      expect(said.slice(9)).toEqual([THEIRS, "8000/tcp -> 0.0.0.0:8080", "9000/udp -> 0.0.0.0:5300"]);
      for (const address of ["127.0.0.1", OURS]) expect(fetchFrom(undefined, address, 8080)).toBe("web");
      expect(fetchFrom(outside, OURS, 8080)).toBe("web");
      expect(askFrom(outside, `udp:${OURS}:5300`)).toBe("web heard hi");
      const shown = asUser("md network show", OWN).lines.join("\n");
      expect(shown).toMatch(/veth.*172\.17\.0\.2.*web/s);
      expect(shown).not.toContain("may pass for another");
      const again = asUser("md run --rm --network back -p 8080:80 base true", OWN);
      expect([again.status, again.stderr]).toEqual([125, expect.stringContaining("port is already allocated")]);
    });

    test("is plugged in and pulled out while it runs", () => {
      const ask = `md run --rm --network back -v /:/host:ro ${asked("tcp:172.18.0.2:8000", "name:127.0.0.11:db")}`;
      const connected = asUser(`md network connect back db; md exec db ls /sys/class/net; ${ask}`, OWN);
      expect([connected.stderr, connected.lines]).toEqual(["", ["eth0", "eth1", "lo", "db", "172.18.0.2"]]);
      const gone = asUser("md network disconnect back db; md exec db ls /sys/class/net", OWN);
      expect([gone.stderr, gone.lines]).toEqual(["", ["eth0", "lo"]]);
    });

    test("lives on when the program in its cable's stead is killed, and the next one has another", () => {
      process.kill(Number(standIns(1)[0]), "SIGKILL");
      expect(standIns(0)).toEqual([]);
      const run = asUser(`md run --rm --network front -v /:/host:ro ${asked("tcp:172.17.0.2:8000", ASKED[0]!)}`, OWN);
      expect([run.stderr, run.lines]).toEqual(["", ["web", "outside"]]);
      expect(fetchFrom(undefined, "127.0.0.1", 8080)).toBe("web");
      for (const next of ["md ps -q > /dev/null", "true"]) {
        process.kill(Number(standIns(1)[0]), "SIGKILL");
        expect(standIns(0)).toEqual([]);
        const exec = asUser(`${next}; md exec db chroot /host node ${folder}/ask.cjs ${ASKED[0]}`, OWN);
        expect([exec.stderr, exec.lines], next).toEqual(["", ["outside"]]);
        expect(fetchFrom(outside, OURS, 8080)).toBe("web");
      }
    });

    test("gives all back, one after the other, or after all were killed", () => {
      expect(asUser("md rm -f web", OWN).lines).toEqual(["web"]);
      expect(fetchFrom(undefined, "127.0.0.1", 8080)).toBe("ECONNREFUSED");
      expect(asUser(`md run --rm --network front -v /:/host:ro ${asked("tcp:172.17.0.3:8000")}`, OWN).lines).toEqual([
        "db",
      ]);
      const files = `${folder}/home/.local/share/mini-docker/containers/*/state.json`;
      const { monitor, process: program } = JSON.parse(
        execFileSync("sh", ["-c", `cat ${files}`], { encoding: "utf8" }),
      );
      // With the last monitor their network is gone: nobody need stand in any more.
      for (const pid of [monitor.pid, Number(standIns(1)[0])]) process.kill(pid, "SIGKILL");
      expect(asUser("md ps -q", OWN).lines[0]).not.toBe("");
      expect(standIns(0)).toEqual([]);
      process.kill(program.pid, "SIGKILL");
      asUser("md ps; md rm db; md network rm front back", OWN);
      expect(standIns(0)).toEqual([]);
      expect(left()).not.toContain("own-host");
    });

    test("is on the same one as those who start at the same time", () => {
      const names = ["aa", "bb", "cc", "dd"];
      const start = names.map(
        (name) => `md run -d --name ${name} --network front ${node("serve")} 0.0.0.0 ${name} > /dev/null &`,
      );
      const words = names.map((name) => `name:127.0.0.11:${name}`);
      const run = asUser(
        `md network create --subnet 172.17.0.0/16 front > /dev/null; ${start.join(" ")} wait
        md run --rm --network front -v /:/host:ro ${asked(...words)}
        md run --rm --network front -v /:/host:ro ${asked(...[2, 3, 4, 5].map((last) => `tcp:172.17.0.${last}:8000`))}
        md rm -f ${names.join(" ")} > /dev/null; md network rm front`,
        OWN,
      );
      expect(run.stderr).toBe("");
      expect(run.lines.slice(0, 4).sort()).toEqual([2, 3, 4, 5].map((last) => `172.17.0.${last}`));
      expect(run.lines.slice(4, 8).sort()).toEqual(names);
      expect(standIns(0)).toEqual([]);
    });

    test("has IPv6 there, but no port of the host's in that", () => {
      const made = asUser(
        `md network create --ipv6 --subnet 172.19.0.0/16 --subnet fd00:19::/64 six > /dev/null
        md run -d --name hexa --network six --ip6 fd00:19::80 -p 8085:80 base ${shell(telling("six"))} > /dev/null
        md port hexa; md run --rm --network six base nc -w 5 fd00:19::80 80`,
        OWN,
      );
      expect([made.stderr, made.lines]).toEqual(["", ["80/tcp -> 0.0.0.0:8085", "six"]]);
      expect(eventually(() => fetchFrom(outside, OURS, 8085))).toBe("six");
      for (const network of ["six", "slirp4netns"]) {
        const refused = asUser(`md run --rm --network ${network} -p [::]:8086:80 base true`, OWN);
        expect([refused.status, refused.stderr]).toEqual([
          125,
          "mini-docker: the port [::]:8086 can't be published: slirp4netns has ports on IPv4 addresses only\n",
        ]);
      }
      expect(asUser("md rm -f hexa; md ps -aq; md network rm six", OWN).lines).toEqual(["hexa", "six"]);
      expect(standIns(0)).toEqual([]);
    });

    test("or is told what that takes", () => {
      const one = asUser(
        "md network create front > /dev/null; md run --rm --network front base true; md network rm front",
      );
      expect(one.stderr).toContain("only the machine's root can plug a container into the network front");
      const closed = asUser(
        "md network create front > /dev/null; md run --rm --network front base true; md network rm front",
        {
          ...OWN,
          tun: "600",
        },
      );
      expect(closed.stderr).toContain("no network by slirp4netns: /dev/net/tun is root's only");
    });
  });

  test("is refused in a line where the program or the device is missing", () => {
    const run = "md run --rm --network pasta base true";
    const without = asUser(run, { hidden: pathsOf("pasta") });
    expect([without.status, without.stderr]).toEqual([
      125,
      "mini-docker: no network by pasta: there is no program pasta here\n  Hint: `mini-docker doctor` says how to mend it\n",
    ]);
    const closed = asUser(run, { tun: "600" });
    expect([closed.status, closed.stderr.split("\n")[0]]).toEqual([
      125,
      "mini-docker: no network by pasta: /dev/net/tun is root's only",
    ]);
    expect(asUser("md ps -aq").lines).toEqual([""]);
  });
});

/** A command's words, as a shell reads them. */
function shell(words: string[]): string {
  return words.map((word) => `'${word}'`).join(" ");
}

/** A server of one line isn't there for a moment after each. */
function eventually(ask: () => string): string {
  for (let attempt = 0; attempt < 20; attempt++) {
    const said = ask();
    if (said !== "" && said !== "ECONNREFUSED" && said !== "ECONNRESET") return said;
  }
  return "nobody";
}
