/* Do positions move as they should: reads, writes, holes, appends, past the end? */
#include "tests/programs/support/check.h"

int main(void) {
    const int file = open_file(0);
    char buffer[100] = "";
    TRY(write(file, "0123456789", 10));
    TRY(lseek(file, -3, SEEK_END));
    TRY(read(file, buffer, 100));
    say("%s", buffer);
    TRY(read(file, buffer, 100));
    TRY(lseek(file, 10000, SEEK_SET));
    TRY(read(file, buffer, 1));
    TRY(write(file, "end", 3));
    TRY(lseek(file, 0, SEEK_END));
    TRY(pread(file, buffer, 100, 5000)); /* in the hole */
    SHOW(all_bytes(buffer, 100, 0));
    TRY(lseek(file, 2, SEEK_SET));
    TRY(lseek(file, -3, SEEK_CUR));
    TRY(lseek(file, 0, SEEK_CUR));
    TRY(fcntl(file, F_SETFL, O_APPEND));
    TRY(write(file, "app", 3));
    TRY(lseek(file, 0, SEEK_CUR));
    TRY(pread(file, buffer, 6, 10000));
    say("%.6s", buffer);
    return 0;
}
