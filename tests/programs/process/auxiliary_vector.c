/* What does the auxiliary vector tell of the program and the machine? */
#include "tests/programs/support/check.h"

#include <elf.h>
#include <sys/auxv.h>

extern const Elf32_Ehdr __ehdr_start __attribute__((visibility("hidden")));

int main(void) {
    SHOW(getauxval(AT_PAGESZ));
    SHOW(getauxval(AT_PHENT));
    SHOW(getauxval(AT_PHNUM) == __ehdr_start.e_phnum);
    SHOW(getauxval(AT_PHDR) == (unsigned long)&__ehdr_start + __ehdr_start.e_phoff);
    SHOW(getauxval(AT_ENTRY) == __ehdr_start.e_entry);
    SHOW(getauxval(AT_CLKTCK));
    SHOW(getauxval(AT_SECURE));
    const unsigned char* const random = (const unsigned char*)getauxval(AT_RANDOM);
    FAULT(random, (void)*(volatile char*)(random + 15));
    SHOW(access((const char*)getauxval(AT_EXECFN), F_OK));
    SHOW(getauxval(AT_UID) == getuid());
    return 0;
}
