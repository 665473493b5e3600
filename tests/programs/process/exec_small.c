/* Which programs run that are smaller, or stranger, than a linker makes them? Each is written to a file and ends with a
   status of its own. */
#include "tests/programs/support/check.h"

#include <elf.h>

#define EXIT_WITH(status) 0xB8, 1, 0, 0, 0, 0xBB, status, 0, 0, 0, 0xCD, 0x80

static void run(const char* what, const void* bytes, size_t size) {
    const int file = open("/tmp/small", O_WRONLY | O_CREAT | O_TRUNC, 0755);
    write(file, bytes, size);
    close(file);
    const pid_t child = fork();
    if (child == 0) {
        char* const none[] = {NULL};
        execve("/tmp/small", none, none);
        say("%s: %s", what, error_name(errno));
        _exit(0);
    }
    wait_for(child, what);
    unlink("/tmp/small");
}

/* The smallest that there is: the program header shares the header's words, and the file ends in its last field that
   counts. It has more memory than the file has bytes. */
static void run_tiny(void) {
    const unsigned char tiny[] = {
        0x7F, 'E', 'L',  'F',  1,    0,    0,    0, 0,    0, 0,    0, 0, 0, 0x40, 0, /* type, offset, address */
        2,    0,   3,    0,    0x20, 0,    0x40, 0, 0x20, 0, 0x40, 0, 4, 0, 0,    0, /* entry, headers at 4 */
        0xB3, 42,  0x31, 0xC0, 0x40, 0xCD, 0x80, 0,                                  /* exit(42) */
        0x34, 0,   0x20, 0,    1};
    run("45 bytes", tiny, sizeof tiny);
    run("44 bytes", tiny, sizeof tiny - 1);
}

struct Program {
    Elf32_Ehdr header;
    Elf32_Phdr segments[2];
    unsigned char code[40];
};

static struct Program usual(uint32_t address) {
    const unsigned char code[] = {EXIT_WITH(7)};
    struct Program program = {.header = {.e_ident = {0x7F, 'E', 'L', 'F', ELFCLASS32, ELFDATA2LSB, EV_CURRENT},
                                         .e_type = ET_EXEC,
                                         .e_machine = EM_386,
                                         .e_version = EV_CURRENT,
                                         .e_entry = address + offsetof(struct Program, code),
                                         .e_phoff = offsetof(struct Program, segments),
                                         .e_ehsize = sizeof(Elf32_Ehdr),
                                         .e_phentsize = sizeof(Elf32_Phdr),
                                         .e_phnum = 2},
                              .segments = {{.p_type = PT_LOAD,
                                            .p_vaddr = address,
                                            .p_filesz = sizeof program,
                                            .p_memsz = sizeof program,
                                            .p_flags = PF_R | PF_X,
                                            .p_align = page},
                                           {.p_type = PT_GNU_STACK, .p_flags = PF_R | PF_W}}};
    memcpy(program.code, code, sizeof code);
    return program;
}

/* Runs code that it has written to its stack: mov dword [esp], ...; jmp esp. */
static const unsigned char on_stack[] = {0x83, 0xEC, 16,                           /* sub esp, 16 */
                                         0xC7, 0x04, 0x24, 0x31, 0xC0, 0x40, 0xB3, /* xor eax, eax; inc eax; mov bl, */
                                         0xC7, 0x44, 0x24, 4,    9,    0xCD, 0x80, 0x90, /* 9; int 0x80; nop */
                                         0xFF, 0xE4};                                    /* jmp esp */

int main(void) {
    const uint32_t address = 0x08048000;
    run_tiny();
    struct Program program = usual(address);
    run("usual", &program, sizeof program);
    program.header.e_machine = 6;
    run("EM_486", &program, sizeof program);
    program = usual(address);
    memset(program.header.e_ident + 4, 0x90, EI_NIDENT - 4);
    program.header.e_version = 0;
    run("nothing behind the magic number", &program, sizeof program);
    program = usual(address);
    program.segments[0].p_filesz = program.segments[0].p_memsz = 100 * page;
    run("more than the file has", &program, sizeof program);
    program = usual(address);
    program.header.e_type = ET_DYN;
    run("movable, linked low", &program, sizeof program);
    program = usual(0x20000000);
    program.header.e_type = ET_DYN;
    run("movable, linked high", &program, sizeof program);
    program = usual(address);
    program.segments[1] = program.segments[0];
    program.segments[1].p_flags = PF_R | PF_W | PF_X;
    run("two segments in one page", &program, sizeof program);
    program = usual(address);
    memcpy(program.code, on_stack, sizeof on_stack);
    run("runs its stack", &program, sizeof program);
    program.segments[1].p_flags |= PF_X;
    run("runs its stack, and may", &program, sizeof program);
    program.header.e_phnum = 1;
    run("runs its stack, and nothing is said", &program, sizeof program);
    program = usual(address);
    program.header.e_phnum = 0;
    run("no headers", &program, sizeof program);
    return 0;
}
