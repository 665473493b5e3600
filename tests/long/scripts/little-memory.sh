#!/bin/sh
# little-memory.sh PROGRAM: runs one of Debian's programs with work that wants more memory than there is, and says
# "PROGRAM: right" where what comes out is right.
cd /tmp || exit 100

right() { [ "$2" = "$3" ] && echo "$1: right" || echo "$1: $2, and not $3"; }

case $1 in
python3)
    right python3 "$(python3 -c 'import random
random.seed(7)
numbers = [random.random() for _ in range(400000)]
squares = {n: n * n for n in range(200000)}
numbers.sort()
print(all(a <= b for a, b in zip(numbers, numbers[1:])), sum(squares.values()))')" "True 2666646666700000"
    ;;
sqlite3)
    right sqlite3 "$(sqlite3 :memory: 'create table t (a integer, b text);
with recursive n(i) as (select 1 union all select i + 1 from n where i < 100000)
    insert into t select i * 7919 % 100003, "row " || i || " of a table that is larger than memory is, all in all" from n;
create index x on t (a); create index y on t (b);
select count(*), sum(a) from t; pragma integrity_check;' | busybox tr '\n' ' ')" "100000|5000073754 ok "
    ;;
gcc)
    {
        for i in $(busybox seq 400); do
            echo "unsigned f$i(unsigned x) { unsigned a[64], s = 0; for (unsigned i = 0; i < 64; i++) a[i] = x * i + $i;"
            echo "for (unsigned i = 0; i < 64; i++) s += a[i] ^ a[i * 7 % 64] >> 3; return s; }"
        done
        echo '#include <stdio.h>'
        echo 'int main(void) { unsigned s = 0;'
        for i in $(busybox seq 400); do echo "s = s * 31 + f$i($i);"; done
        printf '%s\n' 'printf("%u\n", s); }'
    } >many.c
    gcc-12 -O2 -o many many.c
    right gcc "$(./many)" 3877403936
    ;;
memtester)
    memtester 20M 1 >memtester.log 2>&1 # which locks it
    right memtester "$(busybox tail -n 1 memtester.log)" "Done."
    ;;
stress-ng)
    stress-ng --no-rand-seed --vm 2 --vm-bytes 48M --verify --timeout 60 >stress-ng.log 2>&1
    right stress-ng "$?" 0
    ;;
esac
