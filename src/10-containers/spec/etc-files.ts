// Three files belong to the container's network rather than to its image, so every engine writes its own and binds them
// over the image's: /etc/hosts, /etc/hostname and /etc/resolv.conf. Here is their text, as Docker writes it.
// See hosts(5), hostname(5) and resolv.conf(5).

export interface HostsEntry {
  address: string;
  /** Separated by spaces where one address has several. */
  names: string;
}

const LOCALHOST: HostsEntry[] = [
  { address: "127.0.0.1", names: "localhost" },
  { address: "::1", names: "localhost ip6-localhost ip6-loopback" },
  { address: "fe00::", names: "ip6-localnet" },
  { address: "ff00::", names: "ip6-mcastprefix" },
  { address: "ff02::1", names: "ip6-allnodes" },
  { address: "ff02::2", names: "ip6-allrouters" },
];

export interface HostsChoices {
  /** The container's addresses with its hostname. */
  own?: HostsEntry[];
  /** `name:address` each, as `--add-host` has them. */
  extraHosts?: string[];
  /** The host's own file, where the container lives in the host's network. */
  hostText?: string;
}

export function hostsText(choices: HostsChoices = {}): string {
  const extra = (choices.extraHosts ?? []).map(splitHost);
  const start = choices.hostText ?? LOCALHOST.map(hostsLine).join("");
  return start + [...extra, ...(choices.own ?? [])].map(hostsLine).join("");
}

/** `db:fd00::1` → the name up to the first colon, the address behind it. */
function splitHost(pair: string): HostsEntry {
  const colon = pair.indexOf(":");
  return { names: pair.slice(0, colon), address: pair.slice(colon + 1) };
}

function hostsLine(entry: HostsEntry): string {
  return `${entry.address}\t${entry.names}\n`;
}

/** One line, and nothing else in it. */
export function hostnameText(hostname: string): string {
  return `${hostname}\n`;
}

export interface ResolvChoices {
  dns?: string[];
  dnsSearch?: string[];
  dnsOptions?: string[];
  /** Besides those. */
  moreOptions?: string[];
  /** The container lives in the host's network, where the host's loopback servers answer. */
  hostNetwork?: boolean;
}

// For a machine whose only name server listens on its own loopback, where no container reaches it: Docker's choice.
const PUBLIC_SERVERS = ["8.8.8.8", "8.8.4.4"];

/** The host's resolv.conf, made fit for a container: what was asked for replaces, loopback servers are left out. */
export function resolvConfText(hostText: string, choices: ResolvChoices = {}): string {
  const host = parseResolvConf(hostText);
  const search = choices.dnsSearch?.length ? choices.dnsSearch.filter((domain) => domain !== ".") : host.search;
  const chosen = choices.dnsOptions?.length ? choices.dnsOptions : host.options;
  const options = [...chosen, ...(choices.moreOptions ?? [])];
  return [
    ...serversFor(host.servers, choices).map((server) => `nameserver ${server}\n`),
    ...(search.length > 0 ? [`search ${search.join(" ")}\n`] : []),
    ...(options.length > 0 ? [`options ${options.join(" ")}\n`] : []),
    ...host.other.map((line) => `${line}\n`),
  ].join("");
}

/** A container's network has no IPv6 by itself, so servers with such addresses are no more use than loopback ones. */
function serversFor(hostServers: string[], choices: ResolvChoices): string[] {
  if (choices.dns?.length) return choices.dns;
  if (choices.hostNetwork) return hostServers;
  const reachable = hostServers.filter((server) => !server.startsWith("127.") && !server.includes(":"));
  return reachable.length > 0 ? reachable : PUBLIC_SERVERS;
}

/** All that the host itself asks, those on its own loopback, too. */
export function hostServers(hostText: string): string[] {
  return parseResolvConf(hostText).servers;
}

interface ResolvConf {
  servers: string[];
  search: string[];
  options: string[];
  /** Lines Docker copies without understanding them, such as `sortlist`. */
  other: string[];
}

function parseResolvConf(text: string): ResolvConf {
  const conf: ResolvConf = { servers: [], search: [], options: [], other: [] };
  for (const line of text.split("\n")) {
    const [keyword = "", ...values] = line.trim().split(/\s+/);
    if (keyword === "" || /^[#;]/.test(line)) continue;
    if (keyword === "nameserver") conf.servers.push(...values.slice(0, 1));
    else if (keyword === "search" || keyword === "domain") conf.search = values;
    else if (keyword === "options") conf.options.push(...values);
    else conf.other.push(line);
  }
  return conf;
}
