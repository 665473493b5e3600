// What i386 Linux programs and the kernel pass to each other in memory, byte for byte: members have fixed widths, so
// that the same code reads and writes them on a 64-bit host. structures_check.cpp compares each with Linux's own.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace quire::abi {

// On i386 an eight-byte integer in a structure is aligned to four.
using Wide [[gnu::aligned(4)]] = std::uint64_t;
using SignedWide [[gnu::aligned(4)]] = std::int64_t;

// ---- Time

struct Timespec {
    std::int32_t seconds = 0;
    std::int32_t nanoseconds = 0;
};
struct Timespec64 {
    SignedWide seconds = 0;
    SignedWide nanoseconds = 0;
};
struct Timeval {
    std::int32_t seconds = 0;
    std::int32_t microseconds = 0;
};
struct TimevalPair { // utimes: accessed, modified
    Timeval accessed, modified;
};
struct TimeZone {
    std::int32_t minutes_west = 0;
    std::int32_t summer_time = 0;
};
struct IntervalTimer { // struct itimerval
    Timeval interval, left;
};
struct UTimes { // struct utimbuf
    std::int32_t accessed = 0;
    std::int32_t modified = 0;
};
struct ProcessClocks { // struct tms, in clock ticks
    std::int32_t user = 0, system = 0, children_user = 0, children_system = 0;
};

// ---- Files

struct Stat { // struct stat
    std::uint32_t device = 0;
    std::uint32_t inode = 0;
    std::uint16_t mode = 0;
    std::uint16_t links = 0;
    std::uint16_t user = 0;
    std::uint16_t group = 0;
    std::uint32_t device_id = 0;
    std::uint32_t size = 0;
    std::uint32_t block_size = 0;
    std::uint32_t blocks = 0;
    std::uint32_t accessed = 0, accessed_nanoseconds = 0;
    std::uint32_t modified = 0, modified_nanoseconds = 0;
    std::uint32_t changed = 0, changed_nanoseconds = 0;
    std::array<std::uint32_t, 2> unused{};
};
struct Stat64 { // struct stat64
    Wide device = 0;
    std::uint32_t unused_1 = 0;
    std::uint32_t inode_low = 0;
    std::uint32_t mode = 0;
    std::uint32_t links = 0;
    std::uint32_t user = 0;
    std::uint32_t group = 0;
    Wide device_id = 0;
    std::uint32_t unused_2 = 0;
    SignedWide size = 0;
    std::uint32_t block_size = 0;
    Wide blocks = 0;
    std::uint32_t accessed = 0, accessed_nanoseconds = 0;
    std::uint32_t modified = 0, modified_nanoseconds = 0;
    std::uint32_t changed = 0, changed_nanoseconds = 0;
    Wide inode = 0;
};
struct OldStat { // struct __old_kernel_stat
    std::uint16_t device = 0;
    std::uint16_t inode = 0;
    std::uint16_t mode = 0;
    std::uint16_t links = 0;
    std::uint16_t user = 0;
    std::uint16_t group = 0;
    std::uint16_t device_id = 0;
    std::uint16_t unused = 0;
    std::uint32_t size = 0;
    std::uint32_t accessed = 0;
    std::uint32_t modified = 0;
    std::uint32_t changed = 0;
};
struct StatxTime {
    SignedWide seconds = 0;
    std::uint32_t nanoseconds = 0;
    std::int32_t unused = 0;
};
struct Statx {
    std::uint32_t mask = 0;
    std::uint32_t block_size = 0;
    Wide attributes = 0;
    std::uint32_t links = 0;
    std::uint32_t user = 0;
    std::uint32_t group = 0;
    std::uint16_t mode = 0;
    std::uint16_t unused_1 = 0;
    Wide inode = 0;
    Wide size = 0;
    Wide blocks = 0;
    Wide attributes_mask = 0;
    StatxTime accessed, born, changed, modified;
    std::uint32_t device_id_major = 0, device_id_minor = 0;
    std::uint32_t device_major = 0, device_minor = 0;
    std::array<std::uint32_t, 28> unused_2{};
};
struct Statfs {
    std::uint32_t type = 0;
    std::uint32_t block_size = 0;
    std::uint32_t blocks = 0, free_blocks = 0, available_blocks = 0;
    std::uint32_t files = 0, free_files = 0;
    std::array<std::uint32_t, 2> id{};
    std::uint32_t longest_name = 0;
    std::uint32_t fragment_size = 0;
    std::uint32_t flags = 0;
    std::array<std::uint32_t, 4> unused{};
};
struct Statfs64 {
    std::uint32_t type = 0;
    std::uint32_t block_size = 0;
    Wide blocks = 0, free_blocks = 0, available_blocks = 0;
    Wide files = 0, free_files = 0;
    std::array<std::uint32_t, 2> id{};
    std::uint32_t longest_name = 0;
    std::uint32_t fragment_size = 0;
    std::uint32_t flags = 0;
    std::array<std::uint32_t, 4> unused{};
};
// What stands before the name of a directory entry. getdents puts the type behind the name, getdents64 here.
struct DirectoryRecord { // struct linux_dirent
    std::uint32_t inode = 0;
    std::uint32_t next = 0;
    std::uint16_t length = 0;
};
inline constexpr std::size_t directory_record_name = 10; // where the name begins
struct DirectoryRecord64 {                               // struct linux_dirent64
    Wide inode = 0;
    SignedWide next = 0;
    std::uint16_t length = 0;
    std::uint8_t type = 0;
};
inline constexpr std::size_t directory_record64_name = 19;
struct PollDescriptor { // struct pollfd
    std::int32_t descriptor = 0;
    std::int16_t events = 0;
    std::int16_t returned = 0;
};
struct FileLock { // struct flock
    std::int16_t type = 0;
    std::int16_t whence = 0;
    std::int32_t start = 0;
    std::int32_t length = 0;
    std::int32_t process = 0;
};
struct FileLock64 { // struct flock64
    std::int16_t type = 0;
    std::int16_t whence = 0;
    SignedWide start = 0;
    SignedWide length = 0;
    std::int32_t process = 0;
};
struct OpenHow { // struct open_how
    Wide flags = 0;
    Wide mode = 0;
    Wide resolve = 0;
};

// ---- Arguments that came in memory, when system calls took five at most

struct OldMapArguments { // struct mmap_arg_struct
    std::uint32_t address = 0, length = 0, protection = 0, flags = 0, descriptor = 0, offset = 0;
};
struct OldSelectArguments { // struct sel_arg_struct
    std::uint32_t count = 0, readable = 0, writable = 0, exceptional = 0, timeout = 0;
};
struct SelectMask { // what pselect6's sixth argument points to
    std::uint32_t set = 0, set_size = 0;
};

// ---- Processes

struct Limit32 { // struct rlimit
    std::uint32_t soft = 0, hard = 0;
};
struct Limit64 { // struct rlimit64
    Wide soft = 0, hard = 0;
};
struct Usage { // struct rusage
    Timeval user, system;
    std::int32_t peak_resident = 0; // KiB
    std::array<std::int32_t, 3> unused_1{};
    std::int32_t minor_faults = 0, major_faults = 0;
    std::int32_t swaps = 0;
    std::int32_t blocks_in = 0, blocks_out = 0;
    std::array<std::int32_t, 3> unused_2{};
    std::int32_t voluntary_switches = 0, involuntary_switches = 0;
};
struct SystemInformation { // struct sysinfo
    std::int32_t uptime = 0;
    std::array<std::uint32_t, 3> loads{};
    std::uint32_t total = 0, free = 0, shared = 0, buffers = 0;
    std::uint32_t swap_total = 0, swap_free = 0;
    std::uint16_t processes = 0;
    std::uint16_t unused_1 = 0;
    std::uint32_t high_total = 0, high_free = 0;
    std::uint32_t unit = 1; // bytes that one of `total` and the like stands for
    std::array<std::uint8_t, 8> unused_2{};
};
struct SystemName { // struct new_utsname
    static constexpr std::size_t length = 65;
    std::array<char, length> system{}, node{}, release{}, version{}, machine{}, domain{};
};
struct OldSystemName { // struct old_utsname
    std::array<char, SystemName::length> system{}, node{}, release{}, version{}, machine{};
};
struct OldestSystemName { // struct oldold_utsname
    static constexpr std::size_t length = 9;
    std::array<char, length> system{}, node{}, release{}, version{}, machine{};
};
struct SegmentDescriptor {    // struct user_desc
    std::uint32_t number = 0; // the entry of the descriptor table; ~0: any
    std::uint32_t base = 0;
    std::uint32_t limit = 0; // bytes, or pages
    // seg_32bit, contents (2 bits), read_exec_only, limit_in_pages, seg_not_present, useable
    std::uint32_t flags = 0;

    static constexpr std::uint32_t is_32_bit = 1, contents_shift = 1, contents_mask = 3, read_execute_only = 1U << 3,
                                   limit_in_pages = 1U << 4, not_present = 1U << 5, useable = 1U << 6;
};
struct CapabilityHeader { // struct __user_cap_header_struct
    std::uint32_t version = 0;
    std::int32_t process = 0;
};
struct CapabilityWord { // struct __user_cap_data_struct
    std::uint32_t effective = 0, permitted = 0, inheritable = 0;
};
struct RobustListHead { // struct robust_list_head
    std::uint32_t list = 0;
    std::int32_t futex_offset = 0;
    std::uint32_t pending = 0;
};

// ---- Signals

struct OldSignalAction { // struct old_sigaction
    std::uint32_t handler = 0;
    std::uint32_t mask = 0;
    std::uint32_t flags = 0;
    std::uint32_t restorer = 0;
};
struct NewSignalAction { // struct sigaction
    std::uint32_t handler = 0;
    std::uint32_t flags = 0;
    std::uint32_t restorer = 0;
    Wide mask = 0;
};
struct SignalStack { // stack_t
    std::uint32_t start = 0;
    std::int32_t flags = 0;
    std::uint32_t size = 0;
};
struct SignalDetails { // siginfo_t: what follows the code depends on it
    std::int32_t number = 0;
    std::int32_t error = 0;
    std::int32_t code = 0;
    std::array<std::uint32_t, 29> fields{};
};

} // namespace quire::abi
