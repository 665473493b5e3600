; Where a program of user/ begins. Linux and Quire alike leave the number of arguments, their addresses, a null word, the
; environment and the auxiliary vector on the stack; main() gets the first two, and what it returns ends the process.
        bits    32
        extern  main
        global  _start

        section .text
_start:
        xor     ebp, ebp                ; the outermost frame
        mov     eax, [esp]              ; argc
        lea     edx, [esp + 4]          ; argv
        and     esp, -16
        sub     esp, 8
        push    edx
        push    eax
        call    main
        mov     ebx, eax
        mov     eax, 252                ; exit_group
        int     0x80

        section .note.GNU-stack noalloc noexec nowrite progbits
