; The Multiboot header and the first instructions. The loader leaves the machine in protected mode without paging,
; EAX = magic, EBX = Multiboot information (Multiboot 0.6.96 §3.2). This stub builds a boot page directory, loads CR3,
; sets CR0.PG and CR0.WP, jumps to the higher half and calls start() in C++, which never returns.
;
; What Multiboot leaves open is believed in nothing: EFLAGS, CR0, CR4, EFER and the breakpoints are set whole, not
; changed bit by bit. start() goes on with what does not matter before ring 3.
;
; The boot directory maps, twice (at 0 and at 3 GiB): with 4 MiB pages the first 768 MiB, or, on a processor without
; them, the first 4 MiB through one table. The low mapping serves the few instructions between the switch and the jump,
; and is taken away before C++ runs. The kernel builds a directory of its own later.

KERNEL_BASE     equ 0xC0000000
BASE_ENTRY      equ KERNEL_BASE >> 22          ; directory index of the direct map
DIRECT_ENTRIES  equ 192                        ; 768 MiB in 4 MiB steps
TEMPORARY_ENTRY    equ 0xFF000000 >> 22           ; directory index of the temporary mappings

PRESENT_WRITABLE equ 0x003
LARGE_PAGE       equ 0x080                     ; PDE bit 7, Intel SDM vol. 3A table 4-4
CR4_PSE          equ 1 << 4
; PE, MP, ET, NE and WP, AM, PG: protected mode and paging with write protection in ring 0, caches on, and a floating-point
; unit that is there and reports errors as exceptions. Intel SDM vol. 3A §2.5, table 9-3.
CR0_KERNEL       equ 1 << 0 | 1 << 1 | 1 << 4 | 1 << 5 | 1 << 16 | 1 << 18 | 1 << 31
EFLAGS_START     equ 1 << 1                    ; all off but the bit that is always set
EFLAGS_ID        equ 1 << 21                   ; writable where CPUID exists, SDM vol. 1 §20.1.1
MSR_EFER         equ 0xC0000080
CPUID_EXTENDED   equ 0x80000000
CPUID_EFER       equ 1 << 11 | 1 << 20 | 1 << 29 ; SYSCALL, NX, long mode: what EFER switches on
CPUID_PSE        equ 1 << 3
CPUID_TSC        equ 1 << 4
CPUID_CMOV       equ 1 << 15

BOOT_STACK_SIZE         equ 96 * 1024
DOUBLE_FAULT_STACK_SIZE equ 8 * 1024

extern start
extern refuse_old_processor

section .multiboot align=4 progbits alloc noexec nowrite
MULTIBOOT_MAGIC equ 0x1BADB002
MULTIBOOT_FLAGS equ 0x00000003                 ; modules on page boundaries, memory map wanted
multiboot_header:
    dd MULTIBOOT_MAGIC
    dd MULTIBOOT_FLAGS
    dd -(MULTIBOOT_MAGIC + MULTIBOOT_FLAGS)

section .boot.text progbits alloc exec nowrite align=16
global boot_entry
boot_entry:
    cli
    cld
    mov     esp, boot_stack_top - KERNEL_BASE
    mov     esi, eax                           ; magic
    mov     edi, ebx                           ; Multiboot information
    push    dword EFLAGS_START                 ; NT would make a task switch of the first IRET to ring 3
    popfd
    xor     eax, eax
    mov     dr7, eax                           ; no breakpoints

    xor     ebp, ebp                           ; EBP = CPUID.1:EDX, 0 without CPUID
    pushfd
    pop     eax
    mov     ecx, eax
    xor     eax, EFLAGS_ID
    push    eax
    popfd
    pushfd
    pop     eax
    xor     eax, ecx
    test    eax, EFLAGS_ID
    jz      .no_cpuid
    mov     eax, 1
    cpuid
    mov     ebp, edx
.no_cpuid:
    test    ebp, CPUID_CMOV
    jz      refuse_old_processor

    mov     eax, CPUID_EXTENDED                ; long mode would begin with paging; SYSCALL would lead somewhere
    cpuid
    cmp     eax, CPUID_EXTENDED + 1
    jb      .no_efer                           ; without such leaves the answer is that of another, and small
    cmp     eax, CPUID_EXTENDED + 0xFFFF
    ja      .no_efer
    mov     eax, CPUID_EXTENDED + 1
    cpuid
    test    edx, CPUID_EFER
    jz      .no_efer
    xor     eax, eax
    xor     edx, edx
    mov     ecx, MSR_EFER
    wrmsr
.no_efer:

    ; The table of temporary mappings shows itself in slot 0; the loader has cleared .bss, all other slots are empty.
    mov     dword [boot_temporary_table - KERNEL_BASE], boot_temporary_table - KERNEL_BASE + PRESENT_WRITABLE
    mov     dword [boot_page_directory - KERNEL_BASE + TEMPORARY_ENTRY * 4], boot_temporary_table - KERNEL_BASE + PRESENT_WRITABLE

    test    ebp, CPUID_PSE
    jz      .small_pages

    mov     eax, LARGE_PAGE | PRESENT_WRITABLE
    mov     ecx, 0
.next_large:
    mov     [boot_page_directory - KERNEL_BASE + ecx * 4], eax
    mov     [boot_page_directory - KERNEL_BASE + (BASE_ENTRY + ecx) * 4], eax
    add     eax, 1 << 22
    inc     ecx
    cmp     ecx, DIRECT_ENTRIES
    jb      .next_large
    mov     ebx, CR4_PSE
    mov     edx, DIRECT_ENTRIES << 22          ; how far the boot directory reaches, bytes
    jmp     .enable

.small_pages:
    mov     eax, PRESENT_WRITABLE
    mov     ecx, 0
.next_small:
    mov     [boot_low_table - KERNEL_BASE + ecx * 4], eax
    add     eax, 1 << 12
    inc     ecx
    cmp     ecx, 1024
    jb      .next_small
    mov     eax, boot_low_table - KERNEL_BASE + PRESENT_WRITABLE
    mov     [boot_page_directory - KERNEL_BASE], eax
    mov     [boot_page_directory - KERNEL_BASE + BASE_ENTRY * 4], eax
    xor     ebx, ebx
    mov     edx, 1 << 22

.enable:
    mov     cr4, ebx
    mov     eax, boot_page_directory - KERNEL_BASE
    mov     cr3, eax
    mov     eax, CR0_KERNEL
    mov     cr0, eax
    mov     eax, higher_half
    jmp     eax

section .text
global higher_half
higher_half:
    mov     esp, boot_stack_top

    mov     ebx, edx                           ; early_limit

    ; The low mapping goes: from here on, using a physical address as a pointer faults.
    push    edi
    mov     edi, boot_page_directory
    mov     ecx, DIRECT_ENTRIES
    xor     eax, eax
    rep     stosd
    pop     edi
    mov     eax, cr3
    mov     cr3, eax

    xor     eax, eax                           ; EDX:EAX = time stamp, 0 where there is none
    xor     edx, edx
    test    ebp, CPUID_TSC
    jz      .no_timestamp
    rdtsc
.no_timestamp:
    xor     ebp, ebp                           ; ends every backtrace
    push    edx                                ; start(magic, info, early_limit, timestamp)
    push    eax
    push    ebx
    push    edi
    push    esi
    call    start
    cli
.halt:
    hlt
    jmp     .halt

; Stacks and boot tables: whole pages of .bss. Below each stack lies a page that is never mapped once the kernel's own
; directory is loaded, so that running off a stack faults instead of overwriting what is below.
section .bss_pages nobits alloc noexec write align=4096
global boot_stack_guard, boot_stack_bottom, boot_stack_top
global double_fault_stack_guard, double_fault_stack_bottom, double_fault_stack_top
global boot_page_directory, boot_temporary_table, boot_low_table, boot_tables_end
boot_stack_guard:         resb 4096
boot_stack_bottom:        resb BOOT_STACK_SIZE
boot_stack_top:
double_fault_stack_guard: resb 4096
double_fault_stack_bottom: resb DOUBLE_FAULT_STACK_SIZE
double_fault_stack_top:
boot_page_directory:      resb 4096
boot_temporary_table:        resb 4096
boot_low_table:           resb 4096
boot_tables_end:

section .note.GNU-stack noalloc noexec nowrite progbits
