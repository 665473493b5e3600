/* Do uname, sysinfo, sysconf and getrandom answer in shape? */
#include "tests/programs/support/check.h"

#include <sys/random.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>

int main(void) {
    struct utsname names;
    TRY(uname(&names));
    SHOW(names.sysname[0] != '\0' && names.release[0] >= '3' && names.release[0] <= '9');
    struct sysinfo information;
    TRY(sysinfo(&information));
    SHOW((unsigned long long)information.totalram * information.mem_unit > 1 << 20);
    SHOW(information.freeram <= information.totalram);
    SHOW(information.procs > 0);
    unsigned char a[32] = {0}, b[32] = {0};
    TRY(getrandom(a, sizeof a, 0));
    TRY(getrandom(b, sizeof b, GRND_NONBLOCK));
    SHOW(memcmp(a, b, sizeof a) != 0);
    TRY(getrandom(a, sizeof a, 0x100));
    SHOW(sysconf(_SC_PAGESIZE));
    return 0;
}
