#!/bin/bash
# scripts/box.sh COMMAND…: root runs a command in a machine of its own, nearly: what it mounts, starts, connects and groups
# is seen by nobody else, and its /tmp, /var/tmp, /run and /var/lib/mini-docker are its own. So tests that look at all of
# the machine can run beside others. The folder it runs in stays this one's; the network is a loopback alone.

set -eu
store=/var/lib/mini-docker

# "folder options" of every hierarchy of cgroups: `-` where it is the second version's.
hierarchies() {
  awk '{ for (i = 7; $i != "-"; i++); kind = $(i + 1); super = $(i + 3); sub(/^rw,?/, "", super) }
    kind == "cgroup" { print $5, super }
    kind == "cgroup2" { print $5, "-" }' /proc/self/mountinfo
}

outside() {
  name=box-$$
  folder=$(mktemp -d /var/tmp/box-XXXXXX)
  hierarchies > "$folder/hierarchies"
  [ -e "$store" ] || made=$store
  mkdir -p "$store"
  while read -r hierarchy _; do
    group=$hierarchy/mini-docker/$name
    mkdir -p "$group"
    # A group of cpuset's has no processor and no memory until it is given some.
    for setting in cpuset.cpus cpuset.mems; do
      [ -e "$hierarchy/cgroup.controllers" ] || [ ! -e "$group/$setting" ] ||
        for each in "${group%/*}" "$group"; do cat "$hierarchy/$setting" > "$each/$setting"; done
    done
  done < "$folder/hierarchies"
  status=0
  (
    while read -r hierarchy _; do echo "$BASHPID" > "$hierarchy/mini-docker/$name/cgroup.procs"; done < "$folder/hierarchies"
    exec unshare --mount --propagation private --pid --fork --kill-child --net --ipc --uts --cgroup \
      bash "$0" --inside "$folder" "$@"
  ) <&0 &
  # Whoever ends this ends what is inside with it, and what is left here is taken away all the same.
  box=$!
  trap 'kill -KILL $box' HUP INT TERM
  wait $box || status=$?
  while read -r hierarchy _; do
    remove_group "$hierarchy/mini-docker/$name" || status=1
    rmdir --ignore-fail-on-non-empty "$hierarchy/mini-docker"
  done < "$folder/hierarchies"
  rm -rf "$folder"
  [ -z "${made-}" ] || rmdir --ignore-fail-on-non-empty "$made"
  exit $status
}

# The last processes in it may be about to end.
remove_group() {
  for _ in $(seq 50); do
    find "$1" -depth -type d -exec rmdir {} + 2> /dev/null && return
    sleep 0.1
  done
  find "$1" -depth -type d -exec rmdir {} +
}

inside() {
  folder=$1
  shift
  # What is mounted below /sys belongs to the namespaces we have left.
  umount --recursive --lazy /sys
  mount -t proc proc /proc
  mount -t sysfs sysfs /sys
  if ! grep -q '^/sys/fs/cgroup ' "$folder/hierarchies"; then mount -t tmpfs -o mode=755 cgroups /sys/fs/cgroup; fi
  while read -r hierarchy options; do
    mkdir -p "$hierarchy"
    if [ "$options" = - ]; then mount -t cgroup2 cgroup2 "$hierarchy"
    else mount -t cgroup -o "$options" cgroup "$hierarchy"; fi
  done < "$folder/hierarchies"
  ip link set lo up

  mkdir -m 1777 "$folder/tmp" "$folder/var-tmp"
  mkdir "$folder/store"
  mount -t tmpfs -o mode=755 run /run
  mkdir -m 1777 /run/lock
  mount --bind "$folder/store" "$store"
  mount --bind "$folder/tmp" /tmp
  mount --bind "$folder/var-tmp" /var/tmp
  # This shell is process 1 here, and reaps what others leave.
  "$@"
  exit $?
}

case $1 in
  --inside) shift && inside "$@" ;;
  *) outside "$@" ;;
esac
