// The flags of open and fcntl(F_SETFL), with the values that Linux has for i386. Compared with Linux's own header when
// the kernel is compiled (file.cpp); repeated here because that header's names are macros, for all who include it.
#pragma once

#include <cstdint>

namespace quire::open_flag {

inline constexpr std::uint32_t read_only = 0;
inline constexpr std::uint32_t write_only = 01;
inline constexpr std::uint32_t read_write = 02;
inline constexpr std::uint32_t access_mode = 03; // one of the three above; 03 itself opens for neither
inline constexpr std::uint32_t create = 0100;
inline constexpr std::uint32_t exclusive = 0200;
inline constexpr std::uint32_t no_controlling_terminal = 0400;
inline constexpr std::uint32_t truncate = 01000;
inline constexpr std::uint32_t append = 02000;
inline constexpr std::uint32_t nonblocking = 04000;
inline constexpr std::uint32_t data_synchronous = 010000;
inline constexpr std::uint32_t asynchronous = 020000;
inline constexpr std::uint32_t direct = 040000;
inline constexpr std::uint32_t large_file = 0100000;
inline constexpr std::uint32_t directory = 0200000;
inline constexpr std::uint32_t no_follow = 0400000;
inline constexpr std::uint32_t no_access_time = 01000000;
inline constexpr std::uint32_t close_on_exec = 02000000;
inline constexpr std::uint32_t synchronous = 04010000;
inline constexpr std::uint32_t path = 010000000;
inline constexpr std::uint32_t temporary = 020200000;

} // namespace quire::open_flag
