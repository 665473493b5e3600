; Where the processor enters the kernel: a stub for each exception, each IRQ and the system call. All of them build the
; TrapFrame of kernel/machine/trap.h on the stack and hand it to C++; when that returns they go back to where they came
; from. The gates have switched interrupts off (Intel SDM vol. 3A §6.12.1.3).
;
; The kernel runs with data segments of its own in DS and ES. FS and GS it does not use: they stay the program's until
; it goes back to ring 3, and are loaded from the trap frame only there.

%include "arch/x86/traps/recovery.inc"

KERNEL_DATA     equ 0x10                       ; portable/selectors.h
USER_CODE       equ 0x73
USER_DATA       equ 0x7B
SYSTEM_CALL     equ 0x80
PAGE_FAULT      equ 14
GENERAL_PROTECTION equ 13

; Offsets in a TrapFrame, and of CpuLocal::pending_work. traps.cpp asserts all but FRAME_VECTOR and FRAME_EIP, each the
; word before one that it asserts.
FRAME_GS        equ 4
FRAME_FS        equ 8
FRAME_ES        equ 12
FRAME_DS        equ 16
FRAME_EDI       equ 20
FRAME_VECTOR    equ 52
FRAME_ERROR     equ 56
FRAME_EIP       equ 60
FRAME_CS        equ 64
FRAME_EFLAGS    equ 68
FRAME_SIZE      equ 80
PENDING_WORK    equ 6

EFLAGS_START    equ 0x202                      ; interrupts on, and the bit that is always set
EFLAGS_VM_BYTE  equ 2                          ; virtual 8086 mode: bit 1 of this byte of EFLAGS
EFLAGS_VM       equ 1 << 1
; What ring 3 may have, and so what every way back to it lets through: CF, PF, AF, ZF, SF, TF, IF, DF, OF, NT, RF, AC, ID.
; A trap frame cannot be believed in the rest: QEMU 7.2 pushes garbage above the flags of an RCL that faults, and at
; ring 0 IRET would load privilege (IOPL) or another mode (VM) from it.
EFLAGS_RING_3   equ 0x254FD7
; Within ring 0 nested tasks cannot be meant either: IRET would switch to one.
EFLAGS_RING_0   equ 0x250FD7
RING_3          equ 3

extern _ZN5quire7machine9cpu_localE
cpu_local       equ _ZN5quire7machine9cpu_localE
extern dispatch_trap, left_virtual_8086
extern on_page_fault, on_system_call, on_return_to_user

section .text

; All of the trap frame below the vector but for the fault's address. Uses EDX.
%macro SAVE_REGISTERS 0
    pushad
    push    ds
    push    es
    push    fs
    push    gs
    mov     edx, KERNEL_DATA
    mov     ds, edx
    mov     es, edx
    cld                                        ; the C++ ABI wants it clear; the interrupted code may have set it
%endmacro

; Some exceptions push an error code (SDM vol. 3A table 6-1). The stubs of all others push a 0 in its place, so that
; the trap frame has one shape. Nothing enters isr_8: the double fault's gate switches tasks, see double_fault.asm.
%macro isr_stub 1
isr_%1:
    %if %1 != 8 && %1 != 10 && %1 != 11 && %1 != 12 && %1 != 13 && %1 != 17 && %1 != 21
    push    dword 0
    %endif
    push    dword %1
    jmp     enter_kernel
%endmacro

%assign number 0
%rep 48
    %if number != PAGE_FAULT
    isr_stub number
    %endif
    %assign number number + 1
%endrep

; On a processor with SMAP ring 3's AC flag would lift it for the kernel. Everything that comes through enter_kernel is
; looked after in dispatch_trap(); the two in a hurry have doors of their own.
global isr_page_fault_smap, isr_system_call_smap
isr_page_fault_smap:
    clac
isr_14:
    push    dword PAGE_FAULT
    SAVE_REGISTERS
    mov     eax, cr2                           ; before anything below can fault and overwrite it
    push    eax
    test    byte [esp + FRAME_EFLAGS + EFLAGS_VM_BYTE], EFLAGS_VM
    jnz     claims_virtual_8086
page_fault:
    test    byte [esp + FRAME_CS], RING_3
    jz      trap
    xor     ebp, ebp                           ; ends every backtrace: beyond lies the program's stack
    sti
    mov     ecx, esp
    push    ecx                                ; on_page_fault(address, error_code, frame)
    push    dword [ecx + FRAME_ERROR]
    push    eax
    call    on_page_fault
    add     esp, 12
    test    al, al
    jnz     return_to_user
    cli
    jmp     trap

isr_system_call_smap:
    clac
global isr_system_call
isr_system_call:
    push    eax                                ; the call's number, where other frames have an error code
    push    dword SYSTEM_CALL
    SAVE_REGISTERS
    push    eax
    xor     ebp, ebp
    sti
    push    esp                                ; the TrapFrame's address
    call    on_system_call
    add     esp, 4

; ESP is a TrapFrame of ring 3's registers. Interrupts stay off from the last look at cpu_local->pending_work on: what sets
; it afterwards interrupts ring 3, and comes by here again.
return_to_user:
    cli
    mov     eax, [cpu_local]
    cmp     byte [eax + PENDING_WORK], 0
    jne     attend
    and     dword [esp + FRAME_EFLAGS], EFLAGS_RING_3
load_user_registers:
.gs:
    mov     gs, [esp + FRAME_GS]
.fs:
    mov     fs, [esp + FRAME_FS]
.es:
    mov     es, [esp + FRAME_ES]
.ds:
    mov     ds, [esp + FRAME_DS]
.all:
    add     esp, FRAME_EDI
    popad
    add     esp, 8                             ; vector and error code
.iret:
    iret
.end:

attend:
    sti
    push    esp
    call    on_return_to_user
    add     esp, 4
    jmp     return_to_user

; A selector of the program's names no segment that it could load. As Linux does, it gets the null selector instead, and
; an exception once it uses that.
%macro LOAD_NULL_INSTEAD 3
null_%1:
    mov     dword [esp + %1], 0
    jmp     load_user_registers
RECOVER %2, %3, null_%1, REFUSED
%endmacro
LOAD_NULL_INSTEAD FRAME_GS, load_user_registers.gs, load_user_registers.fs
LOAD_NULL_INSTEAD FRAME_FS, load_user_registers.fs, load_user_registers.es
LOAD_NULL_INSTEAD FRAME_ES, load_user_registers.es, load_user_registers.ds
LOAD_NULL_INSTEAD FRAME_DS, load_user_registers.ds, load_user_registers.all

; CS or SS is wrong, which IRET found before it changed anything. What it should have loaded lies on the stack as if ring
; 3 had just been interrupted there: so it has, by a general protection fault.
return_failed:
    push    dword 0
    push    dword GENERAL_PROTECTION
    jmp     enter_kernel
RECOVER load_user_registers.iret, load_user_registers.end, return_failed, REFUSED

; [[noreturn]] void enter_user(const TrapFrame& registers)
global enter_user_registers
enter_user_registers:
    mov     esp, [esp + 4]
    jmp     return_to_user

enter_kernel:
    SAVE_REGISTERS
    push    dword 0                            ; no fault's address
    test    byte [esp + FRAME_EFLAGS + EFLAGS_VM_BYTE], EFLAGS_VM
    jnz     claims_virtual_8086
believed:
    test    byte [esp + FRAME_CS], RING_3
    jz      trap
    xor     ebp, ebp
trap:
    push    esp
    call    dispatch_trap
    add     esp, 4
    test    byte [esp + FRAME_EFLAGS + EFLAGS_VM_BYTE], EFLAGS_VM
    jnz     left_protected_mode
    test    byte [esp + FRAME_CS], RING_3
    jnz     return_to_user
    and     dword [esp + FRAME_EFLAGS], EFLAGS_RING_0
    add     esp, FRAME_ES                      ; FS and GS are as they were
    pop     es                                 ; the program's, if a stub above was interrupted; else the kernel's
    pop     ds
    popad
    add     esp, 8
    iret

; The trap frame says that virtual 8086 mode was left. That is believed only where the frame lies as such a one does;
; otherwise left_virtual_8086() clears the flag, and the frame is what it would have been without it.
claims_virtual_8086:
    push    esp
    call    left_virtual_8086
    add     esp, 4
    test    al, al
    jnz     trap
    mov     eax, [esp]                         ; the fault's address
    cmp     dword [esp + FRAME_VECTOR], PAGE_FAULT
    je      page_fault
    jmp     believed

; QEMU's TCG lets an IRET of ring 3 enter virtual 8086 mode, which a processor does in ring 0 only. Such a program does
; nothing there: no page is mapped below 4 MiB, so it faults on its first instruction. It goes on as if the IRET had been
; refused. The processor has pushed ES, DS, FS and GS above the trap frame (SDM vol. 3A §20.3.3): it moves up to where
; it belongs. What it says beyond the general registers and EIP is lost already.
left_protected_mode:
    add     esp, FRAME_EDI
    popad
    add     esp, FRAME_SIZE - FRAME_VECTOR + 16
    push    dword USER_DATA
    push    dword 0
    push    dword EFLAGS_START
    push    dword USER_CODE
    push    dword [esp - 20]                   ; EIP, 20 bytes below where it stood
    jmp     return_failed

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
