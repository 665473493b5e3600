#!/bin/sh
# crowd.sh CLASS SECONDS: all of stress-ng's stressors of that class that Quire can run, at once, in a machine that has not
# memory enough for them. Who is ended for want of memory cannot say that all went well, so what they say is only shown;
# it has to come to its end. Files are nobody's memory, so who waits for the crowd must not be ended; stressors ask to be
# ended first by themselves.
class=$1 seconds=$2
bound=$((seconds + 400))
echo -1000 >/proc/self/oom_score_adj
cd /tmp || exit 100
cannot=$(busybox sed -n 's/^\([a-z0-9-]*\) .*/\1/p' /stressors | busybox tr '\n' ',')
mkdir /tmp/stress
busybox timeout -s KILL $bound stress-ng --no-rand-seed --temp-path /tmp/stress --class "$class" --all 1 --exclude "${cannot%,}" \
    --timeout "$seconds" >/tmp/log 2>&1
status=$?
busybox grep -v 'info:' /tmp/log | busybox head -n 30
[ $status != 137 ] && echo "crowd $class: ended"
