#!/bin/bash
# scripts/package.sh FOLDER: packs what npm would publish, installs it into the empty FOLDER as on a machine that runs no
# install scripts and has no compiler, and starts a container with it.

set -eu
folder=$1
mkdir -p "$folder/bin" "$folder/app"
npm pack --silent --pack-destination "$folder" > /dev/null
ls -l "$folder"/*.tgz

# All the programs there are; no compiler among them.
for program in node npm env sh busybox; do ln -s "$(command -v "$program")" "$folder/bin/$program"; done
export PATH="$folder/bin"
cd "$folder/app"
# Without --prefix npm would look for a project in the folders above.
npm install --prefix . --ignore-scripts --no-audit --no-fund --loglevel=error "$folder"/*.tgz
PATH="$folder/app/node_modules/.bin:$PATH"

mini-docker --version
said=$(mini-docker --root "$folder/root" --state "$folder/state" run --rm --network none base echo hi)
[ "$said" = hi ] && echo "A container said: $said"
