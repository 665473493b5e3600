// Physical memory from the host's mmap.
#include "tests/host/machine/ram.h"

#include <cstring>
#include <new>
#include <stdexcept>
#include <string>
#include <sys/mman.h>

namespace quire::test {

Ram::Ram(std::uint64_t bytes) : size_(bytes), memory_(nullptr) {
    void* const memory =
        mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) {
        throw std::bad_alloc();
    }
    memory_ = static_cast<std::byte*>(memory);
}

Ram::~Ram() {
    munmap(memory_, size_);
}

std::byte* Ram::at(PhysAddr address, std::uint32_t bytes) {
    if (std::uint64_t{address.value()} + bytes > size_) {
        throw std::out_of_range("no RAM at physical address " + std::to_string(address.value()));
    }
    return memory_ + address.value();
}

std::uint32_t Ram::word(PhysAddr address) {
    std::uint32_t value = 0;
    std::memcpy(&value, at(address, sizeof(value)), sizeof(value));
    return value;
}

void Ram::set_word(PhysAddr address, std::uint32_t value) {
    std::memcpy(at(address, sizeof(value)), &value, sizeof(value));
}

} // namespace quire::test
