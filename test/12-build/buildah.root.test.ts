import { execFileSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { removeTree } from "../../src/06-images/index.ts";
import { temporaryRoots } from "../support/engine.ts";
import { needs } from "../support/needs.ts";
import { build, contextOf, type Files, treeOf } from "./builds.ts";

const run = (command: string, cwd = "/") =>
  execFileSync("sh", ["-c", command], { cwd, encoding: "utf8", stdio: "pipe" });

/**
 * Kind, mode, owner, link, and content; not when. Folders that any container is given don't count, nor the empty files on
 * which buildah has mounted something: it leaves them in the image, we don't.
 */
const LIST = `find . -mindepth 1 \\( -path ./proc -o -path ./sys -o -path ./dev -o -path ./run -o -path './etc/[hr]*' -size 0 \\) -prune -o \\( \\
  -type f -printf '%P %y %m %U:%G %s ' -exec sha256sum {} \\; -o -printf '%P %y %m %U:%G %l\\n' \\) | LC_ALL=C sort`;

/** What both make of it; `base` is the same in both. */
async function bothTrees(files: Files, base?: string): Promise<[ours: string, theirs: string]> {
  const context = contextOf(files);
  const roots = temporaryRoots();
  const built = await build(roots, context);
  const ours = run(LIST, await treeOf(roots, built));
  const store = mkdtempSync(join(tmpdir(), "buildah-"));
  onTestFinished(() => removeTree(store));
  const buildah = `buildah --root ${store}/r --runroot ${store}/x --storage-driver vfs`;
  const image = `containers-storage:[vfs@${store}/r+${store}/x]localhost/base:latest`;
  if (base !== undefined) run(`skopeo copy -q oci:${roots.root}/images:localhost/base:latest '${image}'`);
  run(`${buildah} bud --isolation chroot --pull=never -q -t made ${context}`);
  const id = run(`${buildah} from --pull=never made`).trim();
  const theirs = run(LIST, run(`${buildah} mount ${id}`).trim());
  run(`${buildah} rm -a; ${buildah} rmi -a -f`);
  return [ours, theirs];
}

describe("the same files as of buildah come of", needs("root", "overlay", "program:buildah", "program:skopeo"), () => {
  test("a program put into nothing", async () => {
    const files = {
      "bin/app": "#!/bin/none\n",
      "etc/app.conf": "a=1\n",
      Dockerfile: `FROM scratch
COPY bin/app /usr/local/bin/app
COPY etc/ /etc/app/
WORKDIR /data
USER 1000:1000
ENTRYPOINT ["/usr/local/bin/app"]`,
    };
    const [ours, theirs] = await bothTrees(files);
    expect(ours).toBe(theirs);
  });

  test("an application of two stages", async () => {
    const files = {
      "package.json": '{ "name": "app" }',
      "package-lock.json": "{}",
      "src/index.js": "console.log(1)\n",
      "src/lib/a.js": "export {}\n",
      "node_modules/left/over.js": "no",
      ".dockerignore": "node_modules\n**/*.md\n!README.md\nDockerfile\n",
      "README.md": "read",
      "src/NOTES.md": "not",
      Dockerfile: `ARG BASE=base
FROM \${BASE} AS build
WORKDIR /app
COPY package*.json ./
RUN mkdir -p node_modules/dep && echo dep > node_modules/dep/index.js && ln -s ../dep node_modules/.bin
COPY . .
RUN mkdir dist && cat src/index.js src/lib/a.js > dist/bundle.js && chmod 600 dist/bundle.js
FROM base
ENV NODE_ENV=production PORT=3000
WORKDIR /app
COPY --from=build --chown=nobody:nogroup /app/dist ./dist
COPY --from=build /app/node_modules ./node_modules
COPY package.json README.md ./
RUN rm /bin/vi; chown -R nobody /app/node_modules; mkdir -p /var/lib/app; touch /var/lib/app/state
USER nobody
EXPOSE $PORT
CMD ["sh", "-c", "cat dist/bundle.js"]`,
    };
    const [ours, theirs] = await bothTrees(files, "base");
    expect(ours).toBe(theirs);
  });

  test("a package put onto a base", async () => {
    const files = {
      "pkg.tar": run(
        "cd $(mktemp -d) && mkdir -p usr/share/p usr/bin && echo 1 > usr/share/p/f && ln -s ../share/p/f usr/bin/p && tar cf - . | base64",
      ),
      Dockerfile: `FROM base
SHELL ["/bin/sh", "-e", "-c"]
COPY pkg.tar /tmp/
RUN base64 -d /tmp/pkg.tar | tar x -C / && rm /tmp/pkg.tar \\
  && mkdir -p /var/lib/dpkg && echo p > /var/lib/dpkg/status
RUN echo "p:x:77:77::/nonexistent:/bin/false" >> /etc/passwd; rm -rf /home; mkdir /home; chown 77:77 /home
ADD --chown=77:77 --chmod=640 pkg.tar /home/`,
    };
    const [ours, theirs] = await bothTrees(files, "base");
    expect(ours).toBe(theirs);
  });
});
