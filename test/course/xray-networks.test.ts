import { expect, test } from "vitest";
import { addresses6In } from "../../src/course/playground/xray/networks.ts";

const IF_INET6 = `fd080000000000000000000a08000002 02 40 00 80     eth0
fe800000000000000042acfffe110002 02 40 20 80     eth0
00000000000000000000000000000001 01 80 10 80       lo
`;

test("addresses of IPv6 are found by their link, without those that only the link knows", () => {
  expect(addresses6In(IF_INET6)).toEqual([
    ["eth0", "fd08::a:800:2/64"],
    ["lo", "::1/128"],
  ]);
  expect(addresses6In("")).toEqual([]);
});
