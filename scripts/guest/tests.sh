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

# The project can be written to, in memory: test runners keep caches beside themselves.
layers() { # lower folder, where to
  mkdir -p "/run/layers$2/upper" "/run/layers$2/work" "$2"
  mount -t overlay -o "lowerdir=$1,upperdir=/run/layers$2/upper,workdir=/run/layers$2/work" overlay "$2"
}
layers "$PROJECT" /run/project
layers /var/lib /var/lib
mkdir -p /var/lib/mini-docker
mount -t tmpfs tmpfs /var/lib/mini-docker
cd /run/project || exit

# An ordinary user, with a cgroup of its own such as systemd gives to a session.
user() {
  cgroup=/sys/fs/cgroup/session
  mkdir -p $cgroup/shell
  echo "+cpu +memory +pids" > /sys/fs/cgroup/cgroup.subtree_control
  echo "+cpu +memory +pids" > $cgroup/cgroup.subtree_control
  chown 2000:2000 $cgroup $cgroup/cgroup.* $cgroup/shell $cgroup/shell/cgroup.*
  rm -rf node_modules/.vite*
  chown 2000:2000 /tmp/home . node_modules

  cp /etc/passwd /run/passwd && echo "user:x:2000:2000:user:/tmp/home:/bin/sh" >> /run/passwd
  mount --bind /run/passwd /etc/passwd
  mkdir -m 700 -p /run/user/2000 && chown 2000:2000 /run/user/2000
  (
    read -r self _ < /proc/self/stat
    sh -c "echo \$PPID > $cgroup/shell/cgroup.procs"
    XDG_RUNTIME_DIR=/run/user/2000 exec setpriv --reuid 2000 --regid 2000 --clear-groups -- "$@"
  )
}

# The host's side waits for this line: what comes before it is boot, what comes after it is tests.
echo "guest: up"
eval "set -- $ARGUMENTS"
if [ -n "$COMMAND" ]; then
  sh -c "$COMMAND"
  status=$?
else
  set -- node node_modules/.bin/vitest run --project kernel --passWithNoTests "$@"
  BED=v2-root "$@" --exclude '**/*.user.test.ts'
  status=$?
  # What the user writes it can't write as root of the host.
  BED=v2-user BED_RESULTS=/tmp/results user "$@" --exclude '**/*.root.test.ts' || status=$?
  cp /tmp/results/* /run/results
fi

echo "$status" > /run/results/exit-code
sync
busybox poweroff -f
