# The kernel image: portable sources, machine sources and NASM stubs, linked twice. The first link gives the symbols,
# from which a table is made that the second link embeds, so that the kernel can name the functions in a backtrace.
# The table lies behind all code, so the addresses it names do not move.
enable_language(ASM_NASM C)

# Quick where programs wait for it, small where people read it, where it runs once, or where it was measured to cost no
# row of bench/linux anything: signals, time, exec. With debug information for gdb; what is booted is stripped. Checks of
# invariants stay in. The linker sees all of the program at once (-flto): what is called once is inlined, what is equal
# is merged.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g")
file(GLOB unhurried_sources CONFIGURE_DEPENDS kernel/monitor/*.cpp kernel/monitor/*/*.cpp kernel/main.cpp
    kernel/fs/*/*.cpp kernel/process/userland/files.cpp kernel/process/procfs/*.cpp
    kernel/abi/table/*names.cpp kernel/abi/table/strace.cpp kernel/abi/files/attribute_calls.cpp
    kernel/abi/process/limit_calls.cpp
    kernel/lib/options.cpp kernel/lib/suggestion.cpp kernel/lib/number.cpp kernel/lib/wrap.cpp kernel/lib/symbols.cpp
    kernel/memory/heap/*_report.cpp kernel/memory/*/*_audit.cpp kernel/memory/heap/*_debug.cpp
    kernel/memory/audit/*_test.cpp kernel/memory/paging/page_directory_look.cpp kernel/memory/paging/entry.cpp
    kernel/memory/frames/memory_map.cpp kernel/boot/*.cpp
    kernel/memory/frames/page_request.cpp kernel/memory/space/address_space_list.cpp
    kernel/memory/space/user_tables_look.cpp kernel/process/user_pages.cpp
    kernel/sched/deadlines.cpp kernel/block/*.cpp kernel/trap/exception.cpp kernel/trap/attempt.cpp
    kernel/process/lifecycle/death_notice.cpp
    kernel/memory/heap/kernel_memory.cpp kernel/memory/objects/commit_account.cpp kernel/memory/memory.cpp
    kernel/process/exec/*.cpp kernel/process/lifecycle/out_of_memory.cpp kernel/process/lifecycle/alarms.cpp
    kernel/process/signals/*.cpp kernel/process/send_signal.cpp kernel/process/notice.cpp
    kernel/process/userland/userland.cpp kernel/torus/*.cpp kernel/abi/signals/*.cpp kernel/abi/time/*.cpp
    kernel/abi/files/watch_list.cpp kernel/abi/process/exec_calls.cpp kernel/abi/process/process_calls.cpp
    kernel/abi/errno.cpp arch/x86/portable/*.cpp kernel/memory/replacement/*.cpp kernel/memory/swap/*.cpp
    kernel/memory/pager/pager_objects.cpp kernel/memory/pager/pager_advice.cpp kernel/memory/pager/pager_sets.cpp
    kernel/memory/pager/pager_clusters.cpp
    kernel/memory/pager/pager_touches.cpp kernel/memory/space/address_space_advise.cpp
    kernel/memory/space/address_space_look.cpp kernel/memory/space/user_memory.cpp kernel/memory/space/reclaim.cpp
    kernel/process/futex.cpp
    kernel/memory/space/address_space_paging.cpp kernel/memory/space/address_space_resident.cpp
    kernel/memory/paging/page_directory.cpp kernel/memory/paging/kernel_stacks.cpp kernel/memory/heap/heap_area.cpp
    kernel/memory/pager/reverse_map.cpp
    kernel/memory/objects/*.cpp kernel/sched/pressure.cpp
    kernel/process/userland/*.cpp
    arch/x86/cpu/start.cpp arch/x86/devices/power.cpp arch/x86/traps/double_fault.cpp
    arch/x86/devices/firmware_config.cpp arch/x86/devices/real_time_clock.cpp arch/x86/devices/text_screen.cpp
    arch/x86/devices/keyboard.cpp arch/x86/devices/pci.cpp arch/x86/devices/disk_controller.cpp)
list(FILTER unhurried_sources EXCLUDE REGEX "/(file|file_table|io_buffer|pipe|inode)\\.cpp$")
set_source_files_properties(${unhurried_sources} PROPERTIES COMPILE_OPTIONS -Oz)
# Nor is any of these calls made so often that its instructions count.
file(GLOB rare_calls CONFIGURE_DEPENDS kernel/abi/*/*_calls.cpp)
list(FILTER rare_calls INCLUDE REGEX
    "/(descriptor|directory|identity|kill|link|lock|memory_advice|path|poll|schedule|seek|select|sendfile_splice|stat|uname_sysinfo)_calls\\.cpp$")
set_source_files_properties(${rare_calls} PROPERTIES COMPILE_OPTIONS -Oz)

# An inline function that several files have is the linker's from the first of them: so the quick ones come first.
foreach(small IN LISTS unhurried_sources rare_calls)
    if(small IN_LIST portable_sources)
        list(REMOVE_ITEM portable_sources ${small})
        list(APPEND portable_sources ${small})
    endif()
endforeach()

file(GLOB_RECURSE machine_sources CONFIGURE_DEPENDS arch/x86/*.cpp)
list(FILTER machine_sources EXCLUDE REGEX "/arch/x86/portable/")
if(NOT QUIRE_COVERAGE)
    list(FILTER machine_sources EXCLUDE REGEX "/coverage\\.cpp$")
endif()
file(GLOB machine_stubs CONFIGURE_DEPENDS arch/x86/*/*.asm boot/*.asm)

# Stacks are aligned to words, for nothing here would want more; code is not aligned at all, which would cost 3 % of the
# image and instructions that do nothing. Frame pointers and real calls where a tail call would
# do keep backtraces whole.
option(QUIRE_QUICK "Link without optimising the whole program: larger and slower, but linked in a second" OFF)
set(code_options $<$<NOT:$<BOOL:${QUIRE_QUICK}>>:-flto=2> -ffreestanding -fno-exceptions -fno-rtti -march=i686 -mtune=generic -mgeneral-regs-only
    -mpreferred-stack-boundary=2 -falign-functions=1 -falign-jumps=1 -falign-loops=1 -falign-labels=1 -fno-pic -fno-stack-protector -fno-asynchronous-unwind-tables
    -fno-omit-frame-pointer -fno-optimize-sibling-calls -fno-inline-functions-called-once)
# Files are named from the root of the repository on, however the build folder names them.
file(RELATIVE_PATH root_seen_from_build ${PROJECT_BINARY_DIR} ${PROJECT_SOURCE_DIR}/)
target_compile_options(quire_options INTERFACE
    $<$<COMPILE_LANGUAGE:CXX>:${code_options} -fno-threadsafe-statics -fno-use-cxa-atexit
    -ffunction-sections -fdata-sections
    -ffile-prefix-map=${PROJECT_SOURCE_DIR}/= -ffile-prefix-map=${root_seen_from_build}=>)

# Linux's headers for programs, which the ABI and the files take their numbers from. Debian's cross compiler finds them by
# itself; last in line, they give any other compiler nothing else of a C library.
find_path(linux_headers asm/unistd_32.h PATHS /usr/i686-linux-gnu/include NO_DEFAULT_PATH REQUIRED)
target_compile_options(quire_options INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-idirafter${linux_headers}>)

# Counters in kernel/'s code, and libgcov's part that works without a C library. Among counters the compiler warns of
# uninitialised values that cannot be.
option(QUIRE_COVERAGE "Count which lines of the kernel run, and say so on QEMU's debug console when it ends" OFF)
if(QUIRE_COVERAGE)
    set_source_files_properties(${portable_sources} PROPERTIES COMPILE_OPTIONS
        "-O1;-fprofile-arcs;-ftest-coverage;-fprofile-info-section=.coverage_information;-Wno-error")
    target_compile_definitions(quire_options INTERFACE QUIRE_COVERAGE)
endif()

# The version and the commit, for the banner. Regenerated only when the commit changes.
add_custom_target(version
    COMMAND ${CMAKE_COMMAND} -DVERSION=${PROJECT_VERSION} -DSOURCE=${PROJECT_SOURCE_DIR}
        -DOUTPUT=${PROJECT_BINARY_DIR}/generated/version.h -P ${PROJECT_SOURCE_DIR}/tools/version.cmake
    BYPRODUCTS ${PROJECT_BINARY_DIR}/generated/version.h VERBATIM)

add_library(kernel_objects OBJECT ${portable_sources} ${machine_sources} ${machine_stubs})
add_dependencies(kernel_objects version)
target_link_libraries(kernel_objects PRIVATE quire_options)
target_include_directories(kernel_objects PRIVATE ${PROJECT_BINARY_DIR}/generated)
set_source_files_properties(${machine_stubs} PROPERTIES COMPILE_OPTIONS "-I${PROJECT_SOURCE_DIR}/;-Werror")

set(link_options ${code_options} -nostdlib -static -no-pie -Wl,--build-id=none -Wl,--gc-sections -Wl,-z,max-page-size=64
    -Wl,-z,noexecstack -Wl,--no-warn-rwx-segments -Wl,-T,${PROJECT_SOURCE_DIR}/linker.ld)

function(link_kernel name symbols)
    add_executable(${name} $<TARGET_OBJECTS:kernel_objects> ${symbols})
    target_link_options(${name} PRIVATE ${link_options})
    target_link_libraries(${name} PRIVATE $<$<BOOL:${QUIRE_COVERAGE}>:gcov> gcc)
    set_target_properties(${name} PROPERTIES LINK_DEPENDS ${PROJECT_SOURCE_DIR}/linker.ld)
endfunction()

set(symbol_table ${PROJECT_BINARY_DIR}/generated/symbols.asm)
link_kernel(quire-unnamed.elf "")
add_custom_command(OUTPUT ${symbol_table}
    COMMAND ${CMAKE_COMMAND} -DNM=${CMAKE_NM} -DIMAGE=$<TARGET_FILE:quire-unnamed.elf> -DOUTPUT=${symbol_table}
        -P ${PROJECT_SOURCE_DIR}/tools/symbols.cmake
    DEPENDS quire-unnamed.elf ${PROJECT_SOURCE_DIR}/tools/symbols.cmake VERBATIM)
link_kernel(quire.elf ${symbol_table})

# What is booted: the same image without debug information.
add_custom_command(OUTPUT ${PROJECT_BINARY_DIR}/quire
    COMMAND ${CMAKE_STRIP} -o ${PROJECT_BINARY_DIR}/quire $<TARGET_FILE:quire.elf>
    DEPENDS quire.elf VERBATIM)
add_custom_target(image ALL DEPENDS ${PROJECT_BINARY_DIR}/quire)

enable_testing()
add_subdirectory(${PROJECT_SOURCE_DIR}/user)
add_subdirectory(${PROJECT_SOURCE_DIR}/tests/programs)
add_subdirectory(${PROJECT_SOURCE_DIR}/tests/fuzz)
add_subdirectory(${PROJECT_SOURCE_DIR}/tests/stress)
add_subdirectory(${PROJECT_SOURCE_DIR}/tests/disks)
add_subdirectory(${PROJECT_SOURCE_DIR}/tests/paging)
add_subdirectory(${PROJECT_SOURCE_DIR}/iso)
add_subdirectory(${PROJECT_SOURCE_DIR}/tests/boot/stub)
add_subdirectory(${PROJECT_SOURCE_DIR}/tests/boot)
add_subdirectory(${PROJECT_SOURCE_DIR}/tests/long)
