# Programs for ring 3 that nobody here wrote: how ./run gets Debian's packages for i386 without root's rights and without
# changing what the machine's own package manager knows, and what a program's end means. Sourced by ./run, whose options
# (lower-case globals) it reads.
# shellcheck shell=bash disable=SC2154

# What is fetched, with all that it depends on.
readonly PROGRAM_PACKAGES=(busybox-static memtester python3-minimal sqlite3 stress-ng)
readonly DEBIAN_RELEASE=bookworm
readonly DEBIAN_KEYS=/usr/share/keyrings/debian-archive-keyring.gpg
quire_cache=${QUIRE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/quire}

need_for_programs() {
    need apt-get apt
    need dpkg-deb dpkg
    need "$DEBIAN_KEYS" debian-archive-keyring
}

# Where Debian's packages are fetched from: where this machine's own apt fetches Debian's.
debian_mirror() {
    [[ -z ${QUIRE_DEBIAN_MIRROR-} ]] || { echo "$QUIRE_DEBIAN_MIRROR" && return; }
    local release component uri origin
    while read -r release component uri origin; do
        [[ $component == main && $uri != *security* && $uri != cdrom:* ]] || continue
        # The origin is known once apt has fetched the mirror's lists.
        [[ $origin != Debian && $origin$release != "$DEBIAN_RELEASE" ]] || { echo "$uri" && return; }
    done < <(apt-get indextargets --format '$(RELEASE) $(COMPONENT) $(REPO_URI) $(ORIGIN)' 'Created-By: Packages' 2>/dev/null)
    return 1
}

# private_apt ARCHIVES COMMAND...: apt-get with books of its own below the cache: Debian's packages for `architecture`
# (i386 where that is not set), with nothing installed. What it downloads goes to the folder ARCHIVES.
private_apt() {
    local for=${architecture:-i386} archives=$1 mirror
    local books=$quire_cache/apt-$for
    shift
    mirror=$(debian_mirror) || {
        say "apt's sources on this machine name no mirror of Debian; QUIRE_DEBIAN_MIRROR can (URL of its folder \"debian\")"
        return 1
    }
    mkdir -p "$books/lists/partial" "$archives/partial"
    printf 'deb [arch=%s signed-by=%s] %s %s main\n' "$for" "$DEBIAN_KEYS" "$mirror" "$DEBIAN_RELEASE" \
        >"$books/sources.list"
    : >"$books/status"
    local -a options=(-q=1 -o "APT::Architecture=$for" -o "APT::Architectures=$for")
    options+=(-o "Dir::Etc::SourceList=$books/sources.list" -o Dir::Etc::SourceParts=/dev/null)
    options+=(-o "Dir::State::Lists=$books/lists" -o "Dir::State::Status=$books/status")
    options+=(-o "Dir::Cache=$books" -o "Dir::Cache::Archives=$archives")
    options+=(-o APT::Sandbox::User= -o Debug::NoLocking=yes -o APT::Install-Recommends=no -o Acquire::Languages=none)
    apt-get "${options[@]}" "$@"
}

# fetch_packages FOLDER PACKAGES...: unpacks these Debian packages for i386, with all that they depend on, into FOLDER;
# once, unless other packages are asked for. Needs the network that once.
fetch_packages() {
    local folder=$1 archives=$1.packages log=$quire_cache/apt.log
    shift
    [[ $(cat "$folder.list" 2>/dev/null) != "$*" ]] || return 0
    say "Fetching Debian's $* for i386 into $quire_cache …"
    mkdir -p "$quire_cache"
    rm -rf "$folder" "$archives" "$folder.list"
    { private_apt "$archives" update && private_apt "$archives" install --download-only -y "$@"; } \
        >"$log" 2>&1 </dev/null || {
        tail -n 20 "$log" >&2
        fail $STATUS_NOT_STARTED "apt could not fetch $*: is there a network? (whole log: $log)"
    }
    unpack_packages "$archives" "$folder" || fail $STATUS_NOT_STARTED "the packages in $archives do not unpack"
    rm -rf "$archives"
    printf '%s' "$*" >"$folder.list"
}

# fetch_package FOLDER PACKAGE: the same for one package without what it depends on.
fetch_package() {
    local folder=$1 package=$2 archives=$1.packages log=$quire_cache/apt.log
    [[ $(cat "$folder.list" 2>/dev/null) != "$package" ]] || return 0
    say "Fetching Debian's $package into $quire_cache …"
    rm -rf "$folder" "$archives" "$folder.list"
    mkdir -p "$folder" "$archives"
    { private_apt "$archives" update && (cd "$archives" && private_apt "$archives" download "$package") &&
        dpkg-deb -x "$archives/$package"_*.deb "$folder"; } >"$log" 2>&1 </dev/null || {
        tail -n 20 "$log" >&2
        fail $STATUS_NOT_STARTED "apt could not fetch $package: is there a network? (whole log: $log)"
    }
    rm -rf "$archives"
    printf '%s' "$package" >"$folder.list"
}

# fetch_linux ARCHITECTURE NAME [MODULE...]: Debian's kernel of that name, such as linux-image-686, and these of its
# modules with all that they need, once. Fills linux_image, and linux_modules, a folder with the modules, numbered in the
# order in which they are to be loaded.
fetch_linux() {
    local architecture=$1 name=$2 folder=$quire_cache/$2 package
    shift 2
    linux_modules=$folder/modules
    if ! has_linux "$folder" "$@"; then
        # A package of that name itself holds nothing but the name of the newest, which begins with a version.
        say "Looking for Debian's newest $name …"
        mkdir -p "$quire_cache"
        private_apt "$folder.names" update >"$quire_cache/apt.log" 2>&1 || true # what is missing is told below
        package=$(private_apt "$folder.names" -s install "$name" 2>>"$quire_cache/apt.log" |
            sed -nE "s/^Inst (linux-image-[0-9]+\.[^ ]*) .*\$/\1/p")
        [[ -n $package ]] ||
            fail $STATUS_NOT_STARTED "apt does not find $name: is there a network? (whole log: $quire_cache/apt.log)"
        rm -rf "$folder.names" "$folder.list"
        fetch_package "$folder" "$package"
        mkdir -p "$linux_modules"
        copy_modules "$folder/lib/modules" "$linux_modules" "$@" ||
            fail $STATUS_NOT_STARTED "$package lacks one of the modules $*"
        rm -rf "${folder:?}/lib" "${folder:?}/usr"
    fi
    linux_image=$(compgen -G "$folder/boot/vmlinuz-*" | tail -n 1)
}

# boot_linux SECONDS EMULATOR [ARGUMENTS]...: boots the kernel that was fetched, on a machine with a console and nothing else,
# and prints what it says; ended after so many seconds.
boot_linux() {
    timeout -k 5 "$1" "${@:2}" -nic none -display none -monitor none -no-reboot -serial stdio -kernel "$linux_image" </dev/null
}

# has_linux FOLDER [MODULE...]
has_linux() {
    local folder=$1 module
    shift
    compgen -G "$folder/boot/vmlinuz-*" >/dev/null || return
    for module in "$@"; do
        compgen -G "$folder/modules/*-$module.ko" >/dev/null || return
    done
}

# copy_modules FROM TO MODULE...: with what they need in front of them.
copy_modules() {
    local from=$1 to=$2 module file needed
    shift 2
    for module in "$@"; do
        ! compgen -G "$to/*-$module.ko" >/dev/null || continue
        file=$(find "$from" -name "$module.ko")
        needed=$(grep -az '^depends=' "$file" | tr '\0,' '  ') || return
        # shellcheck disable=SC2086 # words
        copy_modules "$from" "$to" ${needed#depends=} || return
        cp "$file" "$to/$(printf '%02d' "$(find "$to" -name '*.ko' | wc -l)")-$module.ko" || return
    done
}

# unpack_packages ARCHIVES FOLDER
unpack_packages() {
    local archives=$1 folder=$2 file
    mkdir -p "$folder"
    for file in "$archives"/*.deb; do
        dpkg-deb -x "$file" "$folder" || return
    done
    # The boot archive lies in memory: what no program needs to run stays out of it.
    rm -rf "${folder:?}"/usr/share "$folder"/usr/lib/*/gconv
    [[ ! -e $folder/bin/busybox ]] || ln -sf busybox "$folder/bin/sh"
}

# Fills programs_root: a root folder that holds the programs.
fetch_programs() {
    programs_root=$quire_cache/programs
    fetch_packages "$programs_root" "${PROGRAM_PACKAGES[@]}"
}

# exec_status STATUS: the status to leave with after --exec, when STATUS is what the machine's end meant. The kernel's
# last line tells how the program ended.
exec_status() {
    local ended
    case $1 in
    0 | "$STATUS_CHECK_FAILED")
        ended=$(tr -d '\r' <"$log" |
            grep -aoE 'exec: (exited with status|killed by signal) [0-9]+' | tail -n 1) || true
        case $ended in
        *status*) return "${ended##* }" ;;
        *signal*) return $((128 + ${ended##* })) ;;
        esac
        say "run: the kernel did not say how $program ended (console: $log)"
        ;;
    "$STATUS_TIMEOUT") return $STATUS_TIMEOUT ;;
    esac
    return 125
}
