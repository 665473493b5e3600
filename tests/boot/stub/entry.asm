; The stub loader's way in and out: a Multiboot header, a call of load(), and the jump into the kernel with whatever state
; the case wants.

MULTIBOOT_MAGIC equ 0x1BADB002
MULTIBOOT_FLAGS equ 3                          ; modules on page boundaries, memory information
LOADER_MAGIC    equ 0x2BADB002

extern load

section .text
align 4
    dd      MULTIBOOT_MAGIC, MULTIBOOT_FLAGS, -(MULTIBOOT_MAGIC + MULTIBOOT_FLAGS)
global stub_entry
stub_entry:
    mov     esp, stack_top
    push    ebx
    call    load                               ; struct Entry* load(const struct Information*)
    mov     esi, eax
    mov     ebx, [esi + 4]                     ; the information for the kernel
    cmp     dword [esi + 8], 0
    je      .enter

; All that a loader may leave and no kernel would want. CR4: VME, PVI, TSD, DE, PAE, MCE, PGE, PCE. CR0: MP, EM, TS, AM.
; Breakpoints on the first instructions of the kernel and on a word of its data.
    mov     eax, 1
    cpuid
    mov     ebx, [esi + 4]
    mov     edi, edx
    test    edi, 1 << 11                       ; SYSENTER
    jz      .no_sysenter
    xor     edx, edx
    mov     ecx, 0x174
    mov     eax, 8
    wrmsr
    mov     ecx, 0x176
    mov     eax, 0xC0100000
    wrmsr
.no_sysenter:
    test    edi, 1 << 16                       ; page attributes: everything uncacheable
    jz      .no_attributes
    mov     ecx, 0x277
    xor     eax, eax
    xor     edx, edx
    wrmsr
.no_attributes:
    fninit
    push    dword 0                            ; a division by zero that is pending, all exceptions unmasked
    fldcw   [esp]
    fld1
    fldz
    fdivp
    mov     eax, 0xC0100000
    mov     dr0, eax
    mov     eax, 0xC0180000
    mov     dr1, eax
    mov     eax, 0x00F0070F                    ; both on: DR0 on execution, DR1 on access to 4 bytes
    mov     dr7, eax
    mov     eax, cr4
    or      eax, 0x1EF
    mov     cr4, eax
    mov     eax, cr0
    or      eax, 0x4000E
    mov     cr0, eax
    lgdt    [no_table]
    lidt    [no_table]
    push    dword 0x247C02                     ; IOPL 3, NT, DF, AC, ID
    popfd
    mov     esp, 0xDEADBEEF
    mov     ebp, 0x12345678
    mov     edi, 0xC0000000
.enter:
    mov     eax, LOADER_MAGIC
    jmp     [esi]

section .rodata
no_table:
    dw      0
    dd      0

section .bss
    resb    16384
stack_top:

section .note.GNU-stack noalloc noexec nowrite progbits
