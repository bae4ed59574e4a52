#!/bin/sh
# Process 1 of the guest once the host's root is its own: finishes the machine, runs the tests that ask the kernel
# (first as root, then as an ordinary user), and powers off. When this script ends early the kernel panics, which ends
# the guest as well.

export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp/home TERM=dumb
export CI=true NO_COLOR=1 ALREADY_BUILT=1 BED_RESULTS=/run/results
for module in virtio_blk ext4 overlay veth bridge br_netfilter nf_tables nft_chain_nat nft_masq nft_ct nf_nat tun; do
  modprobe "$module" || echo "guest: no module $module"
done
ip link set lo up

# What is written to lies on a disk, as on real machines: memory file systems know fewer attributes.
mkdir /run/disk && mount /dev/vda /run/disk && cd /run/disk || exit
mkdir -m 1777 tmp && mount --bind tmp /tmp
mkdir -m 1777 var-tmp && mount --bind var-tmp /var/tmp
mkdir -m 700 /tmp/home

# Engines keep images in /var/lib, test runners keep caches beside the project.
layers() { # name, lower folder, where to
  mkdir -p "$1/upper" "$1/work" "$3"
  mount -t overlay -o "lowerdir=$2,upperdir=$1/upper,workdir=$1/work" overlay "$3"
}
layers var-lib /var/lib /var/lib
mkdir -p mini-docker /var/lib/mini-docker && mount --bind mini-docker /var/lib/mini-docker
layers project /run/source /run/project
cd /run/project || exit

# An ordinary user has a cgroup of its own, such as systemd gives to a session, and sits in a leaf of it.
as_user() {
  session=/sys/fs/cgroup/session
  mkdir -p $session/shell
  for group in /sys/fs/cgroup $session; do echo "+cpu +memory +pids" > $group/cgroup.subtree_control; done
  chown 2000:2000 $session $session/cgroup.* $session/shell $session/shell/cgroup.*
  (
    sh -c "echo \$PPID > $session/shell/cgroup.procs"
    PROJECT=/run/source exec sh scripts/as-user.sh "$@"
  )
}

# The host's side waits for this line: what comes before it is boot, what comes after it is tests.
echo "guest: up"
if [ -n "$COMMAND" ]; then
  sh -c "$COMMAND"
  status=$?
else
  eval "set -- $ARGUMENTS"
  # Images and what is about them are files, most of the command line is words: the same on every kernel. One process
  # for all files, since starting node takes a second here, and patience.
  for folder in 06-images 11-registry 12-build cli course/lesson; do set -- --exclude "test/$folder/**" "$@"; done
  # Of the course, how a lab is divided.
  set -- --exclude 'test/course/!(lab-groups.root).test.ts' "$@"
  set -- --exclude '**/monitor.root.test.ts' "$@"
  set -- node node_modules/.bin/vitest run --project kernel --no-isolate --testTimeout 240000 --passWithNoTests "$@"
  BED=v2-root "$@" --exclude '**/*.user.test.ts'
  status=$?
  # Only root can write to the host, so the user's results are carried over.
  mkdir -m 777 /tmp/results
  BED=v2-user BED_RESULTS=/tmp/results as_user "$@" --exclude '**/*.root.test.ts' || status=$?
  cp /tmp/results/* /run/results
fi

echo "$status" > /run/results/exit-code
sync
busybox poweroff -f
