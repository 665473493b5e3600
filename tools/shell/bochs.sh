# How ./run starts Bochs, an emulator that checks what hardware checks and QEMU does not (docs/running.md). Bochs tells
# nobody how a guest ended, so the last line on the console does. Sourced by ./run, whose options (lower-case globals)
# it reads.
# shellcheck shell=bash disable=SC2154

# Fills the array menu_options: what the kernel is told by the menu of the ISO made for this run.
choose_menu_options() {
    menu_options=('')
    [[ $emulator != bochs || $colors == yes ]] || menu_options+=(no-color)
    [[ $emulator != bochs || $swap == none ]] || menu_options+=(swap=hda)
    [[ $emulator != bochs || -z $archive_place ]] || menu_options+=("archive=$archive_place")
    case $mode in
    demo) menu_options+=(commands=demo) ;;
    demo-then-shell) menu_options+=(demo) ;;
    exec) menu_options+=("exec=$program") ;;
    shell | commands) ;;
    esac
}

# write_bochs_configuration SERIAL-MODE
write_bochs_configuration() {
    cat >"$scratch/bochsrc" <<CONFIGURATION
megs: $(memory_in_mebibytes)
cpu: count=$cpus, reset_on_triple_fault=0${cpu:+, model=$cpu}
clock: sync=$([[ $interactive == yes ]] && echo realtime || echo none)
romimage: file=/usr/share/bochs/BIOS-bochs-latest
vgaromimage: file=/usr/share/bochs/VGABIOS-lgpl-latest
ata0-slave: type=cdrom, path=$iso, status=inserted
$(bochs_disks)
boot: cdrom
com1: enabled=1, $1
display_library: term
log: $scratch/bochs.log
panic: action=fatal
CONFIGURATION
    echo 'c' >"$scratch/debugger-commands" # "continue": Debian's Bochs is built with its debugger
}

memory_in_mebibytes() {
    case $memory in
    *G) echo $((${memory%G} * 1024)) ;;
    *K) echo $((${memory%K} / 1024)) ;;
    *) echo "${memory%M}" ;;
    esac
}

# Boots in Bochs; returns the status ./run leaves with. The VGA screen goes to a terminal that nobody sees.
run_bochs() {
    local bochs="exec bochs -q -f '$scratch/bochsrc' -rc '$scratch/debugger-commands'"
    if [[ $interactive == yes ]]; then
        say "Quit: $(what_leaves), or \`kill $$\` in another terminal."
        # Two terminals within this one: the outer is the serial port's, and is copied to the log; the inner is the screen's.
        write_bochs_configuration 'mode=term, dev=@TERMINAL@'
        cat >"$scratch/start-bochs" <<START
sed -i "s|@TERMINAL@|\$(tty)|" '$scratch/bochsrc'
TERM=vt100 script -qfec "$bochs" '$scratch/screen' </dev/null >/dev/null
START
        bounded script -qfec "exec bash '$scratch/start-bochs'" "$log" || true
        return 0
    fi
    : >"$log"
    write_bochs_configuration "mode=file, dev=$log"
    tail -f -n +1 "$log" &
    show_process=$!
    local status=0
    TERM=vt100 bounded script -qfec "$bochs" "$scratch/screen" >/dev/null || status=$?
    explain_bochs_status "$status"
}

# The tail gets a moment to show the end; then the last line that tells an outcome decides.
explain_bochs_status() {
    sleep 0.3
    kill "$show_process"
    show_process=''
    if (($1 == STATUS_TIMEOUT || $1 == 137)); then
        say "run: stopped after $timeout seconds, before the kernel had finished (console: $log)"
        return $STATUS_TIMEOUT
    fi
    local outcome
    outcome=$(tr -d '\r' <"$log" | grep -aE '^(demo: [0-9]+ checks, [0-9]+ failed|exec: (exited|killed) .*|PANIC: .*)$' | tail -n 1)
    case $outcome in
    exec:*) return 0 ;;
    demo:*", 0 failed") return 0 ;;
    demo:*) say "run: a check failed (console: $log)" && return $STATUS_CHECK_FAILED ;;
    PANIC:*) say "run: the kernel panicked (console: $log)" && return $STATUS_PANIC ;;
    esac
    say "run: Bochs ended and the kernel did not say why (console: $log)"
    return $STATUS_NO_WORD
}
