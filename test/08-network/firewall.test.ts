import { describe, expect, test } from "vitest";
import { chainText } from "../../src/08-network/chains.ts";
import { from, isAnswer, jump, type Part, port, ruleText, sendTo } from "../../src/08-network/expressions.ts";
import { chainsFor } from "../../src/08-network/firewall.ts";
import { messageBytes, messageFields } from "../../src/08-network/netlink.ts";

test("chainsFor: in by a published port or as an answer, out under the host's address, and neither where it is internal", () => {
  const web = { protocol: "tcp", hostAddress: "0.0.0.0", hostPort: 8080, address: "10.9.0.2", port: 80 } as const;
  const dns = { protocol: "udp", hostAddress: "127.0.0.1", hostPort: 53, address: "10.9.0.2", port: 53 } as const;
  const open = { bridge: "md-a", subnet: "10.9.0.0/24", gateway: "10.9.0.1", internal: false, ports: [web, dns] };
  const closed = { bridge: "md-b", subnet: "10.8.0.0/24", gateway: "10.8.0.1", internal: true, ports: [] };
  expect(chainsFor([open, closed], "ip").map(chainText).join("")).toMatchInlineSnapshot(`
    "  chain enter {
        type filter hook prerouting priority raw; policy accept;
        ip daddr 127.0.0.0/8 iifname != "lo" drop
        ip daddr 10.9.0.0/24 ip daddr != 10.9.0.1 iifname "md-a" notrack
        ip daddr 10.8.0.0/24 ip daddr != 10.8.0.1 iifname "md-b" notrack
      }
      chain published {
        tcp dport 8080 dnat to 10.9.0.2:80
        ip daddr 127.0.0.1 udp dport 53 dnat to 10.9.0.2:53
      }
      chain arrive {
        type nat hook prerouting priority dstnat; policy accept;
        fib daddr type local jump published
      }
      chain depart {
        type nat hook output priority -100; policy accept;
        fib daddr type local jump published
      }
      chain cross {
        type filter hook forward priority filter; policy accept;
        oifname "md-b" iifname != "md-b" drop
        iifname "md-b" oifname != "md-b" drop
        ct state established,related accept
        iifname "md-a" oifname "md-a" accept
        iifname "md-a" ip daddr 169.254.0.0/16 drop
        oifname "md-a" ct status dnat accept
        oifname "md-a" drop
      }
      chain leave {
        type nat hook postrouting priority srcnat; policy accept;
        ip saddr 10.9.0.0/24 oifname != "md-a" masquerade
        oifname "md-a" ip saddr 127.0.0.0/8 ct status dnat masquerade
        oifname "md-a" ip saddr 10.9.0.0/24 ct status dnat masquerade
      }
    "
  `);
});

test("chainsFor: the same for IPv6, of those networks that have it", () => {
  const web = { protocol: "tcp", hostAddress: "::", hostPort: 8080, address: "fd00:9::a09:2", port: 80 } as const;
  const near = { ...web, hostAddress: "fd00::7", hostPort: 53 };
  const four = { ...web, hostAddress: "0.0.0.0", address: "10.9.0.2" };
  const addresses = { subnet: "10.9.0.0/24", gateway: "10.9.0.1", subnet6: "fd00:9::/64", gateway6: "fd00:9::1" };
  const network = { bridge: "md-a", ...addresses, internal: false };
  const text = chainsFor([{ ...network, ports: [web, near, four] }], "ip6")
    .map(chainText)
    .join("");
  expect(text).toContain("    tcp dport 8080 dnat to [fd00:9::a09:2]:80\n");
  expect(text).toContain("    ip6 daddr fd00::7 tcp dport 53 dnat to [fd00:9::a09:2]:80\n");
  expect(text).toContain('    ip6 daddr fd00:9::/64 ip6 daddr != fd00:9::1 iifname "md-a" notrack\n');
  expect(text).toContain('    ip6 saddr fd00:9::/64 oifname != "md-a" masquerade\n');
  expect(text).not.toContain("10.9.0");
});

/** Type and bytes of each attribute; what is nested is a list again. */
type Tree = [type: number, value: string | Tree[]][];

function parse(bytes: Buffer): Tree {
  const tree: Tree = [];
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readUInt16LE(at);
    expect(length).toBeGreaterThanOrEqual(4);
    const value = bytes.subarray(at + 4, at + length);
    tree.push([bytes.readUInt16LE(at + 2), value.toString("hex")]);
    at += (length + 3) & ~3;
  }
  return tree;
}

/** The instructions of a part, each with its attributes. */
function instructions({ code }: Part): string[] {
  const message = messageBytes({ type: 0, head: [], attributes: code }).subarray(16);
  return parse(message).map(([type, value]) => {
    expect(type).toBe(1);
    const [[, name], [, body]] = parse(Buffer.from(value as string, "hex")) as [[number, string], [number, string]];
    const attributes = parse(Buffer.from(body, "hex")).map(([number, bytes]) => `${number}=${bytes}`);
    return [Buffer.from(name, "hex").toString().replace("\0", ""), ...attributes].join(" ");
  });
}

describe("a part of a rule has words and instructions", () => {
  test.each<[Part, string, string[]]>([
    [
      from("a"),
      'iifname "a"',
      ["meta 1=00000001 2=00000006", `cmp 1=00000001 2=00000000 3=14000100${"61".padEnd(32, "0")}`],
    ],
    [
      port("tcp", 8080),
      "tcp dport 8080",
      [
        "meta 1=00000001 2=00000010",
        "cmp 1=00000001 2=00000000 3=0500010006000000",
        "payload 1=00000001 2=00000002 3=00000002 4=00000002",
        "cmp 1=00000001 2=00000000 3=060001001f900000",
      ],
    ],
    [
      isAnswer,
      "ct state established,related",
      [
        "ct 1=00000001 2=00000000",
        "bitwise 1=00000001 2=00000001 3=00000004 4=0800010006000000 5=0800010000000000",
        "cmp 1=00000001 2=00000001 3=0800010000000000",
      ],
    ],
    [
      sendTo("10.9.0.2", 80),
      "dnat to 10.9.0.2:80",
      [
        "immediate 1=00000001 2=080001000a090002",
        "immediate 1=00000002 2=0600010000500000",
        "nat 1=00000001 2=00000002 3=00000001 5=00000002",
      ],
    ],
    [jump("x"), "jump x", ["immediate 1=00000000 2=1400020008000100fffffffd0600020078000000"]],
  ])("%#", (part, text, code) => {
    expect(ruleText([part])).toBe(text);
    expect(instructions(part)).toEqual(code);
  });
});

test("messageBytes: the same bytes as the fields that a plan shows", () => {
  const message = { type: 3, flags: 0x400, head: [], attributes: [...jump("far").code, ...from("b").code] };
  const fields = messageFields(message);
  const width = { u8: 1, u16: 2, u32: 4, u64: 8, pointer: 8 };
  const bytes = fields.flatMap(({ type, value }) => {
    const room = Buffer.alloc(width[type]);
    room.writeUIntLE(Number(value), 0, width[type]);
    return [...room];
  });
  expect([...messageBytes(message)]).toEqual(bytes);
});
