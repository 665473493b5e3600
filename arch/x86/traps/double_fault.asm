; The task that the double fault's gate switches to (Intel SDM vol. 3A §6.14.2), on a stack of its own. IRET with
; EFLAGS.NT set, which the switch did, goes back to the interrupted task, and saves this task's registers as they then
; are: the next double fault goes on behind that IRET. Hence the loop.

extern handle_double_fault

section .text

global double_fault_task
double_fault_task:
    cld
    call    handle_double_fault
    add     esp, 4                             ; the error code, always 0, that the switch pushed
    iret
    jmp     double_fault_task

section .note.GNU-stack noalloc noexec nowrite progbits
