#!/bin/sh
# stressors.sh PART PARTS: every PARTS-th of stress-ng's stressors from the PART-th on, two workers for two seconds each,
# checking what they do. /stressors lists those that Quire cannot run, with what they want: such a one may fail but has to
# end (what stands still is left out), and one that passes all the same is reported, so that the list stays true. Exits
# with the number of those reported.
part=$1 parts=$2
bound=240 # seconds for two: on a machine that is busy with something else, some take long to begin or to end
cd /tmp || exit 100
wrong=0 passed=0 cannot=0 number=0

# What the stressor of this name wants that Quire has not, if so.
reason() { busybox sed -n "s/^$1  *//p" /stressors; }

stress() {
    name=$1 options=''
    case $(reason "$name") in
    *'stands still'*)
        cannot=$((cannot + 1))
        return
        ;;
    esac
    case $name in # what these do once takes longer or more than there is
    iomix) options='--iomix-bytes 8M' ;;
    jpeg) options='--jpeg-width 256 --jpeg-height 256' ;;
    esac
    mkdir /tmp/stress
    # shellcheck disable=SC2086 # the options are words
    busybox timeout -s KILL $bound stress-ng --verify --pathological --no-rand-seed --temp-path /tmp/stress \
        --"$name" 2 --timeout 2 $options >/tmp/log 2>&1
    status=$?
    if [ $status = 0 ] && ! busybox grep -qE 'skipp|aborted early' /tmp/log; then
        ended=passed
    elif [ $status = 137 ]; then
        ended='stood still'
    else
        ended="failed with $status"
    fi
    why=$(reason "$name")
    case $ended,$why in
    passed,) passed=$((passed + 1)) ;;
    failed*,?*) cannot=$((cannot + 1)) ended="cannot run, for it wants $why" ;;
    *)
        wrong=$((wrong + 1))
        busybox grep -vE 'dispatching|setting to a|no CPUs found' /tmp/log | busybox head -n 20
        [ -z "$why" ] || ended="$ended, though it is said to want $why"
        ;;
    esac
    echo "stressor $name $ended"
    busybox rm -rf /tmp/stress /tmp/log
}

for name in $(stress-ng --stressors); do
    number=$((number + 1))
    [ $((number % parts)) != $((part % parts)) ] || stress "$name"
done
echo "stressors: $passed passed, $cannot cannot run, $wrong wrong"
exit $wrong
