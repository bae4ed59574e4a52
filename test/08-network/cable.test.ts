import { expect, test } from "vitest";
import { encodeCall } from "../../src/01-syscalls/encode.ts";
import { reg, spellCall } from "../../src/01-syscalls/index.ts";
import { parseAddress } from "../../src/08-network/addresses.ts";
import { addressSteps, type Cable, cableSteps } from "../../src/08-network/cable.ts";
import { address6Steps, familySteps } from "../../src/08-network/cable6.ts";
import { newPair } from "../../src/08-network/links.ts";
import { messageFields } from "../../src/08-network/netlink.ts";

const CABLE: Cable = {
  link: "vethac110002",
  bridge: { name: "mini-docker0", index: 7 },
  name: "eth0",
  mac: "02:42:ac:11:00:02",
  address: parseAddress("172.17.0.2")!,
  prefix: 16,
  gateway: parseAddress("172.17.0.1")!,
};

test("the parent lays the cable with one message, and with another has it guarded", () => {
  expect(cableSteps([CABLE]).map(spellCall)).toMatchInlineSnapshot(`
    [
      "socket(AF_NETLINK, SOCK_RAW|SOCK_CLOEXEC, 0)",
      "write($rtnetlink, {nlmsg_len=132, nlmsg_type=RTM_NEWLINK, nlmsg_flags=NLM_F_REQUEST|NLM_F_ACK|NLM_F_EXCL|NLM_F_CREATE, ifi_flags=IFF_UP, IFLA_IFNAME="vethac110002", IFLA_MASTER="mini-docker0", IFLA_INFO_KIND="veth", ifi_flags=0, IFLA_IFNAME="eth0", IFLA_ADDRESS=02:42:ac:11:00:02, IFLA_NET_NS_PID=$pid}, 132)",
      "read($rtnetlink, /* room for 8192 bytes */, 8192)",
      "close($rtnetlink)",
      "socket(AF_NETLINK, SOCK_RAW|SOCK_CLOEXEC, 12)",
      "write($nfnetlink, /* 1224 bytes */, 1224)",
      "read($nfnetlink, /* room for 8192 bytes */, 8192)",
      "close($nfnetlink)",
    ]
  `);
});

test("the child says who it is, and learns the way out", () => {
  expect(addressSteps([CABLE]).map(spellCall)).toMatchInlineSnapshot(`
    [
      "socket(AF_INET, SOCK_DGRAM|SOCK_CLOEXEC, 0)",
      "ioctl($socket, SIOCSIFFLAGS, {ifr_name="eth0", ifr_flags=IFF_UP|IFF_RUNNING})",
      "ioctl($socket, SIOCSIFADDR, {ifr_name="eth0", ifr_addr={sa_family=AF_INET, sin_port=htons(0), sin_addr=inet_addr("172.17.0.2")}})",
      "ioctl($socket, SIOCSIFNETMASK, {ifr_name="eth0", ifr_addr={sa_family=AF_INET, sin_port=htons(0), sin_addr=inet_addr("255.255.0.0")}})",
      "ioctl($socket, SIOCADDRT, {rt_dst=0.0.0.0, rt_gateway=172.17.0.1, rt_genmask=0.0.0.0, rt_flags=RTF_UP|RTF_GATEWAY})",
      "close($socket)",
    ]
  `);
});

test("whether the link has IPv6 is settled before it is switched on", () => {
  expect(familySteps([CABLE]).map(spellCall)).toEqual([
    'openat(AT_FDCWD, "/proc/sys/net/ipv6/conf/eth0/disable_ipv6", O_WRONLY|O_CLOEXEC, 0)',
    'write($disable_ipv6, "1", 1)',
    "close($disable_ipv6)",
  ]);
});

test("in IPv6 it says who it is by its link's number, which it asks for first", () => {
  const six = { address: "fd00:9::2", prefix: 64, gateway: "fd00:9::1" };
  const settings = familySteps([{ ...CABLE, six }]).map(spellCall);
  expect(settings.filter((call) => call.includes("ipv6/conf"))).toEqual([
    'openat(AT_FDCWD, "/proc/sys/net/ipv6/conf/eth0/accept_dad", O_WRONLY|O_CLOEXEC, 0)',
    'openat(AT_FDCWD, "/proc/sys/net/ipv6/conf/eth0/disable_ipv6", O_WRONLY|O_CLOEXEC, 0)',
  ]);
  expect(address6Steps([{ ...CABLE, six }]).map(spellCall)).toEqual([
    "socket(AF_INET6, SOCK_DGRAM|SOCK_CLOEXEC, 0)",
    'ioctl($socket6, SIOCGIFINDEX, {ifr_name="eth0", ifr_ifindex=[$eth0-number]})',
    "ioctl($socket6, SIOCSIFADDR, {ifr6_addr=fd00:9::2, prefixlen=64})",
    "ioctl($socket6, SIOCADDRT, {rtmsg_gateway=fd00:9::1, rtmsg_dst_len=0, rtmsg_metric=1, rtmsg_flags=RTF_UP|RTF_GATEWAY})",
    "close($socket6)",
  ]);
});

test("without a cable nothing is done, and without a gateway there is no way out", () => {
  expect([...cableSteps([]), ...familySteps([]), ...addressSteps([]), ...address6Steps([])]).toEqual([]);
  const { gateway: _, ...internal } = CABLE;
  expect(addressSteps([internal]).map(spellCall).join()).not.toContain("SIOCADDRT");
});

/** What `ip link add v0 type veth peer name eth0 netns 1` sends, taken apart: attributes lie at multiples of four. */
test("a message is as long as it says, and each attribute in it", () => {
  const pair = newPair({
    name: "v0",
    master: { name: "b", index: 7 },
    peer: { name: "eth0", mac: CABLE.mac, pid: reg("pid") },
  });
  const step = { call: "write", args: [3, { struct: messageFields(pair) }, 0], why: "" } as const;
  const { bytes } = encodeCall({ ...step, args: [...step.args] }, { pid: 4711 });
  const message = bytes.subarray(48, 48 + bytes.readUInt32LE(48));
  const names: string[] = [];
  const walk = (from: number, to: number, nested: Record<number, number>, path: string) => {
    for (let at = from; at < to; ) {
      const [length, type] = [message.readUInt16LE(at), message.readUInt16LE(at + 2)];
      names.push(`${path}${type}`);
      if (type in nested) walk(at + 4 + nested[type]!, at + length, NESTED[`${path}${type}/`] ?? {}, `${path}${type}/`);
      at += (length + 3) & ~3;
      expect(at).toBeLessThanOrEqual(to + 3);
    }
  };
  const NESTED: Record<string, Record<number, number>> = { "18/": { 2: 0 }, "18/2/": { 1: 16 } };
  walk(32, message.length, { 18: 0 }, "");
  // IFNAME, MASTER, LINKINFO { KIND, DATA { PEER { IFNAME, ADDRESS, NET_NS_PID } } }
  expect(names).toEqual(["3", "10", "18", "18/1", "18/2", "18/2/1", "18/2/1/3", "18/2/1/1", "18/2/1/19"]);
  expect(message.includes(Buffer.from([8, 0, 19, 0, 0x67, 0x12, 0, 0]))).toBe(true);
});
