#include "user/runtime/print.h"

#include "user/runtime/system.h"

#include <stdarg.h>

struct Line {
    char text[512];
    size_t used;
};

static void put(struct Line* line, char character) {
    if (line->used < sizeof line->text) {
        line->text[line->used++] = character;
    }
}

static void put_text(struct Line* line, const char* text) {
    while (*text != '\0') {
        put(line, *text++);
    }
}

static void put_number(struct Line* line, uint32_t number, unsigned base) {
    char digits[10];
    unsigned count = 0;
    do {
        digits[count++] = "0123456789abcdef"[number % base];
        number /= base;
    } while (number != 0);
    while (count != 0) {
        put(line, digits[--count]);
    }
}

static void put_signed(struct Line* line, int number) {
    if (number < 0) {
        put(line, '-');
    }
    put_number(line, number < 0 ? 0U - (uint32_t)number : (uint32_t)number, 10);
}

void print(const char* format, ...) {
    struct Line line = {.used = 0};
    va_list values;
    va_start(values, format);
    for (; *format != '\0'; ++format) {
        if (*format != '%') {
            put(&line, *format);
            continue;
        }
        switch (*++format) {
        case 's': put_text(&line, va_arg(values, const char*)); break;
        case 'd': put_signed(&line, va_arg(values, int)); break;
        case 'u': put_number(&line, va_arg(values, uint32_t), 10); break;
        case 'x': put_number(&line, va_arg(values, uint32_t), 16); break;
        case 'p':
            put_text(&line, "0x");
            put_number(&line, (uint32_t)va_arg(values, void*), 16);
            break;
        default: put(&line, *format); break;
        }
    }
    va_end(values);
    write_to(1, line.text, line.used);
}
