#!/bin/sh
# What people do with a shell: pipes, globbing, redirection, loops, functions, jobs, traps. Prints the same everywhere.
cd /tmp || exit 1
mkdir quire-script && cd quire-script || exit 1
echo "pipes: $(echo one two three | tr ' ' '\n' | sort | head -n 2 | tr '\n' ' ')"
for name in b a c; do echo "content of $name" >"$name.txt"; done
echo "globs:" *.txt [ab].txt ?.txt nothing*
cat <<TEXT
a here document with $((6 * 7)) in it
TEXT
cat *.txt | grep -c content
wc -c <a.txt
echo more >>a.txt && sed 's/content/CONTENT/' a.txt
find . -name '*.txt' | sort
count=0
while read -r line; do
    count=$((count + 1))
    last=$line
done <a.txt
echo "$count lines, the last: $last"
twice() { echo "$1$1"; }
twice ha
case $(twice x) in xx) echo "case works" ;; *) echo "case fails" ;; esac
(
    exit 7
)
echo "a subshell exited with $?"
false || echo "false is false"
sleep 0.2 &
wait $!
echo "a job ended with $?"
sh -c 'kill -TERM $$'
echo "a killed shell gives $?"
trap 'echo "the trap ran"' EXIT
seq 1 1000 | awk '{ sum += $1 } END { print "awk sums to", sum }'
yes | head -n 3 | tr '\n' ' ' && echo
ls -1 | wc -l
mkdir -p deep/er && mv b.txt deep/er/ && cp c.txt deep/ && ls -1R deep
test -f deep/c.txt && echo "a copy is there"
dd if=/dev/zero bs=1024 count=64 2>/dev/null | md5sum
printf '%05d|%s|%x\n' 42 text 255
expr 3 + 4
cd .. && rm -r quire-script && test ! -e quire-script && echo "all removed"
