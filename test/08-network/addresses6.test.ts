import { isIPv6 } from "node:net";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  address6Of,
  formatAddress6,
  overlaps6,
  parseAddress6,
  parseSubnet6,
  randomSubnet6,
} from "../../src/08-network/addresses6.ts";

test.each([
  ["::", "::"],
  ["::1", "::1"],
  ["FD00:0:0:0:0:0:0:1", "fd00::1"],
  ["1:0:0:2:0:0:0:3", "1:0:0:2::3"],
  ["1:2:3:4:5:6:7:0", "1:2:3:4:5:6:7:0"],
  ["0:0:3:4:5:6:7:8", "::3:4:5:6:7:8"],
])("%s is written %s", (text, short) => {
  expect(formatAddress6(parseAddress6(text)!)).toBe(short);
});

test.each([
  "",
  ":",
  ":::",
  "1",
  "1:2:3:4:5:6:7",
  "1:2:3:4:5:6:7:8:9",
  "1::2::3",
  "12345::",
  "g::",
  "1.2.3.4",
  "::1.2.3.4",
  "1:2:3:4::5:6:7:8",
])("%j is none", (text) => {
  expect(parseAddress6(text)).toBeUndefined();
});

test("whatever is written is read again, and is one to others, too", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.constant(0), fc.nat(255)), { minLength: 16, maxLength: 16 }), (bytes) => {
      const text = formatAddress6(Buffer.from(bytes));
      expect(isIPv6(text)).toBe(true);
      expect([...parseAddress6(text)!]).toEqual(bytes);
    }),
  );
});

test("whoever has an IPv4 address has one of IPv6 that ends in it", () => {
  expect(address6Of(parseSubnet6("fd00:9::/64"), "172.20.0.2")).toBe("fd00:9::ac14:2");
  expect(parseSubnet6(randomSubnet6()).prefix).toBe(64);
});

test("two subnets have addresses in common, or none", () => {
  const [large, small, other] = ["fd00:9::/32", "fd00:9:0:1::/64", "fd00:8::/32"].map(parseSubnet6);
  expect([overlaps6(large!, small!), overlaps6(small!, large!), overlaps6(small!, other!)]).toEqual([
    true,
    true,
    false,
  ]);
});
