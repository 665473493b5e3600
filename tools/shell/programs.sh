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

# private_apt ARCHIVES COMMAND...: apt-get with books of its own below the cache: Debian's i386, with nothing installed.
# What it downloads goes to the folder ARCHIVES.
private_apt() {
    local books=$quire_cache/apt archives=$1 mirror
    shift
    mirror=$(debian_mirror) || {
        say "apt's sources on this machine name no mirror of Debian; QUIRE_DEBIAN_MIRROR can (URL of its folder \"debian\")"
        return 1
    }
    mkdir -p "$books/lists/partial" "$archives/partial"
    printf 'deb [arch=i386 signed-by=%s] %s %s main\n' "$DEBIAN_KEYS" "$mirror" "$DEBIAN_RELEASE" \
        >"$books/sources.list"
    : >"$books/status"
    local -a options=(-q=1 -o APT::Architecture=i386 -o APT::Architectures=i386)
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
    say "Fetching Debian's $package for i386 into $quire_cache …"
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
