; The two halves of attempt() that C++ cannot say: saving the registers that a function must preserve (System V i386
; ABI: EBX, ESI, EDI, EBP, ESP) in one place, and coming back to that place from anywhere deeper in the stack.

section .text

; bool run_attempt(uint32_t* resume_esp, void (*body)(void*), void* argument)
global run_attempt
run_attempt:
    push    ebp
    mov     ebp, esp
    push    ebx
    push    esi
    push    edi
    pushfd                                     ; with the interrupt flag as it is now
    mov     eax, [ebp + 8]
    mov     [eax], esp
    push    dword [ebp + 16]
    call    dword [ebp + 12]
    add     esp, 4
    xor     eax, eax
leave_attempt:                                 ; ESP = resume_esp, EAX = the result
    popfd
    pop     edi
    pop     esi
    pop     ebx
    pop     ebp
    ret

; void unwind_attempt(uint32_t resume_esp): what lies deeper in the stack is given up.
global unwind_attempt
unwind_attempt:
    mov     esp, [esp + 4]
    mov     eax, 1
    jmp     leave_attempt

; The double fault's task puts this address and resume_esp into the task it interrupted.
global resume_after_task_switch
resume_after_task_switch:
    clts                                       ; every task switch sets CR0.TS, Intel SDM vol. 3A §7.3
    mov     eax, 1
    jmp     leave_attempt

section .note.GNU-stack noalloc noexec nowrite progbits
