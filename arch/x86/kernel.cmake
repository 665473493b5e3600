# The kernel image: portable sources, machine sources and NASM stubs, linked twice. The first link gives the symbols,
# from which a table is made that the second link embeds, so that the kernel can name the functions in a backtrace.
# The table lies behind all code, so the addresses it names do not move.
enable_language(ASM_NASM C)

file(GLOB_RECURSE machine_sources CONFIGURE_DEPENDS arch/x86/*.cpp)
list(FILTER machine_sources EXCLUDE REGEX "/arch/x86/portable/")
if(NOT QUIRE_COVERAGE)
    list(FILTER machine_sources EXCLUDE REGEX "/coverage\\.cpp$")
endif()
file(GLOB machine_stubs CONFIGURE_DEPENDS arch/x86/*/*.asm boot/*.asm)

# Small, but for what programs wait for: faults, switches, forks and the calls that bench/linux measures. With debug
# information for gdb; what is booted is stripped. Checks of invariants stay in. The linker sees all of the program at
# once (-flto): what is called once is inlined, what is equal is merged.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g")
set(quick
    "arch/x86/cpu/(cpu|descriptor_tables|floating_point|image|mmu|runtime)"
    "arch/x86/devices/(console|debug_console|interrupt_controller|interval_timer|serial_port)"
    "arch/x86/traps/(attempt|interrupts|recovery|traps)"
    "arch/x86/user/[a-z_]+"
    "kernel/abi/(structures_check|user_memory)"
    "kernel/abi/files/(file_access|path_argument|transfer_calls)"
    "kernel/abi/memory/memory_calls"
    "kernel/abi/process/(futex|swap)_calls"
    "kernel/abi/table/(call_table|dispatch)"
    "kernel/fs/pipe/pipe"
    "kernel/fs/vfs/(file|file_table|inode|io_buffer)"
    "kernel/lib/(format|result)"
    "kernel/memory/frames/(frame_allocator|frame_bitmap|owner)"
    "kernel/memory/heap/(heap_runs|heap_slabs|kernel_heap)"
    "kernel/memory/pager/pager"
    "kernel/memory/paging/(free_table_list|physical_memory|protection|tlb_flush)"
    "kernel/memory/regions/(region|region_tree)"
    "kernel/memory/space/(address_space|address_space_(change|fault|map|remap)|fault|user_tables)"
    "kernel/process/(process|process_table|signals)"
    "kernel/process/lifecycle/(exit|fork)"
    "kernel/sched/(scheduler|wait_queue)"
    "kernel/trap/(page_fault|return_to_user|system_call)")
set(small_sources ${portable_sources} ${machine_sources})
foreach(pattern IN LISTS quick)
    set(found ${small_sources})
    list(FILTER found INCLUDE REGEX "/${pattern}\\.cpp$")
    if(NOT found)
        message(FATAL_ERROR "no source that is to be quick is called ${pattern}")
    endif()
    list(REMOVE_ITEM small_sources ${found})
    list(APPEND quick_sources ${found})
endforeach()
set_source_files_properties(${small_sources} PROPERTIES COMPILE_OPTIONS -Oz)

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

# An inline function that several files have is the linker's from the first of them: so the quick ones come first.
add_library(kernel_objects OBJECT ${quick_sources} ${small_sources} ${machine_stubs})
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
