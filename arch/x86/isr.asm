; Where the processor enters the kernel: a stub for each exception, each IRQ and the system call. All of them build the
; TrapFrame of arch/x86/include/trap.h on the stack, hand it to dispatch_trap() in traps.cpp and, when that returns, go
; back to where they came from. The gates have switched interrupts off (Intel SDM vol. 3A §6.12.1.3).

KERNEL_DATA     equ 0x10                       ; selector::kernel_data, descriptor_tables.h
SYSTEM_CALL     equ 0x80

extern dispatch_trap

section .text

; Some exceptions push an error code (SDM vol. 3A table 6-1). The stubs of all others push a 0 in its place, so that
; the frame has one shape. The double fault has no stub: its gate switches tasks, see double_fault.asm.
%macro isr_stub 1
isr_%1:
    %if %1 != 8 && %1 != 10 && %1 != 11 && %1 != 12 && %1 != 13 && %1 != 14 && %1 != 17 && %1 != 21
    push    dword 0
    %endif
    push    dword %1
    jmp     enter_kernel
%endmacro

%assign number 0
%rep 48
    isr_stub number
    %assign number number + 1
%endrep

global isr_system_call
isr_system_call:
    push    dword 0
    push    dword SYSTEM_CALL
enter_kernel:
    pushad
    push    ds
    push    es
    push    fs
    push    gs
    mov     eax, cr2                           ; before anything below can fault and overwrite it
    push    eax
    mov     eax, KERNEL_DATA
    mov     ds, eax
    mov     es, eax
    mov     fs, eax
    mov     gs, eax
    cld                                        ; the C++ ABI wants it clear; the interrupted code may have set it
    push    esp                                ; the TrapFrame's address
    call    dispatch_trap
    add     esp, 8                             ; the argument and fault_address
    pop     gs
    pop     fs
    pop     es
    pop     ds
    popad
    add     esp, 8                             ; vector and error code
    iret

; The stubs' addresses by vector, for the IDT.
section .rodata
global isr_entries
isr_entries:
%assign number 0
%rep 48
    dd      isr_ %+ number
    %assign number number + 1
%endrep

section .note.GNU-stack noalloc noexec nowrite progbits
