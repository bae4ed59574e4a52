// All verbs, in the order of a container's life, with what `--help` says of them. A verb is one file, loaded when it is
// asked for, so that `run` does not pay for `stats`.

import type { Roots } from "../10-containers/folders.ts";

/** A verb gets what follows its name and returns the exit code. */
export interface Verb {
  verb(argv: string[], roots: Roots): Promise<number>;
}

export interface VerbEntry {
  summary: string;
  load(): Promise<Verb>;
  /** The exit code of its own failures; 1 unless said. */
  failure?: number;
  /** Whatever ids an ordinary user has: it needs none but his own. */
  oneIdDoes?: boolean;
}

export type Verbs = Record<string, VerbEntry>;

const entry = (summary: string, load: () => Promise<Verb>): VerbEntry => ({ summary, load });

/** What one does with containers: as `mini-docker VERB` and as `mini-docker container VERB`. */
export const CONTAINER_VERBS: Verbs = {
  // What `run` exits with is the container's code, so its own failures have one that no program uses.
  run: { ...entry("Create and run a new container from an image", () => import("./verbs/run.ts")), failure: 125 },
  create: entry("Create a new container", () => import("./verbs/create.ts")),
  start: entry("Start one or more stopped containers", () => import("./verbs/start.ts")),
  exec: entry("Execute a command in a running container", () => import("./verbs/exec.ts")),
  attach: entry(
    "Attach local standard input, output and error to a running container",
    () => import("./verbs/attach.ts"),
  ),
  ps: entry("List containers", () => import("./verbs/ps.ts")),
  inspect: entry("Display detailed information on containers, images and volumes", () => import("./verbs/inspect.ts")),
  port: entry("List port mappings or a specific mapping for the container", () => import("./verbs/port.ts")),
  logs: entry("Fetch the logs of a container", () => import("./verbs/logs.ts")),
  top: entry("Display the running processes of a container", () => import("./verbs/top.ts")),
  // Whom an id in there is out here is asked from out here.
  security: {
    ...entry("Say in words what a running container may do", () => import("./verbs/security.ts")),
    oneIdDoes: true,
  },
  stats: entry("Display a live stream of containers' resource usage", () => import("./verbs/stats.ts")),
  cp: entry("Copy files/folders between a container and the local filesystem", () => import("./verbs/cp.ts")),
  export: entry("Export a container's filesystem as a tar archive", () => import("./verbs/export.ts")),
  commit: entry("Create a new image from a container's changes", () => import("./verbs/commit.ts")),
  diff: entry("Inspect changes to files or directories on a container's filesystem", () => import("./verbs/diff.ts")),
  rename: entry("Rename a container", () => import("./verbs/rename.ts")),
  update: entry("Update configuration of one or more containers", () => import("./verbs/update.ts")),
  pause: entry("Pause all processes within one or more containers", () => import("./verbs/pause.ts")),
  unpause: entry("Unpause all processes within one or more containers", () => import("./verbs/unpause.ts")),
  stop: entry("Stop one or more running containers", () => import("./verbs/stop.ts")),
  kill: entry("Kill one or more running containers", () => import("./verbs/kill.ts")),
  restart: entry("Restart one or more containers", () => import("./verbs/restart.ts")),
  wait: entry("Block until one or more containers stop, then print their exit codes", () => import("./verbs/wait.ts")),
  rm: entry("Remove one or more containers", () => import("./verbs/rm.ts")),
};

/** Everything that can stand first on the command line. Those without a summary are not shown. */
export const VERBS: Verbs = {
  ...CONTAINER_VERBS,
  build: entry("Build an image from a Dockerfile", () => import("./verbs/build.ts")),
  builder: entry("Manage builds", () => import("./verbs/builder.ts")),
  bundle: entry(
    "Take a container's OCI bundle out for other runtimes, or run one of theirs",
    () => import("./verbs/bundle.ts"),
  ),
  events: entry("Get real time events", () => import("./verbs/events.ts")),
  history: entry("Show the history of an image", () => import("./verbs/history.ts")),
  images: entry("List images", () => import("./verbs/images.ts")),
  import: entry("Import the contents from a tarball to create a filesystem image", () => import("./verbs/import.ts")),
  load: entry("Load an image from a tar archive or STDIN", () => import("./verbs/load.ts")),
  playground: {
    ...entry("Open the course in the browser, with a terminal and an X-ray", () => import("./verbs/playground.ts")),
    oneIdDoes: true,
  },
  pull: entry("Download an image from a registry", () => import("./verbs/pull.ts")),
  push: entry("Upload an image to a registry", () => import("./verbs/push.ts")),
  rmi: entry("Remove one or more images", () => import("./verbs/rmi.ts")),
  save: entry("Save images to a tar archive (streamed to STDOUT by default)", () => import("./verbs/save.ts")),
  tag: entry("Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE", () => import("./verbs/tag.ts")),

  registry: entry("Run a registry of the images that are here", () => import("./verbs/registry.ts")),
  search: {
    ...entry("Search Docker Hub, or another registry, for images", () => import("./verbs/search.ts")),
    oneIdDoes: true,
  },
  login: { ...entry("Authenticate to a registry", () => import("./verbs/login.ts")), oneIdDoes: true },
  logout: { ...entry("Log out from a registry", () => import("./verbs/logout.ts")), oneIdDoes: true },
  container: entry("Manage containers", () => import("./verbs/container.ts")),
  image: entry("Manage images", () => import("./verbs/image.ts")),
  network: entry("Manage networks", () => import("./verbs/network.ts")),
  volume: entry("Manage volumes", () => import("./verbs/volume.ts")),
  prune: entry("Remove stopped containers and dangling images", () => import("./verbs/prune.ts")),
  learn: {
    ...entry("The course: lessons, exercises, and what the kernel says of yours", () => import("./verbs/learn.ts")),
    oneIdDoes: true,
  },
  system: entry("Manage the engine as a whole: df, events, info, prune", () => import("./verbs/system.ts")),
  info: entry("Display system-wide information", () => import("./verbs/system-info.ts")),
  version: { ...entry("Show the version information", () => import("./verbs/version.ts")), oneIdDoes: true },
  doctor: {
    ...entry("Say what this machine can do, and how to mend what it can't", () => import("./verbs/doctor.ts")),
    oneIdDoes: true,
  },
  arena: {
    ...entry("Perform known escapes, and say what became of them", () => import("./verbs/arena.ts")),
    oneIdDoes: true,
  },
  internal: { ...entry("", () => import("./verbs/internal.ts")), oneIdDoes: true },
};
