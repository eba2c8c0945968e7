#!/bin/sh
# Starts a systemd of its own: init_system.sh GROUP PLACE [FROM TO]...
# It is process 1 of its own processes, in groups of its own, on a copy of this system that is thrown away.
set -eu
if [ "$1" != --inside ]; then
  # Nothing moves before all is read: the list changes with the first move.
  of_this=$(cat /proc/self/cgroup)
  for line in $of_this; do
    kind=${line#*:} path=${line##*:}
    kind=${kind%%:*}
    tree=/sys/fs/cgroup/${kind#name=}
    [ "$kind" ] || tree=/sys/fs/cgroup/unified
    [ -d "$tree" ] || continue
    own=$tree${path%/}/$1
    mkdir "$own"
    if [ "$kind" = cpuset ]; then
      for each in cpus mems; do cat "$tree${path%/}/cpuset.$each" > "$own/cpuset.$each"; done
    fi
    echo $$ > "$own/cgroup.procs"
  done
  exec unshare --mount --uts --ipc --pid --cgroup --fork --kill-child --propagation private "$0" --inside "$@"
fi
shift
place=$2
shift 2
mount -t tmpfs -o size=1g touchline "$place"
mkdir "$place/upper" "$place/work" "$place/root"
mount -t overlay -o "lowerdir=/,upperdir=$place/upper,workdir=$place/work" touchline "$place/root"
root=$place/root
while [ $# -gt 0 ]; do
  mkdir -p "$root$2"
  mount --bind "$1" "$root$2"
  mount -o remount,bind,ro "$root$2"
  shift 2
done
mount -t proc proc "$root/proc"
mount --bind "$root/proc/sys" "$root/proc/sys"
mount -o remount,bind,ro "$root/proc/sys"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t tmpfs -o mode=755 dev "$root/dev"
for each in null zero full random urandom tty; do
  : > "$root/dev/$each"
  mount --bind "/dev/$each" "$root/dev/$each"
done
ln -s /proc/self/fd "$root/dev/fd"
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
mount -t tmpfs shm "$root/dev/shm"
mount -t tmpfs -o mode=755 run "$root/run"
mount -t tmpfs -o mode=755 groups "$root/sys/fs/cgroup"
for tree in /sys/fs/cgroup/*/; do
  kind=$(basename "$tree")
  mkdir "$root/sys/fs/cgroup/$kind"
  case $kind in
    unified) mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup/$kind" ;;
    systemd) mount -t cgroup -o none,name=systemd cgroup "$root/sys/fs/cgroup/$kind" ;;
    *) mount -t cgroup -o "$kind" cgroup "$root/sys/fs/cgroup/$kind" ;;
  esac
done
cd "$root"
pivot_root . mnt
umount -l /mnt
# As it would be where systemd runs the machine: credentials reach a service by a mount.
mount --make-rshared /
hostname touchline
: > /etc/fstab
tr -d - < /proc/sys/kernel/random/uuid > /etc/machine-id
# Of what is installed here nothing is started but the journal.
rm -rf /etc/systemd/system/*.wants /lib/systemd/system/*.wants
mkdir -p /run/systemd/system/basic.target.wants
for each in journald.socket journald-dev-log.socket journald.service; do
  ln -s "/lib/systemd/system/systemd-$each" /run/systemd/system/basic.target.wants
done
exec env -i container=touchline PATH=/usr/bin:/bin /lib/systemd/systemd --system --unit=basic.target --log-target=journal --show-status=no
