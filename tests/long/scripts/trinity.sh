#!/bin/sh
# trinity.sh SEED MISSING: the calls, with no kinds of descriptors MISSING. Trinity ends badly by itself at times: what counts
# are the calls that it says it made. A child says by itself that it may be ended first.
ulimit -f 16384 # blocks of 512 bytes: a few files do not fill the machine
echo -1000 >/proc/self/oom_score_adj
# It may write to what it finds in /proc/sys, too: afterwards no program could start that needs more mappings than that.
settings=$(busybox cat /proc/sys/vm/max_map_count) policy=$(busybox cat /proc/sys/vm/overcommit_memory)
/usr/bin/trinity -q --dangerous -a32 -l off -C3 -N100000 "-s$1" "--disable-fds=$2"
echo "$settings" >/proc/sys/vm/max_map_count
echo "$policy" >/proc/sys/vm/overcommit_memory
true
