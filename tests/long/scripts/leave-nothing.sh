#!/bin/sh
# Ends every other process and empties /tmp, so that nothing is left that somebody could call in use. Fails where a
# process does not end.
kill -KILL -1
tries=1000
while set -- /proc/[0-9]* && [ $# != 1 ] && [ $tries != 0 ]; do
    tries=$((tries - 1))
    busybox usleep 10000
done
busybox rm -rf /tmp/* /tmp/.[!.]* /tmp/..?*
[ $# = 1 ]
