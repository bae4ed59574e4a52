#!/bin/bash
# scripts/newest-node.sh FOLDER: our users' Node is newer than the one we develop on. npm has a package with the binary of
# every version; it goes into FOLDER, and the tests that need no privilege, and one container, run with it.

set -eu
folder=$1
mkdir -p "$folder"
arch=$(node -p process.arch)
npm install --prefix "$folder" --no-save --no-audit --no-fund --loglevel=error "node-linux-$arch"
export PATH="$folder/node_modules/node-linux-$arch/bin:$PATH"
echo "Node $(node --version)"

export BED=newest-node ALREADY_BUILT=1
unset BED_RESULTS
node node_modules/.bin/vitest run --project plain
node node_modules/.bin/vitest run --project kernel test/01-syscalls
node dist/mini-docker.js --version
node dist/mini-docker.js --root "$folder/root" --state "$folder/state" run --rm --network none base echo "hello from a container"
