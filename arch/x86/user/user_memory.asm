; The instructions that touch user memory. Each may fault, and where the fault is not resolved, goes on behind a RECOVER.
; All of them are called from user_memory.cpp with addresses inside user space; the direction flag is clear.

%include "arch/x86/traps/recovery.inc"

section .text

; size_t copy_user_bytes(void* to, const void* from, size_t bytes): how many were not copied. Words first; if one of them
; cannot be reached, then bytes up to the very one that cannot.
global copy_user_bytes
copy_user_bytes:
    push    edi
    push    esi
    mov     edi, [esp + 12]
    mov     esi, [esp + 16]
    mov     ecx, [esp + 20]
    mov     edx, ecx
    shr     ecx, 2
    and     edx, 3
.words:
    rep     movsd
.rest:
    mov     ecx, edx
.bytes:
    rep     movsb
.done:
    mov     eax, ecx
    pop     esi
    pop     edi
    ret
.word_failed:
    lea     ecx, [edx + ecx * 4]
    jmp     .bytes
RECOVER copy_user_bytes.words, copy_user_bytes.rest, copy_user_bytes.word_failed, MOVE
RECOVER copy_user_bytes.bytes, copy_user_bytes.done, copy_user_bytes.done, MOVE

; size_t zero_user_bytes(void* to, size_t bytes): how many were not zeroed.
global zero_user_bytes
zero_user_bytes:
    push    edi
    mov     edi, [esp + 8]
    mov     ecx, [esp + 12]
    mov     edx, ecx
    shr     ecx, 2
    and     edx, 3
    xor     eax, eax
.words:
    rep     stosd
.rest:
    mov     ecx, edx
.bytes:
    rep     stosb
.done:
    mov     eax, ecx
    pop     edi
    ret
.word_failed:
    lea     ecx, [edx + ecx * 4]
    jmp     .bytes
RECOVER zero_user_bytes.words, zero_user_bytes.rest, zero_user_bytes.word_failed, ACCESS
RECOVER zero_user_bytes.bytes, zero_user_bytes.done, zero_user_bytes.done, ACCESS

; size_t count_user_text(const void* text, size_t most): bytes before the NUL, `most` if there is none, -1 if a byte
; cannot be reached.
global count_user_text
count_user_text:
    mov     edx, [esp + 4]
    mov     ecx, [esp + 8]
    xor     eax, eax
.next:
    cmp     eax, ecx
    je      .end
.read:
    cmp     byte [edx + eax], 0
.compared:
    je      .end
    inc     eax
    jmp     .next
.end:
    ret
.failed:
    mov     eax, -1
    ret
RECOVER count_user_text.read, count_user_text.compared, count_user_text.failed, ACCESS

; bool copy_user_word(void* to, const void* from): in one access.
global copy_user_word
copy_user_word:
    mov     edx, [esp + 4]
    mov     ecx, [esp + 8]
    mov     eax, 1
.read:
    mov     ecx, [ecx]
    mov     [edx], ecx
.done:
    ret
.failed:
    xor     eax, eax
    ret
RECOVER copy_user_word.read, copy_user_word.done, copy_user_word.failed, ACCESS

; bool exchange_user_word(void* at, uint32_t* expected, uint32_t desired): *expected becomes what was there.
global exchange_user_word
exchange_user_word:
    push    ebx
    mov     ecx, [esp + 8]
    mov     ebx, [esp + 12]
    mov     edx, [esp + 16]
    mov     eax, [ebx]
.exchange:
    lock cmpxchg [ecx], edx
.exchanged:
    mov     [ebx], eax
    mov     eax, 1
    pop     ebx
    ret
.failed:
    xor     eax, eax
    pop     ebx
    ret
RECOVER exchange_user_word.exchange, exchange_user_word.exchanged, exchange_user_word.failed, ACCESS

section .note.GNU-stack noalloc noexec nowrite progbits
