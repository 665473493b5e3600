/* printf's few most wanted conversions, for the programs of user/: %s, %d, %u, %x, %p, %%. A call's text, up to a line
   of 512 bytes, reaches the console in one piece. */
#pragma once

void print(const char* format, ...) __attribute__((format(printf, 1, 2)));
