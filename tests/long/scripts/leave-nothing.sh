#!/bin/sh
# Ends every other process and empties the folders whose files lie in memory, so that nothing is left that somebody could
# call in use. Fails where a process does not end.
kill -KILL -1 2>/dev/null # fails where there is no other
tries=1000
while set -- /proc/[0-9]* && [ $# != 1 ] && [ $tries != 0 ]; do
    tries=$((tries - 1))
    busybox usleep 10000
done
for folder in /tmp /var/tmp /run /dev/shm; do
    # A time after 2038, which an attacker may have set, is too large for busybox's find: it would leave the file alone.
    busybox touch -c "$folder"/* 2>/dev/null
    busybox find $folder -mindepth 1 -maxdepth 1 -exec busybox rm -rf '{}' +
done
[ $# = 1 ]
