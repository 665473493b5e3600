/* Does exec refuse ELF files whose header or segments are nonsense, with an errno and no harm? */
#include "tests/programs/support/check.h"

#include <elf.h>

static char image[2 * page];

static void try_image(const char* what, size_t bytes) {
    char path[64];
    snprintf(path, sizeof path, "/tmp/quire-elf-%d", getpid());
    const int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0700);
    write(file, image, bytes);
    close(file);
    const pid_t child = fork();
    if (child == 0) {
        execl(path, path, (char*)NULL);
        say("%s: %s", what, error_name(errno));
        _exit(0);
    }
    wait_for(child, what);
    unlink(path);
}

/* Where the segments are nonsense, exec may notice before it gives up the old program or after: then it is killed. */
static void must_not_run(const char* what) {
    char path[64];
    snprintf(path, sizeof path, "/tmp/quire-elf-%d", getpid());
    const int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0700);
    write(file, image, sizeof image);
    close(file);
    const pid_t child = fork();
    if (child == 0) {
        execl(path, path, (char*)NULL);
        raise(SIGKILL);
    }
    int status;
    waitpid(child, &status, 0);
    say("%s: %s", what, WIFSIGNALED(status) ? "did not run" : "ran");
    unlink(path);
}

static Elf32_Ehdr* make_image(void) {
    static const unsigned char exit_0[] = {0xb8, 1, 0, 0, 0, 0x31, 0xdb, 0xcd, 0x80}; /* exit(0) */
    memset(image, 0, sizeof image);
    Elf32_Ehdr* const header = (Elf32_Ehdr*)image;
    memcpy(header->e_ident, ELFMAG "\x01\x01\x01", 7);
    header->e_type = ET_EXEC;
    header->e_machine = EM_386;
    header->e_version = 1;
    header->e_entry = 0x08048000 + 512;
    header->e_phoff = sizeof *header;
    header->e_ehsize = sizeof *header;
    header->e_phentsize = sizeof(Elf32_Phdr);
    header->e_phnum = 1;
    Elf32_Phdr* const segment = (Elf32_Phdr*)(header + 1);
    segment->p_type = PT_LOAD;
    segment->p_vaddr = 0x08048000;
    segment->p_filesz = segment->p_memsz = page;
    segment->p_flags = PF_R | PF_X;
    segment->p_align = page;
    memcpy(image + 512, exit_0, sizeof exit_0);
    return header;
}

int main(void) {
    Elf32_Ehdr* const header = make_image();
    Elf32_Phdr* const segment = (Elf32_Phdr*)(header + 1);
    try_image("a good one", sizeof image);
    try_image("20 bytes", 20);
    try_image("only its header", sizeof *header);
    make_image()->e_machine = EM_X86_64;
    try_image("another machine", sizeof image);
    make_image()->e_type = ET_REL;
    try_image("an object file", sizeof image);
    make_image()->e_phentsize = 7;
    try_image("odd program headers", sizeof image);
    make_image()->e_phoff = 0x7fffffff;
    try_image("headers past the end", sizeof image);
    make_image()->e_phnum = 0;
    try_image("no headers", sizeof image);
    make_image();
    segment->p_memsz = 10;
    must_not_run("less memory than file");
    make_image();
    segment->p_offset = 100;
    must_not_run("misaligned");
    make_image();
    segment->p_vaddr = 0xfffff000;
    must_not_run("in the kernel");
    make_image()->e_entry = 0x10;
    must_not_run("entry at nothing");
    return 0;
}
