# How ./run starts QEMU and what its exit status means. Sourced by ./run, whose options (lower-case globals) it reads.
# shellcheck shell=bash disable=SC2154

# The kernel leaves QEMU by writing a status to this port of isa-debug-exit; QEMU then exits with 2 × status + 1.
readonly EXIT_PORT=0x501
readonly QEMU_SUCCESS=33 QEMU_CHECK_FAILED=35 QEMU_PANIC=37

# What the kernel is told. It reads this through fw_cfg, whichever loader started it, so nothing on the way can re-quote
# it; what the ISO's menu says ("demo") comes before it.
kernel_options() {
    local options="exit-port=$EXIT_PORT"
    [[ $colors == yes ]] || options+=" no-color"
    [[ $swap == none ]] || options+=" swap=hda"
    [[ -z $archive_place ]] || options+=" archive=$archive_place"
    case $mode in
    demo) options+=' commands="demo"' ;;
    commands) options+=" commands=\"$(escaped "$commands")\"" ;;
    demo-then-shell) [[ $loader == iso ]] || options+=" demo" ;;
    exec) options+=" exec=\"$(escaped "$program")\"" ;;
    shell) ;;
    esac
    printf '%s' "$options"
}

# With a backslash before what would end or change a quoted value (kernel/lib/options.h).
escaped() { sed 's/[\\"]/\\&/g' <<<"$1"; }

# Fills the array qemu_command.
make_qemu_command() {
    local options
    options=$(kernel_options)
    qemu_command=("$([[ $firmware == uefi ]] && echo qemu-system-x86_64 || echo qemu-system-i386)")
    qemu_command+=(-machine "$machine" -m "$memory" -smp "$cpus" -nic none -display none)
    # A comma ends a value on QEMU's command line; two stand for one.
    qemu_command+=(-fw_cfg "name=opt/quire/command-line,string=${options//,/,,}")
    qemu_command+=(-device "isa-debug-exit,iobase=$EXIT_PORT,iosize=4")
    # Ctrl-C is for the guest. Where a person sits, Ctrl-A is QEMU's own key.
    local multiplexed
    multiplexed=$([[ $interactive == yes ]] && echo on || echo off)
    qemu_command+=(-chardev "stdio,id=console,signal=off,mux=$multiplexed,logfile=${log//,/,,}")
    qemu_command+=(-serial chardev:console)
    if [[ $interactive == yes ]]; then
        qemu_command+=(-mon chardev=console)
    else
        qemu_command+=(-monitor none -no-reboot)
    fi
    if [[ $loader == kernel ]]; then
        qemu_command+=(-kernel "$image")
        [[ -z $archive ]] || qemu_command+=(-initrd "$archive")
    else
        # Beside the first disk; on q35, behind a controller of its own. It is what is booted from, whatever disks hold.
        qemu_command+=(-drive "if=none,id=cd,media=cdrom,readonly=on,file=${iso//,/,,}")
        qemu_command+=(-device "ide-cd,drive=cd,bootindex=0,bus=ide.0,unit=$([[ $machine == q35 ]] && echo 0 || echo 1)")
    fi
    add_qemu_disks
    [[ $firmware == bios ]] || add_uefi
    [[ $icount == no ]] || qemu_command+=(-icount shift=0)
    [[ -z $trace ]] || qemu_command+=(-debugcon "file:${trace//,/,,}")
    [[ -z $cpu ]] || qemu_command+=(-cpu "$cpu")
    [[ $kvm == no ]] || qemu_command+=(-enable-kvm -cpu host)
    [[ $gdb == no ]] || qemu_command+=(-S -s)
    qemu_command+=("${extra_arguments[@]}")
}

# OVMF keeps its settings in a second flash, which it writes to: each run gets a copy.
add_uefi() {
    local firmware_folder=/usr/share/OVMF
    cp "$firmware_folder/OVMF_VARS_4M.fd" "$scratch/uefi-variables.fd"
    qemu_command+=(-drive "if=pflash,format=raw,readonly=on,file=$firmware_folder/OVMF_CODE_4M.fd")
    qemu_command+=(-drive "if=pflash,format=raw,file=$scratch/uefi-variables.fd")
}

kvm_is_there() { [[ -w /dev/kvm ]]; }

# What ends the run, for a person to read.
what_leaves() {
    case $mode in
    exec) echo "the program's end" ;;
    *) [[ $emulator == bochs ]] && echo 'exit, Ctrl-D' || echo 'exit, halt, Ctrl-D' ;;
    esac
}

# Where the host's KVM cannot run this kernel, it dies before its first word, or goes on dying. Ends the emulator PROCESS
# if that word does not come in time, and leaves a note.
readonly KVM_PATIENCE=${QUIRE_KVM_PATIENCE:-10} # seconds
watch_for_first_words() {
    local end=$((SECONDS + KVM_PATIENCE))
    while ((SECONDS < end)); do
        ! grep -qa '^Quire ' "$log" || return 0
        kill -0 "$1" 2>/dev/null || return 0
        sleep 0.1
    done
    : >"$scratch/silent"
    kill "$1" 2>/dev/null || true
}

# Boots in QEMU; returns the status ./run leaves with, having said in a sentence why if it is not 0.
run_qemu() {
    local status=0
    make_qemu_command
    [[ $kvm == no ]] || kvm_is_there || fail $STATUS_NOT_STARTED "--kvm: there is no /dev/kvm that you may write to"
    [[ $gdb == no ]] || say_how_to_debug
    [[ $interactive == no ]] || say "Quit: $(what_leaves), or Ctrl-A X. QEMU's monitor: Ctrl-A C."
    : >"$log"
    bounded "${qemu_command[@]}" || status=$?
    if [[ -e $scratch/silent ]]; then
        say "run: --kvm: the kernel did not say a word within $KVM_PATIENCE seconds (console: $log)"
        say_about_kvm
        return $STATUS_NO_WORD
    fi
    explain_qemu_status "$status"
}

explain_qemu_status() {
    case $1 in
    "$QEMU_SUCCESS") return 0 ;;
    "$QEMU_CHECK_FAILED")
        [[ $mode != exec ]] || return $STATUS_CHECK_FAILED
        say "run: a check or a command failed (console: $log)"
        return $STATUS_CHECK_FAILED
        ;;
    "$QEMU_PANIC")
        say "run: the kernel panicked (console: $log)"
        return $STATUS_PANIC
        ;;
    "$STATUS_TIMEOUT" | 137)
        say "run: stopped after $timeout seconds, before the kernel had finished (console: $log)"
        say_about_kvm
        return $STATUS_TIMEOUT
        ;;
    0)
        [[ $interactive == yes && $kvm == no ]] && return 0
        say "run: the machine was reset or switched off and the kernel did not say why (console: $log)"
        say_about_kvm
        return $STATUS_NO_WORD
        ;;
    *)
        say "run: QEMU itself ended with status $1"
        say_about_kvm
        return $STATUS_NOT_STARTED
        ;;
    esac
}

say_about_kvm() {
    [[ $kvm == no ]] || say "run: on some hosts KVM runs paging only in 64-bit mode, and a 32-bit kernel dies when it" \
        "turns paging on; without --kvm the same machine is emulated"
}

say_how_to_debug() {
    say "QEMU waits for a debugger. In another terminal, in $PWD:"
    say "    gdb build/kernel/quire.elf -x tools/gdb/quire.py -ex 'target remote :1234'"
}
