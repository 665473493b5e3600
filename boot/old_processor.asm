; Where the boot stub ends on a processor older than the i686: the compiler uses CMOV from the first function on, and an
; invalid opcode before there is an interrupt table resets the machine without a word. So it says why, on the serial port
; as the firmware left it and on the text screen, and halts. Runs without paging; uses nothing but registers.

COM1_DATA       equ 0x3F8
COM1_STATUS     equ 0x3FD
CAN_SEND        equ 1 << 5
PATIENCE        equ 100000                     ; status reads a byte, so that it ends where there is no serial port
VIDEO_MEMORY    equ 0xB8000
WHITE           equ 0x0F

section .boot.text progbits alloc exec nowrite align=16
global refuse_old_processor
refuse_old_processor:
    mov     esi, message
    mov     edi, VIDEO_MEMORY
.next:
    mov     bl, [esi]
    test    bl, bl
    jz      .halt
    inc     esi
    mov     [edi], bl
    mov     byte [edi + 1], WHITE
    add     edi, 2
    mov     edx, COM1_STATUS
    mov     ecx, PATIENCE
.wait:
    in      al, dx
    test    al, CAN_SEND
    jnz     .send
    dec     ecx
    jnz     .wait
.send:
    mov     edx, COM1_DATA
    mov     al, bl
    out     dx, al
    jmp     .next
.halt:
    cli
    hlt
    jmp     .halt

section .boot.data progbits alloc noexec nowrite align=1
message:    db "Quire needs a processor with CMOV: a Pentium Pro or newer. Stopped.", 0

section .note.GNU-stack noalloc noexec nowrite progbits
