// What lies in a kit to be read by people and by a shell.

export const INSTALL = `#!/bin/sh
# install.sh [FOLDER]: installs mini-docker into FOLDER ("mini-docker", unless said). Needs Node 20.19 or newer, and no network.
set -eu
kit=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
folder=\${1:-mini-docker}
(cd "$kit" && sha256sum --check --quiet SHA256SUMS)
mkdir -p "$folder"
npm install --prefix "$folder" --offline --ignore-scripts --no-audit --no-fund --loglevel=error "$kit"/mini-docker-*.tgz
cat <<END
Installed. Begin with:

  cd $folder
  node_modules/.bin/mini-docker learn
END
`;

export const README = `mini-docker: a container engine whose source is the course
mini-docker：源代码就是课程的容器引擎

  sh install.sh [FOLDER]                                   install, without a network / 安装，不需要网络
  cd mini-docker && node_modules/.bin/mini-docker learn    begin / 开始

  mini-docker-*.tgz   the package, with all it needs / 软件包，所需的都在里面
  base.tar            the image of the exercises; only where a machine can't make its own:
                      mini-docker load -i base.tar
                      练习用的镜像；只有机器自己做不出来时才需要
  book/index.html     the lessons to read in a browser, on any machine / 在浏览器里读的课程，任何机器都行
  SHA256SUMS          sha256sum --check SHA256SUMS

Needs Linux 5.9 and Node 20.19, or newer. 需要 Linux 5.9 和 Node 20.19，或更新的版本。
`;
