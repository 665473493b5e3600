# What ./run and ./test share: how they speak, how they stop, and how a missing program gets installed. Sourced, never
# run. Everything said here goes to standard error; standard output belongs to the kernel's console and to ctest.
# shellcheck shell=bash

# Exit statuses, told apart so that a script can tell what happened. `./run --help` lists them.
# shellcheck disable=SC2034 # read by those who source this
readonly STATUS_CHECK_FAILED=1 STATUS_PANIC=2 STATUS_NO_WORD=3 STATUS_NOT_STARTED=4 STATUS_USAGE=64 STATUS_TIMEOUT=124

say() { printf '%s\n' "$*" >&2; }

# with_commas NUMBER: as people read it.
with_commas() { sed -E ':again; s/^([0-9]+)([0-9]{3})/\1,\2/; t again' <<<"$1"; }

# fail STATUS SENTENCE: says it and leaves with that status.
fail() {
    local status=$1
    shift
    say "$(basename "$0"): $*"
    exit "$status"
}

missing_packages=()

# need WHAT PACKAGE: notes that PACKAGE (Debian's name) is missing unless WHAT is there. WHAT is a command, or a file
# (or pattern of one) when it holds a slash. Alternatives are separated by "|".
need() {
    local alternative
    local -a alternatives
    IFS='|' read -ra alternatives <<<"$1"
    for alternative in "${alternatives[@]}"; do
        if [[ $alternative == */* ]]; then
            compgen -G "$alternative" >/dev/null && return
        else
            command -v "$alternative" >/dev/null && return
        fi
    done
    missing_packages+=("$2")
}

need_for_kernel() {
    need cmake cmake
    need ninja ninja-build
    need nasm nasm
    need 'i686-elf-g++|i686-linux-gnu-g++' g++-i686-linux-gnu
    need '/usr/i686-linux-gnu/include/asm/unistd_32.h' linux-libc-dev-i386-cross # system-call numbers and structures
    need i686-linux-gnu-gcc gcc-i686-linux-gnu # programs for ring 3
    need /usr/i686-linux-gnu/include/stdio.h libc6-dev-i386-cross
    need python3 python3 # tools/boot-archive
    need git git # names the commit in the banner
}

need_for_iso() {
    need xz xz-utils # grub-mkrescue --compress=xz
    need grub-mkrescue grub-common
    need /usr/lib/grub/i386-pc grub-pc-bin
    need /usr/lib/grub/x86_64-efi grub-efi-amd64-bin
    need xorriso xorriso
    need mformat mtools
}

need_for_qemu() { need qemu-system-i386 qemu-system-x86; }

need_for_uefi() {
    need qemu-system-x86_64 qemu-system-x86
    need /usr/share/OVMF/OVMF_CODE_4M.fd ovmf
}

need_for_bochs() {
    need bochs bochs
    need '/usr/lib/*/bochs/plugins/libbx_term_gui.so' bochs-term
    need /usr/share/bochs/BIOS-bochs-latest bochsbios
    need /usr/share/bochs/VGABIOS-lgpl-latest vgabios
    need script bsdutils
}

# Installs what `need` found missing. Asks for nothing when nothing is.
install_missing() {
    ((${#missing_packages[@]})) || return 0
    local -a as_root=()
    local packages="${missing_packages[*]}"
    command -v apt-get >/dev/null ||
        fail $STATUS_NOT_STARTED "missing, and there is no apt-get to install them (Debian's names): $packages"
    if ((EUID != 0)); then
        command -v sudo >/dev/null ||
            fail $STATUS_NOT_STARTED "missing; run as root: apt-get install --no-install-recommends $packages"
        as_root=(sudo)
        [[ -t 0 ]] || as_root+=(-n) # nobody is there to type a password
    fi
    say "Installing $packages …"
    local log
    log=$(mktemp)
    apt_install "$log" "${missing_packages[@]}" || {
        "${as_root[@]}" apt-get -q update >>"$log" 2>&1 && apt_install "$log" "${missing_packages[@]}"
    } || {
        tail -n 20 "$log" >&2
        fail $STATUS_NOT_STARTED "apt-get could not install $packages (whole log: $log)"
    }
    rm -f "$log"
    missing_packages=()
}

# apt_install LOG PACKAGES: uses install_missing's as_root.
apt_install() {
    local log=$1
    shift
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get -q install -y --no-install-recommends "$@" >>"$log" 2>&1 </dev/null
}

# configure PRESET: once for a folder; cmake itself notices what changes later.
configure() {
    local preset=$1 source
    local log=build/$preset-configure.log
    source=$(sed -n 's/^CMAKE_HOME_DIRECTORY:INTERNAL=//p' "build/$preset/CMakeCache.txt" 2>/dev/null) || true
    if [[ -n $source && $source != "$PWD" ]]; then
        # The folder was copied or moved: what was configured there builds the tree that it came from.
        say "build/$preset was made for $source: made anew"
        rm -rf "build/$preset"
    fi
    [[ ! -e build/$preset/build.ninja ]] || return 0
    mkdir -p build
    cmake --preset "$preset" >"$log" 2>&1 || {
        cat "$log" >&2
        fail $STATUS_NOT_STARTED "cmake could not configure preset $preset"
    }
}

# build PRESET [ARGUMENTS OF cmake --build]: with progress.
build() {
    local preset=$1
    shift
    configure "$preset"
    cmake --build --preset "$preset" "$@" >&2 || fail $STATUS_NOT_STARTED "preset $preset does not build"
}
