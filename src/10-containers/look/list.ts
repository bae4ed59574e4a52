// Which containers there are: all of them, or those that `ps` is asked for. Newest first.

import { UserError } from "../../01-syscalls/index.ts";
import { storedImage } from "../../06-images/index.ts";
import { type Container, findContainer } from "../container.ts";
import type { Roots } from "../folders.ts";
import { allContainers } from "../settle.ts";
import { Filters } from "./filters.ts";
import { STATES, stateName } from "./status.ts";

export interface ListRequest {
  /** Not only those that run. */
  all?: boolean;
  /** At most so many, whatever their state. */
  last?: number | undefined;
  filters?: [key: string, value: string][];
  onUnreadable?: (error: unknown) => void;
}

const KEYS = `ancestor before exited expose health id is-task label name network publish since status volume`.split(
  " ",
);

/** Throws UserError for a filter that makes no sense. */
export async function listContainers(roots: Roots, request: ListRequest = {}): Promise<Container[]> {
  const filters = new Filters(request.filters ?? [], KEYS);
  checkValues(filters);
  const isWanted = wanted(roots, filters);
  const { last = 0 } = request;
  const isShown = request.all || last > 0 || filters.has("status") ? () => true : isRunning;
  const found = (await allContainers(roots, request.onUnreadable)).filter((one) => isShown(one) && isWanted(one));
  return last > 0 ? found.slice(0, last) : found;
}

function isRunning({ state }: Container): boolean {
  return ["running", "paused", "restarting"].includes(state.status);
}

const HEALTHS = ["none", "starting", "healthy", "unhealthy"];
const PORT = /^\d+(-\d+)?(\/(tcp|udp|sctp))?$/;

function checkValues(filters: Filters): void {
  check(filters, "status", (value) => (STATES as readonly string[]).includes(value));
  check(filters, "health", (value) => HEALTHS.includes(value));
  check(filters, "exited", (value) => /^[+-]?\d+$/.test(value));
  check(filters, "is-task", (value) => /^(true|false|0|1)$/.test(value));
  for (const key of ["publish", "expose"]) check(filters, key, (value) => PORT.test(value));
}

function check(filters: Filters, key: string, isValid: (value: string) => boolean): void {
  const wrong = filters.get(key).find((value) => !isValid(value));
  if (wrong !== undefined) throw new UserError(`invalid filter '${key}=${wrong}'`);
}

type Test = (container: Container) => boolean;

/** What a filter is compared with is looked up once, and then every container is asked. */
function wanted(roots: Roots, filters: Filters): Test {
  const tests: Test[] = [
    ({ record }) => filters.matches("id", record.id),
    ({ record }) => filters.matches("name", record.name) || filters.matches("name", `/${record.name}`),
    ({ record }) => filters.matchesLabels(record.options.labels),
    ({ state }) => filters.any("status", (value) => value === stateName(state)),
    ({ state }) => filters.any("exited", (value) => state.status === "exited" && Number(value) === state.exitCode),
    ({ record }) => filters.any("network", (value) => networksOf(record).includes(value)),
    ({ record }) => filters.any("volume", (value) => record.options.mounts.some((mount) => isMount(mount, value))),
    // No container has health checks, ports of the host or a swarm yet.
    () => filters.any("health", (value) => value === "none"),
    () => !filters.has("publish") && !filters.has("expose"),
    () => filters.any("is-task", (value) => value === "false" || value === "0"),
    ...ageTests(roots, filters),
    ancestorTest(roots, filters),
  ];
  return (container) => tests.every((isMet) => isMet(container));
}

function isMount({ source, target }: { source?: string; target: string }, value: string): boolean {
  return source === value || target === value;
}

function ageTests(roots: Roots, filters: Filters): Test[] {
  const createdOf = (name: string) => findContainer(roots, name).record.created;
  const [before, since] = [filters.get("before").map(createdOf), filters.get("since").map(createdOf)];
  return [
    ({ record }) => before.every((created) => record.created < created),
    ({ record }) => since.every((created) => record.created > created),
  ];
}

/** Made of the image, or of one that was built on it and so has its layers as its lowest. */
function ancestorTest(roots: Roots, filters: Filters): Test {
  const images = filters.get("ancestor").flatMap((name) => storedImage(roots.root, name) ?? []);
  return ({ record }) =>
    !filters.has("ancestor") ||
    images.some(({ id, chainIds }) => id === record.image.id || hasLayer(record.layers, chainIds.at(-1)));
}

/** Layers lie in folders named after their chain ids. */
function hasLayer(layers: string[], chainId: string | undefined): boolean {
  const hex = chainId?.slice(chainId.indexOf(":") + 1);
  return hex !== undefined && layers.some((layer) => layer.split("/").includes(hex));
}

function networksOf({ options }: Container["record"]): string[] {
  return options.endpoints.length > 0 ? options.endpoints.map(({ network }) => network) : [options.network];
}
