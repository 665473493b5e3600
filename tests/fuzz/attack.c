/* Goes through all that ring 3 can ask the processor for by which it could get at the kernel: every vector, every
   privileged instruction, every selector in every segment register and as the target of every far transfer, every flag
   by every way that loads flags, and frames for sigreturn with each register at its edges. What must not work has to
   end in a signal; what may work has to leave the program as it was. The same list on every run. */
#include "tests/fuzz/fuzz.h"

#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

enum { page = 4096 };

static sigjmp_buf after;
static unsigned char* code; /* may be written and executed */
static uint16_t own_gs, own_data, own_code;
static volatile int last_signal;
static uint32_t tries, faults, failures;

/* GS may be anything: it is put right before a C library could use it. */
static void faulted(int number) {
    __asm__ volatile("mov %w0, %%gs" ::"r"(own_gs));
    last_signal = number;
    siglongjmp(after, 1);
}

/* What a fault may have left behind. */
static void put_right(void) {
    __asm__ volatile("push $0x202\n\t"
                     "popf\n\t"
                     "mov %w0, %%ds\n\t"
                     "mov %w0, %%es\n\t"
                     "mov %w0, %%ss\n\t"
                     "fninit" ::"r"((uint32_t)own_data)
                     : "memory", "cc");
}

/* Runs the statement; true where a signal came of it. */
#define FAULTS(statement)                                                                                              \
    ({                                                                                                                 \
        ++tries;                                                                                                       \
        last_signal = 0;                                                                                               \
        if (sigsetjmp(after, 0) == 0) {                                                                                \
            statement;                                                                                                 \
        }                                                                                                              \
        put_right();                                                                                                   \
        faults += last_signal != 0;                                                                                    \
        last_signal != 0;                                                                                              \
    })

static void fail(const char* what, uint32_t which) {
    ++failures;
    printf("fuzz attack: %s %#x was let through\n", what, which);
}

/* Calls what stands in `code`. EAX is a number of no system call. */
static void call_code(void) {
    __asm__ volatile("call *%0" ::"D"(code), "a"(-1), "c"(0x174), "d"(0x60) : "ebx", "esi", "memory", "cc");
}

static void run_bytes(const unsigned char* bytes, size_t size) {
    memcpy(code, bytes, size);
    code[size] = 0xC3;
    call_code();
}

static void all_vectors(void) {
    for (uint32_t vector = 0; vector < 256; ++vector) {
        const unsigned char bytes[] = {0xCD, (unsigned char)vector};
        if (!FAULTS(run_bytes(bytes, sizeof bytes)) && vector != 0x80) {
            fail("vector", vector);
        }
    }
}

struct Instruction {
    const char* name;
    unsigned char size, bytes[4];
};

static void all_privileged(void) {
    static const struct Instruction instructions[] = {
        {"cli", 1, {0xFA}},
        {"sti", 1, {0xFB}},
        {"hlt", 1, {0xF4}},
        {"in al, 0x60", 2, {0xE4, 0x60}},
        {"in eax, dx", 1, {0xED}},
        {"out 0x60, al", 2, {0xE6, 0x60}},
        {"out dx, eax", 1, {0xEF}},
        {"insb", 1, {0x6C}},
        {"outsd", 1, {0x6F}},
        {"mov eax, cr0", 3, {0x0F, 0x20, 0xC0}},
        {"mov cr0, eax", 3, {0x0F, 0x22, 0xC0}},
        {"mov cr2, eax", 3, {0x0F, 0x22, 0xD0}},
        {"mov cr3, eax", 3, {0x0F, 0x22, 0xD8}},
        {"mov cr4, eax", 3, {0x0F, 0x22, 0xE0}},
        {"mov dr0, eax", 3, {0x0F, 0x23, 0xC0}},
        {"mov dr7, eax", 3, {0x0F, 0x23, 0xF8}},
        {"mov eax, dr7", 3, {0x0F, 0x21, 0xF8}},
        {"lgdt [edi]", 3, {0x0F, 0x01, 0x17}},
        {"lidt [edi]", 3, {0x0F, 0x01, 0x1F}},
        {"lldt ax", 3, {0x0F, 0x00, 0xD0}},
        {"ltr ax", 3, {0x0F, 0x00, 0xD8}},
        {"lmsw ax", 3, {0x0F, 0x01, 0xF0}},
        {"clts", 2, {0x0F, 0x06}},
        {"invd", 2, {0x0F, 0x08}},
        {"wbinvd", 2, {0x0F, 0x09}},
        {"invlpg [edi]", 3, {0x0F, 0x01, 0x3F}},
        {"wrmsr", 2, {0x0F, 0x30}},
        {"rdmsr", 2, {0x0F, 0x32}},
        {"rdpmc", 2, {0x0F, 0x33}},
        {"rsm", 2, {0x0F, 0xAA}},
        {"sysenter", 2, {0x0F, 0x34}},
        {"sysexit", 2, {0x0F, 0x35}},
        {"syscall", 2, {0x0F, 0x05}},
        {"sysret", 2, {0x0F, 0x07}},
        {"clac", 3, {0x0F, 0x01, 0xCA}},
        {"stac", 3, {0x0F, 0x01, 0xCB}},
        {"xsetbv", 3, {0x0F, 0x01, 0xD1}},
        {"vmcall", 3, {0x0F, 0x01, 0xC1}},
        {"monitor", 3, {0x0F, 0x01, 0xC8}},
        {"int1", 1, {0xF1}},
        {"ud2", 2, {0x0F, 0x0B}},
        {"lock nop", 2, {0xF0, 0x90}},
        {"into, overflow", 4, {0xB0, 0x7F, 0x04, 0x01}}, /* mov al, 127; add al, 1; its INTO follows */
    };
    for (unsigned i = 0; i < sizeof instructions / sizeof *instructions; ++i) {
        const struct Instruction* const each = &instructions[i];
        unsigned char bytes[8];
        memcpy(bytes, each->bytes, each->size);
        bytes[each->size] = 0xCE; /* does nothing unless the overflow flag is set */
        if (!FAULTS(run_bytes(bytes, each->size + (each->size == 4)))) {
            fail(each->name, i);
        }
    }
    static const unsigned char too_long[] = {0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
                                             0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x90};
    if (!FAULTS(run_bytes(too_long, sizeof too_long))) {
        fail("an instruction of bytes", sizeof too_long);
    }
    for (uint32_t port = 0; port < 0x10000; port += port < 0x400 ? 1 : 0x101) {
        if (!FAULTS(__asm__ volatile("inb %%dx, %%al" ::"d"(port) : "eax"))) {
            fail("reading port", port);
        }
        if (!FAULTS(__asm__ volatile("outb %%al, %%dx" ::"d"(port), "a"(0xFE)))) {
            fail("writing port", port);
        }
    }
}

static struct __attribute__((packed)) {
    uint32_t offset;
    uint16_t selector;
} volatile far_pointer;

static void load_segment(unsigned which, uint32_t selector) {
    switch (which) {
    case 0: __asm__ volatile("mov %w0, %%ds\n\tmov %w1, %%ds" ::"r"(selector), "r"((uint32_t)own_data)); break;
    case 1: __asm__ volatile("mov %w0, %%es\n\tmov %w1, %%es" ::"r"(selector), "r"((uint32_t)own_data)); break;
    case 2: __asm__ volatile("mov %w0, %%fs\n\tmov %w1, %%fs" ::"r"(selector), "r"(0)); break;
    case 3: __asm__ volatile("mov %w0, %%gs\n\tmov %w1, %%gs" ::"r"(selector), "r"((uint32_t)own_gs)); break;
    default: __asm__ volatile("mov %w0, %%ss\n\tmov %w1, %%ss" ::"r"(selector), "r"((uint32_t)own_data)); break;
    }
}

/* ESI keeps the stack pointer, whatever a call pushes. */
static void go_through(unsigned how, uint32_t selector) {
    far_pointer.selector = (uint16_t)selector;
    switch (how) {
    case 0:
        __asm__ volatile("movl $1f, %0\n\tmov %%esp, %%esi\n\tljmp *%0\n1:\tmov %%esi, %%esp"
                         : "+m"(far_pointer)::"esi", "memory");
        break;
    case 1:
        __asm__ volatile("movl $1f, %0\n\tmov %%esp, %%esi\n\tlcall *%0\n1:\tmov %%esi, %%esp"
                         : "+m"(far_pointer)::"esi", "memory");
        break;
    case 2:
        __asm__ volatile("mov %%esp, %%esi\n\tpush %0\n\tpush $1f\n\tlret\n1:\tmov %%esi, %%esp" ::"r"(selector)
                         : "esi", "memory");
        break;
    default:
        __asm__ volatile(
            "mov %%esp, %%esi\n\tpushf\n\tpush %0\n\tpush $1f\n\tiret\n1:\tmov %%esi, %%esp" ::"r"(selector)
            : "esi", "memory", "cc");
        break;
    }
}

static bool is_code_of_ours(uint32_t selector) {
    return (selector | 3) == own_code;
}

static void all_selectors(void) {
    for (uint32_t selector = 0; selector < 0x10000; ++selector) {
        for (unsigned which = 0; which < 5; ++which) {
            FAULTS(load_segment(which, selector));
        }
        for (unsigned how = 0; how < 4; ++how) {
            if (!FAULTS(go_through(how, selector)) && !is_code_of_ours(selector)) {
                fail("a far transfer through", selector);
            }
        }
    }
}

static uint32_t flags_now(void) {
    uint32_t flags;
    __asm__ volatile("pushf\n\tpop %0" : "=r"(flags)::"memory");
    return flags;
}

enum { interrupts = 1 << 9, privilege = 3 << 12, nested = 1 << 14, virtual_mode = 1 << 17 };

static void check_flags(const char* what, uint32_t bit) {
    const uint32_t flags = flags_now();
    if ((flags & interrupts) == 0 || (flags & (privilege | virtual_mode)) != 0) {
        fail(what, bit);
    }
}

static void all_flags(void) {
    for (uint32_t bit = 0; bit < 32; ++bit) {
        const uint32_t flags = flags_now() ^ 1U << bit;
        FAULTS({
            __asm__ volatile("push %0\n\tpopf" ::"r"(flags) : "memory", "cc");
            check_flags("popf of bit", bit);
        });
        FAULTS({
            __asm__ volatile(
                "mov %%esp, %%esi\n\tpush %0\n\tpush %1\n\tpush $1f\n\tiret\n1:\tmov %%esi, %%esp" ::"r"(flags),
                "r"((uint32_t)own_code)
                : "esi", "memory", "cc");
            check_flags("iret of bit", bit);
        });
    }
    /* IRET would return to the task that the task state segment names. */
    if (!FAULTS(__asm__ volatile("pushf\n\torl %0, (%%esp)\n\tpopf\n\tiret" ::"i"(nested) : "memory", "cc"))) {
        fail("iret of a nested task", nested);
    }
}

/* ---- Frames for sigreturn: what is changed in the next one. */
static struct {
    int general; /* index in gregs, or one of those below */
    uint32_t value;
} volatile change;
enum { fpu_pointer = 100, fpu_word = 101 }; /* the pointer; fpu_word + n: the state's word n */

static void spoil(int number, siginfo_t* information, void* place) {
    (void)number;
    (void)information;
    mcontext_t* const context = &((ucontext_t*)place)->uc_mcontext;
    if (change.general < fpu_pointer) {
        context->gregs[change.general] = (greg_t)change.value;
    } else if (change.general == fpu_pointer) {
        context->fpregs = (fpregset_t)change.value;
    } else {
        ((uint32_t*)context->fpregs)[change.general - fpu_word] = change.value;
    }
}

static void return_with(int general, uint32_t value) {
    change.general = general;
    change.value = value;
    FAULTS({
        raise(SIGUSR1);
        check_flags("sigreturn of register", (uint32_t)general);
    });
}

static void all_frames(void) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = spoil;
    action.sa_flags = SA_SIGINFO;
    sigaction(SIGUSR1, &action, NULL);
    static const uint32_t edges[] = {0,          1,          0xfff,      0x1000,     0x3fffff,   0x400000,
                                     0x5ffffffc, 0x5fffffff, 0x60000000, 0x603fffff, 0x60400000, 0x7fffffff,
                                     0x80000000, 0x9fffffff, 0xa0000000, 0xbfffffff, 0xc0000000, 0xc0100000,
                                     0xfec00000, 0xff000000, 0xfffff000, 0xfffffffc, 0xffffffff};
    enum { all_general = 19 };
    for (int general = 0; general < all_general; ++general) {
        for (unsigned i = 0; i < sizeof edges / sizeof *edges; ++i) {
            return_with(general, edges[i]);
        }
    }
    for (int bit = 0; bit < 32; ++bit) {
        return_with(REG_EFL, 1U << bit);
        return_with(REG_EFL, ~(1U << bit) & ~0x100U);
    }
    static const int segments[] = {REG_GS, REG_FS, REG_ES, REG_DS, REG_CS, REG_SS};
    for (unsigned i = 0; i < sizeof segments / sizeof *segments; ++i) {
        for (uint32_t selector = 0; selector < 0x10000; selector += selector < 0x200 ? 1 : 0x1FF) {
            return_with(segments[i], selector);
        }
    }
    for (unsigned i = 0; i < sizeof edges / sizeof *edges; ++i) {
        return_with(fpu_pointer, edges[i]);
    }
    enum { fpu_words = 156 };
    for (int word = 0; word < fpu_words; ++word) {
        return_with(fpu_word + word, 0);
        return_with(fpu_word + word, 0xFFFFFFFF);
    }
}

/* In a process of its own, for whatever it leaves behind. True where nothing was let through. */
static bool in_process(const char* name, void (*attack)(void)) {
    const pid_t child = fork();
    if (child == 0) {
        code = mmap(NULL, page, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        __asm__("mov %%gs, %0" : "=r"(own_gs));
        __asm__("mov %%ds, %0" : "=r"(own_data));
        __asm__("mov %%cs, %0" : "=r"(own_code));
        take_faults(faulted);
        attack();
        printf("fuzz attack: %s: %u tries, %u faults\n", name, tries, faults);
        fflush(stdout);
        _exit(failures != 0);
    }
    int how = 0;
    waitpid(child, &how, 0);
    if (how != 0) {
        printf("fuzz attack: %s ended with %#x\n", name, (unsigned)how);
    }
    return how == 0;
}

bool attack_everything(void) {
    bool held = in_process("vectors", all_vectors);
    held = in_process("privileged instructions", all_privileged) && held;
    held = in_process("flags", all_flags) && held;
    held = in_process("frames", all_frames) && held;
    held = in_process("selectors", all_selectors) && held;
    return held;
}
