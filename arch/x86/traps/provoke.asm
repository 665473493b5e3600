; One exception each, on purpose. Every function leaves a frame pointer, so that a backtrace passes through it.

NO_SELECTOR     equ 0xFFF8                     ; GDT entry 8191, ring 0: beyond any limit
EMPTY_VECTOR    equ 0x60                       ; no IRQ and no system call
EFLAGS_TRAP     equ 1 << 8                     ; Intel SDM vol. 1 §3.4.3

%macro PROVOKE 1
global %1
%1:
    push    ebp
    mov     ebp, esp
%endmacro
%macro COME_BACK 0
    leave
    ret
%endmacro

section .text

PROVOKE provoke_divide_error
    xor     edx, edx
    mov     eax, 42
    xor     ecx, ecx
    div     ecx
    COME_BACK

PROVOKE provoke_debug
    pushfd
    or      dword [esp], EFLAGS_TRAP
    popfd                                      ; holds from the next instruction on: #DB comes after the NOP
    nop
    pushfd
    and     dword [esp], ~EFLAGS_TRAP
    popfd
    COME_BACK

PROVOKE provoke_breakpoint
    int3
    COME_BACK

PROVOKE provoke_overflow
    mov     eax, 0x7FFFFFFF
    inc     eax
    into
    COME_BACK

PROVOKE provoke_bound
    push    dword 7                            ; the upper bound, and below it the lower
    push    dword 0
    mov     eax, 8
    bound   eax, [esp]
    COME_BACK

PROVOKE provoke_invalid_opcode
    ud2
    COME_BACK

PROVOKE provoke_general_protection
    mov     eax, NO_SELECTOR
    mov     fs, ax
    COME_BACK

PROVOKE provoke_empty_gate
    int     EMPTY_VECTOR
    COME_BACK

PROVOKE provoke_double_fault
    mov     esp, [ebp + 8]
    push    eax
    leave
    ret

section .note.GNU-stack noalloc noexec nowrite progbits
