/* The first program: says who it is and what it was given, so that one sees arguments, stack and console at work. */
#include "user/runtime/print.h"
#include "user/runtime/system.h"

int main(int count, char** arguments) {
    print("Hello from ring 3. I am process %d.\n", (int)process_id());
    for (int i = 0; i < count; ++i) {
        print("  argument %d: %s\n", i, arguments[i]);
    }
    return 0;
}
