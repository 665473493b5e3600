; memcpy, memmove, memset and memcmp, the four functions that GCC may call even in a freestanding program, and strlen and
; memchr, which <string_view> calls. String instructions move whole words: fast microcode on processors, one step a word
; under an emulator. All take and return what the C standard says; the direction flag is clear on entry and on return
; (System V i386 ABI).

section .text

; void* memcpy(void* to, const void* from, size_t bytes)
global memcpy
memcpy:
    push    edi
    push    esi
    mov     edi, [esp + 12]
    mov     esi, [esp + 16]
    mov     ecx, [esp + 20]
    mov     eax, edi
    mov     edx, ecx
    shr     ecx, 2
    rep     movsd
    mov     ecx, edx
    and     ecx, 3
    rep     movsb
    pop     esi
    pop     edi
    ret

; void* memmove(void* to, const void* from, size_t bytes). Copying upwards is wrong only where the destination starts
; inside the source, that is where to - from, as an unsigned number, is less than bytes.
global memmove
memmove:
    mov     eax, [esp + 4]
    sub     eax, [esp + 8]
    cmp     eax, [esp + 12]
    jae     memcpy
    push    edi
    push    esi
    mov     edi, [esp + 12]
    mov     esi, [esp + 16]
    mov     ecx, [esp + 20]
    mov     eax, edi
    lea     edi, [edi + ecx - 1]               ; the last byte first,
    lea     esi, [esi + ecx - 1]
    mov     edx, ecx
    std
    and     ecx, 3
    rep     movsb
    sub     edi, 3                             ; then words, each addressed by its lowest byte
    sub     esi, 3
    mov     ecx, edx
    shr     ecx, 2
    rep     movsd
    cld
    pop     esi
    pop     edi
    ret

; void* memset(void* to, int value, size_t bytes)
global memset
memset:
    push    edi
    mov     edi, [esp + 8]
    movzx   eax, byte [esp + 12]
    imul    eax, eax, 0x01010101               ; the byte four times
    mov     edx, [esp + 16]
    mov     ecx, edx
    shr     ecx, 2
    rep     stosd
    mov     ecx, edx
    and     ecx, 3
    rep     stosb
    mov     eax, [esp + 8]
    pop     edi
    ret

; int memcmp(const void* left, const void* right, size_t bytes): words while they are equal, then the bytes of the
; first word that differs, or the last bytes.
global memcmp
memcmp:
    push    edi
    push    esi
    mov     esi, [esp + 12]
    mov     edi, [esp + 16]
    mov     edx, [esp + 20]
    mov     ecx, edx
    shr     ecx, 2
    cmp     eax, eax                           ; equal so far, also where there is nothing to compare
    repe    cmpsd
    mov     ecx, 4
    jne     .word_differs
    and     edx, 3
    mov     ecx, edx
    jmp     .bytes
.word_differs:
    sub     esi, ecx                           ; back to its first byte
    sub     edi, ecx
.bytes:
    xor     eax, eax                           ; sets ZF again, and is the answer where all is equal
    repe    cmpsb
    je      .done
    movzx   eax, byte [esi - 1]
    movzx   ecx, byte [edi - 1]
    sub     eax, ecx
.done:
    pop     esi
    pop     edi
    ret

; size_t strlen(const char* text)
global strlen
strlen:
    mov     edx, [esp + 4]
    mov     eax, edx
.next:
    cmp     byte [eax], 0
    je      .end
    inc     eax
    jmp     .next
.end:
    sub     eax, edx
    ret

; void* memchr(const void* from, int byte, size_t bytes)
global memchr
memchr:
    mov     eax, [esp + 4]
    mov     edx, [esp + 8]
    mov     ecx, [esp + 12]
    add     ecx, eax                           ; where to stop
.next:
    cmp     eax, ecx
    je      .absent
    cmp     [eax], dl
    je      .found
    inc     eax
    jmp     .next
.absent:
    xor     eax, eax
.found:
    ret

section .note.GNU-stack noalloc noexec nowrite progbits
