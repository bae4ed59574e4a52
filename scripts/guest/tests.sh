#!/bin/sh
# Process 1 of the guest once the host's root is its own: finishes the machine, runs the tests that ask the kernel
# (first as root, then as an ordinary user), and powers off. When this script ends early the kernel panics, which ends
# the guest as well.

export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp/home TERM=dumb
export CI=true NO_COLOR=1 ALREADY_BUILT=1 BED_RESULTS=/run/results
mkdir -m 700 /tmp/home
ip link set lo up
for module in overlay veth bridge br_netfilter nf_tables nft_chain_nat nft_masq nft_ct nf_nat tun; do
  modprobe "$module" || echo "guest: no module $module"
done

# What has to be written to is written to memory: test runners keep caches beside the project, engines their images in /var.
layers() { # lower folder, where to
  mkdir -p "/run/layers$2/upper" "/run/layers$2/work" "$2"
  mount -t overlay -o "lowerdir=$1,upperdir=/run/layers$2/upper,workdir=/run/layers$2/work" overlay "$2"
}
layers /run/source /run/project
layers /var/lib /var/lib
mkdir -p /var/lib/mini-docker
mount -t tmpfs tmpfs /var/lib/mini-docker
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
  set -- node node_modules/.bin/vitest run --project kernel --passWithNoTests "$@"
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
