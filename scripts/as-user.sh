#!/bin/sh
# scripts/as-user.sh COMMAND…: root runs a command as an ordinary user, in the project's folder.
#
# The folder may be root's own or read-only, so the user gets a view of it: an overlay whose changes are thrown away, in a
# mount namespace that ends with the command. The user has a name, a home and a runtime folder, as after a login.

if [ "$1" != --inside ]; then
  # On a disk: memory file systems know fewer attributes.
  CHANGES=$(mktemp -d /var/tmp/user-XXXXXX) && export CHANGES || exit
  unshare --mount --propagation private sh "$0" --inside "$@"
  status=$?
  rm -rf "$CHANGES"
  exit $status
fi
shift

id=2000
chmod 755 "$CHANGES"
mount --bind "$CHANGES" /mnt
mkdir -p /mnt/upper /mnt/work /mnt/project /mnt/home /mnt/run
mount -t overlay -o "lowerdir=${PROJECT:-$PWD},upperdir=/mnt/upper,workdir=/mnt/work" overlay /mnt/project
cd /mnt/project || exit

cp /etc/passwd /mnt/passwd
echo "user:x:$id:$id:user:/mnt/home:/bin/sh" >> /mnt/passwd
mount --bind /mnt/passwd /etc/passwd
rm -rf node_modules/.vite*
chown $id:$id /mnt/home /mnt/run .
if [ -d node_modules ]; then chown $id:$id node_modules; fi
if [ -d dist ]; then chown -R $id:$id dist native; fi
chmod 700 /mnt/home /mnt/run
chmod 755 .

export HOME=/mnt/home XDG_RUNTIME_DIR=/mnt/run USER=user
# git doesn't trust a repository that somebody else owns.
export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0='*'
unset XDG_DATA_HOME XDG_CONFIG_HOME CHANGES PROJECT
exec setpriv --reuid $id --regid $id --clear-groups "$@"
