/* A Multiboot loader that is hostile: it gets Quire as its first module and the boot archive as its second, loads the
   kernel as the specification says, and tells it what the case on its command line says: `case=NAME`. Multiboot 0.6.96.
   It runs without paging, in QEMU with 128 MiB, above all that it touches. */
#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct Information {
    uint32_t flags, memory_lower, memory_upper, boot_device, command_line, module_count, modules, symbols[4], map_size,
        map, rest[16];
};
struct Module {
    uint32_t start, end, name, reserved;
};
struct MapEntry {
    uint32_t size;
    uint64_t base, length;
    uint32_t type;
} __attribute__((packed));

/* entry.asm reads it. */
struct Entry {
    uint32_t address;
    struct Information* information;
    uint32_t hostile_state;
};

enum { has_memory = 1, has_command_line = 4, has_modules = 8, has_map = 64 };
enum { ram = 1, reserved = 2, acpi = 3, bad = 5 };

/* Where what the kernel is told is put: below 640 KiB, but for the archive. */
static struct Information* const information = (struct Information*)0x9000;
static uint8_t* const map = (uint8_t*)0xA000;
static struct Module* const modules = (struct Module*)0xE000;
static char* const text = (char*)0xF000;

static uint32_t map_used;
static const uint32_t ram_end = 128 << 20;

void* memcpy(void* to, const void* from, size_t bytes);
void* memset(void* to, int value, size_t bytes);

void* memcpy(void* to, const void* from, size_t bytes) {
    for (size_t i = 0; i < bytes; ++i) {
        ((volatile uint8_t*)to)[i] = ((const uint8_t*)from)[i];
    }
    return to;
}
void* memset(void* to, int value, size_t bytes) {
    for (size_t i = 0; i < bytes; ++i) {
        ((volatile uint8_t*)to)[i] = (uint8_t)value;
    }
    return to;
}

static bool has_word(const char* line, const char* word) {
    for (; *line != '\0'; ++line) {
        size_t same = 0;
        while (word[same] != '\0' && line[same] == word[same]) {
            ++same;
        }
        if (word[same] == '\0') {
            return true;
        }
    }
    return false;
}

/* An entry that takes `size` bytes behind its size field, 20 or more. */
static void add(uint32_t size, uint64_t base, uint64_t length, uint32_t type) {
    const struct MapEntry entry = {size, base, length, type};
    memset(map + map_used, 0xFF, size + 4);
    memcpy(map + map_used, &entry, sizeof entry);
    map_used += size + 4;
}

static void usual_map(void) {
    add(20, 0, 0x9FC00, ram);
    add(20, 0x9FC00, 0x400, reserved);
    add(20, 0xF0000, 0x10000, reserved);
    add(20, 0x100000, ram_end - 0x100000, ram);
    add(20, 0xFFFC0000, 0x40000, reserved);
}

/* Unsorted and overlapping; kinds that there are and kinds that there are not; long entries; holes of a few bytes;
   nothing, and more than there can be. */
static void crowded_map(void) {
    add(24, 0x4000000, ram_end - 0x4000000, ram);
    add(20, 0x7800000, 0x100000, bad);
    add(28, 0x100000, 0x5000000, ram);
    add(20, 0xFFFFFFFFFFFF0000, 0x20000, reserved);
    add(20, 0, 0x9FC00, ram);
    add(20, 0x7000123, 0x10, bad);
    add(20, 0x7100000, 0x1000, 0);
    add(20, 0x7200000, 0x1000, acpi);
    add(20, 0x7300000, 0x1000, 0xB0210001);
    add(20, 0x7400000, 0, reserved);
    add(20, 0x100000000, 0x80000000, ram);
    add(20, 0xFF000000, 0x2000000, reserved);
    for (uint32_t number = 0; number < 60; ++number) {
        add(20, 0x7500000 + number * 0x3000, 0x1800, reserved);
    }
}

static uint32_t load_image(const uint8_t* file, uint32_t* end) {
    const Elf32_Ehdr* const header = (const Elf32_Ehdr*)file;
    const Elf32_Phdr* const segments = (const Elf32_Phdr*)(file + header->e_phoff);
    *end = 0;
    for (uint32_t number = 0; number < header->e_phnum; ++number) {
        const Elf32_Phdr* const segment = &segments[number];
        if (segment->p_type == PT_LOAD) {
            memset((void*)segment->p_paddr, 0, segment->p_memsz);
            memcpy((void*)segment->p_paddr, file + segment->p_offset, segment->p_filesz);
            *end = segment->p_paddr + segment->p_memsz > *end ? segment->p_paddr + segment->p_memsz : *end;
        }
    }
    return header->e_entry;
}

/* The archive, and behind it `more` modules of a few bytes that nobody wants. */
static void give_modules(uint32_t at, const struct Module* archive, uint32_t size, uint32_t more) {
    memcpy((void*)at, (const void*)archive->start, size);
    memcpy(text, "archive", 8);
    modules[0] = (struct Module){at, at + size, (uint32_t)text, 0};
    for (uint32_t number = 1; number <= more; ++number) {
        const uint32_t start = at + size + number * 0x3001;
        modules[number] = (struct Module){start, start + 100, (uint32_t)text, 0};
    }
    information->flags |= has_modules;
    information->module_count = 1 + more;
    information->modules = (uint32_t)modules;
}

struct Entry* load(const struct Information* given) {
    static struct Entry entry;
    const char* const line = (const char*)given->command_line;
    const struct Module* const files = (const struct Module*)given->modules;
    const uint32_t archive_size = files[1].end - files[1].start;
    uint32_t image_end = 0;
    entry.address = load_image((const uint8_t*)files[0].start, &image_end);
    entry.information = information;
    memset(information, 0, sizeof *information);
    information->flags = has_memory | has_map;
    information->memory_lower = 639;
    information->memory_upper = (ram_end >> 10) - 1024;
    const uint32_t next_page = (image_end + 0xFFF) & ~0xFFFU;
    if (has_word(line, "case=state")) {
        usual_map();
        give_modules(0x2000000, &files[1], archive_size, 0);
        entry.hostile_state = 1;
    } else if (has_word(line, "case=crowded")) {
        crowded_map();
        give_modules(image_end + 0x123, &files[1], archive_size, 20);
    } else if (has_word(line, "case=cut")) { /* in the middle of the map's last entry, and of the archive */
        usual_map();
        add(20, 0x7800000, 0x100000, bad);
        map_used -= 9;
        give_modules(next_page, &files[1], archive_size / 2, 0);
        information->flags |= has_command_line;
        information->command_line = 0xFFFFFFF0; /* where no memory is */
    } else if (has_word(line, "case=small")) {  /* no map: only how much memory there is */
        information->flags = has_memory;
        information->memory_upper = 7 << 10;
        give_modules(next_page, &files[1], archive_size, 0);
    } else { /* nothing is said at all */
        information->flags = 0;
    }
    information->map = (uint32_t)map;
    information->map_size = map_used;
    return &entry;
}
