; Changing the stack, which C++ cannot say. A stack that does not run ends in the registers that a function must preserve
; (System V i386 ABI: EBX, ESI, EDI, EBP) and the address to return to.

section .text

; void switch_stacks(uint32_t* from, uint32_t to): leaves ESP in *from and goes on where `to` was left.
global switch_stacks
switch_stacks:
    mov     eax, [esp + 4]
    mov     ecx, [esp + 8]
    push    ebp
    push    ebx
    push    esi
    push    edi
    mov     [eax], esp
    mov     esp, ecx
    pop     edi
    pop     esi
    pop     ebx
    pop     ebp
    ret

; Where a prepared stack begins to run. Above it lie the function to call and its argument.
global begin_context
begin_context:
    pop     eax
    call    eax                                ; does not return
    ud2

section .note.GNU-stack noalloc noexec nowrite progbits
