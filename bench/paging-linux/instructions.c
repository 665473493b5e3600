/* A plugin for QEMU that counts the guest's instructions between two marks: those that were executed, and no others. A
   processor that is halted executes none, so that what it idles is left out whichever system runs on it.
   A mark is an instruction that does nothing, with a displacement that no compiler writes (pages.c). With each second
   mark a line is added to the file that the argument "output" names: what was executed since the first.

   QEMU's documentation, "QEMU TCG Plugins", tells of this interface; its header is not among Debian's packages, so what
   is used of it is declared here (version 1). */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct tb;   /* a block of instructions that QEMU translates together */
struct insn; /* one of them */
enum { no_registers = 0, add_64 = 0 };
extern void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id, void (*translated)(uint64_t id, struct tb* block));
extern size_t qemu_plugin_tb_n_insns(const struct tb* block);
extern struct insn* qemu_plugin_tb_get_insn(const struct tb* block, size_t at);
extern const void* qemu_plugin_insn_data(const struct insn* instruction);
extern size_t qemu_plugin_insn_size(const struct insn* instruction);
extern void qemu_plugin_register_vcpu_insn_exec_inline(struct insn* instruction, int operation, void* counter,
                                                       uint64_t value);
extern void qemu_plugin_register_vcpu_insn_exec_cb(struct insn* instruction, void (*executed)(unsigned cpu, void* user),
                                                   int flags, void* user);

__attribute__((visibility("default"))) int qemu_plugin_version = 1;

static uint64_t executed;
static uint64_t at_first_mark;
static bool between_marks;
static FILE* output;

static void marked(unsigned cpu, void* user) {
    (void)cpu, (void)user;
    if (between_marks) {
        fprintf(output, "%llu\n", (unsigned long long)(executed - at_first_mark));
        fflush(output);
    }
    at_first_mark = executed;
    between_marks = !between_marks;
}

static void translated(uint64_t id, struct tb* block) {
    static const unsigned char mark[] = {0x0F, 0x1F, 0x80, 'M', 'a', 'r', 'k'};
    (void)id;
    for (size_t at = 0; at < qemu_plugin_tb_n_insns(block); ++at) {
        struct insn* const each = qemu_plugin_tb_get_insn(block, at);
        qemu_plugin_register_vcpu_insn_exec_inline(each, add_64, &executed, 1);
        if (qemu_plugin_insn_size(each) == sizeof mark && memcmp(qemu_plugin_insn_data(each), mark, sizeof mark) == 0) {
            qemu_plugin_register_vcpu_insn_exec_cb(each, marked, no_registers, NULL);
        }
    }
}

__attribute__((visibility("default"))) int qemu_plugin_install(uint64_t id, const void* info, int count, char** words) {
    static const char key[] = "output=";
    (void)info;
    if (count != 1 || strncmp(words[0], key, sizeof key - 1) != 0) {
        return 1;
    }
    output = fopen(words[0] + sizeof key - 1, "w");
    if (output == NULL) {
        return 1;
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    return 0;
}
