import { Chalk } from "chalk";
import { expect, test } from "vitest";
import { linkCounters } from "../../src/10-containers/network/cabling.ts";
import { cablingLines } from "../../src/cli/show/cabling-lines.ts";

const paint = new Chalk({ level: 0 });

test("linkCounters: packets that arrived, and packets that were sent", () => {
  const text = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:     100       2    0    0    0     0          0         0      100       2    0    0    0     0       0          0
vethac110002:1234567     12    0    0    0     0          0         0     5678       9    0    0    0     0       0          0
`;
  expect(linkCounters(text).get("vethac110002")).toEqual({ received: 12, sent: 9 });
});

test("network show: the host, its bridges, and who is at the other end", () => {
  const common = {
    gateways: ["172.17.0.1/16"],
    subnets: ["172.17.0.0/16"],
    internal: false,
    isTrusting: false,
    isUp: true,
  };
  const cable = { name: "eth0", ports: [], counters: { received: 12, sent: 9 } };
  const port = { protocol: "tcp", hostAddress: "0.0.0.0", hostPort: 8080, address: "172.17.0.2", port: 80 } as const;
  const lines = cablingLines(
    {
      host: [{ link: "eth0", addresses: ["10.0.0.5/24"] }],
      networks: [
        {
          ...common,
          name: "bridge",
          bridge: "mini-docker0",
          cables: [
            { ...cable, link: "vethac110002", addresses: ["172.17.0.2"], container: "web", ports: [port] },
            { ...cable, link: "vethac110003", addresses: ["172.17.0.3", "fd00:9::3"], container: "db" },
          ],
        },
        { ...common, name: "back", bridge: "md-1", internal: true, cables: [] },
        { ...common, name: "idle", bridge: "md-2", isUp: false, cables: [] },
      ],
      isGuarded: true,
    },
    paint,
  );
  expect(lines.join("\n")).toMatchInlineSnapshot(`
    "outside ── eth0 10.0.0.5/24
       │
    this host
    ├─ mini-docker0 172.17.0.1/16  bridge, out under the host's address
    │  ├─ vethac110002 ══ eth0 172.17.0.2  web  12 in, 9 out
    │  │     0.0.0.0:8080 → 80/tcp
    │  └─ vethac110003 ══ eth0 172.17.0.3 fd00:9::3  db  12 in, 9 out
    └─ md-1 172.17.0.1/16  back, no way out
       idle (172.17.0.0/16): nobody is on it"
  `);
  expect(cablingLines({ host: [], networks: [], isGuarded: false }, paint).join("\n")).toContain("no bridge");
});

test("network show: says so where nobody stands at the cables", () => {
  const network = {
    name: "bridge",
    bridge: "mini-docker0",
    gateways: ["172.17.0.1"],
    subnets: ["172.17.0.0/16"],
    cables: [],
  };
  const lines = (isGuarded: boolean, isUp = true, isTrusting = false) =>
    cablingLines({ host: [], networks: [{ ...network, isTrusting, internal: false, isUp }], isGuarded }, paint).join(
      "\n",
    );
  expect(lines(false)).toContain("may pass for another");
  expect(lines(true)).not.toContain("may pass for another");
  expect(lines(false, false)).not.toContain("may pass for another");
  expect(lines(false, true, true)).toContain("everybody is believed");
  expect(lines(false, true, true)).not.toContain("may pass for another");
});
