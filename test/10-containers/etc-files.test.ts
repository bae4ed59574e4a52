import { expect, test } from "vitest";
import { hostnameText, hostsText, resolvConfText } from "../../src/10-containers/spec/etc-files.ts";

test("hostsText: both localhosts, then what was added, then the container itself", () => {
  const own = [{ address: "172.17.0.2", names: "web.example web" }];
  expect(hostsText({ own, extraHosts: ["db:10.0.0.5", "six:fd00::1"] })).toMatchInlineSnapshot(`
    "127.0.0.1	localhost
    ::1	localhost ip6-localhost ip6-loopback
    fe00::	ip6-localnet
    ff00::	ip6-mcastprefix
    ff02::1	ip6-allnodes
    ff02::2	ip6-allrouters
    10.0.0.5	db
    fd00::1	six
    172.17.0.2	web.example web
    "
  `);
});

test("hostsText: in the host's network the host's file is where it starts", () => {
  expect(hostsText({ hostText: "127.0.0.1 localhost\n", extraHosts: ["db:10.0.0.5"] })).toBe(
    "127.0.0.1 localhost\n10.0.0.5\tdb\n",
  );
});

test("hostnameText", () => {
  expect(hostnameText("web")).toBe("web\n");
});

const HOST = `# generated
nameserver 127.0.0.53
nameserver 10.0.0.1
nameserver fd00::53
domain old.example
search a.example b.example
options edns0
options trust-ad
sortlist 10.0.0.0
`;

test("resolvConfText: servers nobody can reach from the container are left out, the last search counts", () => {
  expect(resolvConfText(HOST)).toBe(
    "nameserver 10.0.0.1\nsearch a.example b.example\noptions edns0 trust-ad\nsortlist 10.0.0.0\n",
  );
});

test("resolvConfText: in the host's network loopback servers answer", () => {
  expect(resolvConfText(HOST, { hostNetwork: true })).toContain("nameserver 127.0.0.53\nnameserver 10.0.0.1\n");
});

test("resolvConfText: with no server left, Docker's public ones", () => {
  expect(resolvConfText("nameserver 127.0.0.1\n")).toBe("nameserver 8.8.8.8\nnameserver 8.8.4.4\n");
  expect(resolvConfText("")).toBe("nameserver 8.8.8.8\nnameserver 8.8.4.4\n");
});

test("resolvConfText: what was asked for replaces; a dot is no search at all", () => {
  const asked = { dns: ["127.0.0.1"], dnsSearch: ["."], dnsOptions: ["ndots:2"] };
  expect(resolvConfText("search x\noptions y\n", asked)).toBe("nameserver 127.0.0.1\noptions ndots:2\n");
});
