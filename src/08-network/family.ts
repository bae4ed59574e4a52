// Two families of addresses, and what is called differently in each of them.

export type Family = "ip" | "ip6";

/** What a table may be of: packets of one family, or all that come by one link. */
export type TableFamily = Family | "netdev";

export const FAMILIES: readonly Family[] = ["ip", "ip6"];

/** Of an address, or of a subnet. */
export function familyOf(text: string): Family {
  return text.includes(":") ? "ip6" : "ip";
}

/** Every address of the host, as whoever listens on all of them writes it. */
export const EVERY: Record<Family, string> = { ip: "0.0.0.0", ip6: "::" };

/** An address as it stands before a colon and a port. */
export function withBrackets(address: string): string {
  return familyOf(address) === "ip" ? address : `[${address}]`;
}
