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
  chown 1000:1000 $cgroup $cgroup/cgroup.* $cgroup/shell $cgroup/shell/cgroup.*
  chown 1000:1000 /tmp/home . node_modules

  cp /etc/passwd /run/passwd && echo "user:x:1000:1000:user:/tmp/home:/bin/sh" >> /run/passwd
  mount --bind /run/passwd /etc/passwd
  mkdir -m 700 -p /run/user/1000 && chown 1000:1000 /run/user/1000
  (
    read -r self _ < /proc/self/stat
    sh -c "echo \$PPID > $cgroup/shell/cgroup.procs"
    XDG_RUNTIME_DIR=/run/user/1000 exec setpriv --reuid 1000 --regid 1000 --clear-groups -- "$@"
  )
}

# A file that the host's side waits for: what comes before is boot, what comes after is tests.
echo "guest: up"
eval "set -- $ARGUMENTS"
if [ -n "$COMMAND" ]; then
  sh -c "$COMMAND"
  status=$?
else
  BED=v2-root node node_modules/.bin/vitest run --project kernel "$@"
  status=$?
  BED=v2-user user node node_modules/.bin/vitest run --project kernel "$@" || status=$?
fi

echo "$status" > /run/results/exit-code
sync
busybox poweroff -f
