# Arithmetic, text, collections, files, recursion and errors; prints the same everywhere.
import sys
print(sys.version_info[:2] >= (3, 9), 2**200, sum(i * i for i in range(100000)))
print("%.10f %r %r" % (1 / 3, 0.1 + 0.2, 1e308 * 10))
words = {}
for word in ("the quick brown fox jumps over the lazy dog the end " * 200).split():
    words[word] = words.get(word, 0) + 1
print(sorted(words.items()))
def ackermann(m, n):
    return n + 1 if m == 0 else ackermann(m - 1, 1) if n == 0 else ackermann(m - 1, ackermann(m, n - 1))
sys.setrecursionlimit(20000)
print(ackermann(2, 200))
primes = [p for p in range(2, 5000) if all(p % d for d in range(2, int(p**0.5) + 1))]
print(len(primes), primes[-1])
with open("/tmp/quire-python", "w") as file:
    file.writelines("%d\n" % (i * 7919 % 10007) for i in range(10000))
with open("/tmp/quire-python") as file:
    print(sum(int(line) for line in file))
try:
    [][1]
except IndexError as error:
    print("IndexError:", error)
big = [list(range(1000)) for _ in range(1000)]
print(sum(map(sum, big)))
del big
try:
    bytearray(1 << 31)
except (MemoryError, OverflowError) as error:
    print("refused")
