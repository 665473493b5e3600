# The disks that ./run gives the machine: a scratch disk for swap space, made for the run, files that the caller has, and
# the boot archive. hda, hdc and hdd are theirs; hdb is the place of the CD. Sourced by ./run, whose options (lower-case globals) it reads.
# shellcheck shell=bash disable=SC2154

readonly DISK_PLACES=(hda hdc hdd)
readonly SIZE_PATTERN='^[1-9][0-9]*[KMG]$'

need_for_disks() {
    [[ $swap == none ]] || need '/sbin/mkswap|/usr/sbin/mkswap' util-linux
}

# in_kibibytes SIZE: as QEMU reads sizes of RAM, where a number alone is in MiB.
in_kibibytes() {
    case $1 in
    *G) echo $((${1%G} * 1024 * 1024)) ;;
    *M) echo $((${1%M} * 1024)) ;;
    *K) echo "${1%K}" ;;
    *) echo $(($1 * 1024)) ;;
    esac
}

# Makes a disk of the archive, which is no module then: a copy, for QEMU wants to write to disks, with as many sectors as
# any emulator likes.
put_archive_on_disk() {
    local bytes
    archive_disk=$scratch/archive.img
    bytes=$(stat -c %s "$archive")
    cp "$archive" "$archive_disk" && truncate -s %1M "$archive_disk" ||
        fail $STATUS_NOT_STARTED "the disk for the boot archive, of $bytes bytes, could not be made"
    archive=''
}

# Fills the array disks: the files of the machine's disks, in the order of their places; and swap_disk, the one that may
# lose what was written to it if the host goes down, for it is deleted at the end anyway.
choose_disks() {
    disks=() swap_disk=''
    case $swap in
    none) ;;
    '') make_swap_disk "$(($(in_kibibytes "$memory") * 2))" ;;
    *)
        if [[ $swap =~ $SIZE_PATTERN ]]; then
            make_swap_disk "$(in_kibibytes "$swap")"
        else
            disks+=("$swap")
        fi
        ;;
    esac
    disks+=("${disk_files[@]}")
    [[ $archive_on_disk == no ]] || disks+=("$archive_disk")
}

# make_swap_disk KIBIBYTES: a file without data in it, but for the swap space's first page.
make_swap_disk() {
    local bytes=$(($1 * 1024)) mkswap
    swap_disk=$scratch/swap.img
    mkswap=$(PATH=$PATH:/sbin:/usr/sbin command -v mkswap) ||
        fail $STATUS_NOT_STARTED "there is no mkswap to prepare a disk for swap space; --swap none does without"
    : >"$swap_disk"
    chmod 600 "$swap_disk"
    truncate -s "$bytes" "$swap_disk" && "$mkswap" "$swap_disk" >"$scratch/mkswap.log" 2>&1 || {
        cat "$scratch/mkswap.log" >&2
        fail $STATUS_NOT_STARTED "the disk for swap space, of $bytes bytes, could not be made; --swap none does without"
    }
    disks+=("$swap_disk")
}

# Adds the disks to qemu_command. pc has an IDE controller; q35 gets the same one. An error of the host's is one of the
# disk's: the kernel is told, and the machine goes on.
add_qemu_disks() {
    local at options bus=ide
    local -a units=(0,unit=0 1,unit=0 1,unit=1)
    if [[ $machine == q35 && ${#disks[@]} != 0 ]]; then
        qemu_command+=(-device 'piix3-ide,id=disks')
        bus=disks
    fi
    for at in "${!disks[@]}"; do
        options=format=raw,werror=report,rerror=report
        [[ ${disks[at]} != "$swap_disk" ]] || options+=,cache=unsafe
        # A comma ends a value on QEMU's command line; two stand for one.
        qemu_command+=(-drive "if=none,id=${DISK_PLACES[at]},$options,file=${disks[at]//,/,,}")
        qemu_command+=(-device "ide-hd,drive=${DISK_PLACES[at]},bus=$bus.${units[at]}")
    done
}

# The lines of Bochs' configuration for them.
bochs_disks() {
    local at
    local -a places=(ata0-master ata1-master ata1-slave)
    ((${#disks[@]} < 2)) || echo 'ata1: enabled=1, ioaddr1=0x170, ioaddr2=0x370, irq=15'
    for at in "${!disks[@]}"; do
        echo "${places[at]}: type=disk, path=\"${disks[at]}\", mode=flat"
    done
}
