# The cross compilers. For the kernel: i686-elf-g++ where it is on the PATH, else Debian's i686-linux-gnu-g++ used
# freestanding; for programs in ring 3: i686-linux-gnu-gcc. Says what to install when neither is there.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR i686)

find_program(QUIRE_CROSS_CXX NAMES i686-elf-g++ i686-linux-gnu-g++)
if(NOT QUIRE_CROSS_CXX)
    message(FATAL_ERROR "No cross compiler: neither i686-elf-g++ nor i686-linux-gnu-g++ is on the PATH.\n"
        "On Debian or Ubuntu: apt-get install g++-i686-linux-gnu")
endif()
# Programs for ring 3 are Linux programs, so their compiler is Linux's.
find_program(QUIRE_PROGRAM_CC NAMES i686-linux-gnu-gcc)
if(NOT QUIRE_PROGRAM_CC)
    message(FATAL_ERROR "No compiler for programs: i686-linux-gnu-gcc is not on the PATH.\n"
        "On Debian or Ubuntu: apt-get install gcc-i686-linux-gnu libc6-dev-i386-cross")
endif()
find_program(QUIRE_NASM NAMES nasm)
if(NOT QUIRE_NASM)
    message(FATAL_ERROR "No assembler: nasm is not on the PATH.\nOn Debian or Ubuntu: apt-get install nasm")
endif()

get_filename_component(cross_name "${QUIRE_CROSS_CXX}" NAME)
string(REGEX REPLACE "g\\+\\+$" "" cross_prefix "${cross_name}")
set(CMAKE_CXX_COMPILER "${QUIRE_CROSS_CXX}")
set(CMAKE_C_COMPILER "${QUIRE_PROGRAM_CC}")
find_program(CMAKE_AR NAMES ${cross_prefix}ar REQUIRED)
find_program(CMAKE_RANLIB NAMES ${cross_prefix}ranlib REQUIRED)
find_program(CMAKE_OBJCOPY NAMES ${cross_prefix}objcopy REQUIRED)
find_program(CMAKE_NM NAMES ${cross_prefix}nm REQUIRED)
find_program(CMAKE_STRIP NAMES ${cross_prefix}strip REQUIRED)

set(CMAKE_ASM_NASM_COMPILER "${QUIRE_NASM}")
set(CMAKE_ASM_NASM_OBJECT_FORMAT elf32)

# There is no C library to link a test program with.
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
