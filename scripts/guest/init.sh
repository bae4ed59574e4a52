#!/bin/busybox sh
# The guest's first process, from its initramfs: makes the host's own root file system, read-only, the guest's, with the
# kernel's file systems of its own and cgroup v2 alone. Then the tests' script takes over as process 1.

export PATH=/bin
/bin/busybox --install -s /bin
. /settings

mkdir /proc /sys /host /memory
mount -t proc proc /proc
for module in /modules/*; do insmod "$module"; done
mount -t 9p -o ro,trans=virtio,version=9p2000.L,msize=512000,cache=loose host /host || echo "guest: no host root"

mount -t proc proc /host/proc
mount -t sysfs sysfs /host/sys
mount -t cgroup2 cgroup2 /host/sys/fs/cgroup
mount -t devtmpfs devtmpfs /host/dev
mkdir -p /host/dev/pts /host/dev/shm /host/dev/mqueue
mount -t devpts -o mode=620,ptmxmode=666 devpts /host/dev/pts
mount -t tmpfs -o mode=1777 tmpfs /host/dev/shm
mount -t mqueue mqueue /host/dev/mqueue
mount -t tmpfs -o mode=755 tmpfs /host/run

# The project comes by itself: where it lies on the host, something of ours may lie on top. Results leave through the only
# folder of the host that can be written to, each write at once.
mkdir /host/run/source /host/run/results
mount -t 9p -o ro,trans=virtio,version=9p2000.L,msize=512000,cache=loose project /host/run/source
mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000,cache=none results /host/run/results

# switch_root moves the mount onto / instead of only chrooting: below a chroot, user namespaces are refused.
exec switch_root /host /bin/sh /run/source/scripts/guest/tests.sh
