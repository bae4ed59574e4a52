// Who copies belong to. A container may have numbers of its own for users (user_namespaces(7)): what is 0 inside is perhaps
// 1000 on the host, and files are on the host.

import { UserError } from "../../01-syscalls/index.ts";
import type { TarEntry } from "../../06-images/tar-header.ts";
import { type Container, readSpec } from "../container.ts";
import type { Spec } from "../spec/oci.ts";
import type { PlaceOptions } from "./place-tree.ts";

type OwnerOf = NonNullable<PlaceOptions["ownerOf"]>;

const isRoot = (): boolean => process.getuid?.() === 0;

/** An ordinary user can neither give files away nor make devices; root of their container is who they are. */
export function optionsIn(ownerOf: OwnerOf): PlaceOptions {
  return isRoot() ? { ownerOf, devices: true } : { devices: false };
}

/** The host's root is nobody in there, and the kernel lets nobody make files. */
export function refuseOwnUsers({ record }: Container): void {
  if (record.firstId === undefined) return;
  throw new UserError(`cannot copy into container "${record.name}": its users are its own (--userns auto)`, {
    hint: `tar c FILES | mini-docker exec -i ${record.name} tar x -C DIRECTORY does`,
  });
}

export const ownOwner: OwnerOf = ({ uid, gid }) => ({ uid, gid });

/** The container's root, by its number on the host. */
export function rootOwner(container: Container): () => { uid: number; gid: number } {
  const owner = mappedOwner(container)({ uid: 0, gid: 0 } as TarEntry);
  return () => owner;
}

/** Numbers as the container has them, by those that the host has for them. */
export function mappedOwner(container: Container): OwnerOf {
  const { linux } = readSpec(container);
  const { uidMappings = [], gidMappings = [] } = linux ?? {};
  return ({ uid, gid }) => ({ uid: hostId(uid, uidMappings), gid: hostId(gid, gidMappings) });
}

/** Who a copy belongs to on the host, if it keeps its owner. An ordinary user can't give files away. */
export function outsideOwner(container: Container): OwnerOf {
  return isRoot() ? insideOwner(container) : ownOwner;
}

/** The way back: numbers as the host has them, by those of the container. */
export function insideOwner(container: Container): OwnerOf {
  const { linux } = readSpec(container);
  const { uidMappings = [], gidMappings = [] } = linux ?? {};
  return ({ uid, gid }) => ({
    uid: hostId(uid, uidMappings.map(reversed)),
    gid: hostId(gid, gidMappings.map(reversed)),
  });
}

function reversed({ containerID, hostID, size }: Mappings[number]): Mappings[number] {
  return { containerID: hostID, hostID: containerID, size };
}

type Mappings = NonNullable<NonNullable<Spec["linux"]>["uidMappings"]>;

/** An id that no mapping has stays what it is: inside, that is nobody. */
function hostId(id: number, mappings: Mappings): number {
  const found = mappings.find(({ containerID, size }) => id >= containerID && id < containerID + size);
  return found ? found.hostID + id - found.containerID : id;
}
