#!/bin/sh
# Each of stress-ng's stressors that are about memory, two workers, a bounded number of operations, checking what they do.
# Exits with the number of those that failed.
cd /tmp || exit 100
failed=0
stress() {
    name=$1
    shift
    if stress-ng --verify --no-rand-seed --temp-path /tmp --"$name" 2 --"$name"-ops "$@" >"/tmp/$name.log" 2>&1; then
        echo "stress-ng: $name passed"
    else
        echo "stress-ng: $name failed with $?"
        grep -v 'info:' "/tmp/$name.log" | head -n 20
        failed=$((failed + 1))
    fi
}
stress vm 200 --vm-bytes 16M
stress mmap 20 --mmap-bytes 16M
stress mremap 20 --mremap-bytes 8M
stress madvise 20
stress mprotect 200
stress brk 2000
stress fork 200
stress vfork 200
stress malloc 2000 --malloc-bytes 16M
stress stack 20
stress bigheap 50 --bigheap-growth 1M
stress bad-altstack 50
stress mincore 200
stress mlock 100
stress pagemove 10 --pagemove-bytes 4M
echo "stress-ng: $failed failed"
exit $failed
