// Stage 08, from outside: networks with their addresses, the cable into a container, and ports of the host that lead there.

export { type Address, formatAddress, macOf, parseAddress, parseMac, parseSubnet } from "./addresses.ts";
export { address6Of, formatAddress6, parseAddress6, parseNetwork6 } from "./addresses6.ts";
export {
  addressStep,
  addressSteps,
  type Cable,
  cableSteps,
  closeSocketStep,
  netmaskStep,
  routeStep,
  socketStep,
  wayOutSteps,
} from "./cable.ts";
export { address6Steps, familySteps } from "./cable6.ts";
export { dropChain } from "./chains.ts";
export { nameData, TYPE } from "./dns.ts";
export { EVERY, familyOf, withBrackets } from "./family.ts";
export { removeTable, tableInPlace } from "./firewall.ts";
export { whileChanging } from "./folders.ts";
export { setLink } from "./forwarding.ts";
export { matchHost } from "./host.ts";
export { type Addresses, addressesAt, leasesOn, linkNameOf, release, releaseNow, takeAddress } from "./leases.ts";
export { linkIndex, makeBridge, removeLinks } from "./links.ts";
export type { Knowledge } from "./name-server.ts";
export {
  keepNameSocketsSteps,
  NAME_SERVER,
  nameLineSteps,
  nameRuleSteps,
  nameSteps,
  takeNameSocketsSteps,
} from "./name-sockets.ts";
export {
  createNetwork,
  DEFAULT_NETWORK,
  defaultNetwork,
  ensureDefaultNetwork,
  findNetwork,
  isGuarded,
  isInUse,
  listNetworks,
  type Network,
  type NetworkWish,
  PREDEFINED,
  removeNetwork,
} from "./networks.ts";
export { droppingChains } from "./other-rules.ts";
export {
  type HeldPort,
  holdPorts,
  letGo,
  notePort,
  type PortWish,
  type Protocol,
  type Published,
  portsOn,
} from "./ports.ts";
export { takeDownNever, takeDownNow } from "./takedown.ts";
export {
  deviceRefusal,
  parseTunnel,
  possibleTunnel,
  requireTunnel,
  slirpPortRequest,
  TUNNEL_DEVICE,
  TUNNEL_NETWORK,
  TUNNELS,
  type TunnelWish,
  tunnelCommand,
  tunnelProgram,
} from "./tunnels.ts";
