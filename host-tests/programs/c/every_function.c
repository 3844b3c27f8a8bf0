/* Every function that sigil.h declares, called once with what can be said of its answer: a wrong name or type in the header
 * does not link, and arguments in the wrong order show.
 */
#include <stdio.h>
#include <string.h>

#include "sigil.h"

static unsigned n_wrong;

static void expect(bool holds, const char *what) {
    if (!holds) {
        n_wrong++;
        printf("not so: %s\n", what);
    }
}

static bool is_zero(const unsigned char *block, size_t size) {
    for (size_t i = 0; i < size; i++)
        if (block[i])
            return false;
    return true;
}

int main(void) {
    char *text = sigil_alloc(6);
    memcpy(text, "sigil", 6);
    text = sigil_realloc(text, 6, 600);
    sigil_mem_copy(text + 1, text, 5);
    expect(strcmp(text, "ssigil") == 0, "mem-copy moves to its first argument from its second");

    uint32_t used = sigil_heap_used();
    sigil_scope scope = sigil_enter_scope();
    char *inner = sigil_alloc(1000);
    memset(inner, 'i', 1000);
    expect(sigil_scope_used(scope) >= 1000, "scope-used counts the scope's block");
    expect(sigil_heap_used() >= used + 1000, "heap-used counts it too");
    char *promoted = sigil_promote(scope, inner, 10);
    expect(memcmp(promoted, "iiiiiiiiii", 10) == 0, "promote keeps the bytes");
    expect(sigil_heap_used() < used + 1000, "the rest of the scope is gone");
    sigil_exit_scope(sigil_enter_scope());

    unsigned char *aligned = sigil_alloc_aligned(40, 512);
    expect((uintptr_t)aligned % 512 == 0, "alloc-aligned takes the size first");
    memset(aligned, 0xff, 40);
    sigil_free(aligned, 40);
    expect(is_zero(sigil_alloc_zeroed(3000), 3000), "alloc-zeroed is zero");
    /* Volatile: the compiler must not know that so much cannot be had. */
    volatile size_t impossible = SIZE_MAX - 4;
    expect(!sigil_try_alloc(impossible), "try-alloc answers NULL");
    void *block = sigil_try_alloc(100);
    expect(block != NULL, "try-alloc serves what it can");
    expect(sigil_resize_in_place(block, 100, 100), "the same size is always true");
    expect(!sigil_resize_in_place(block, 100, impossible), "resize-in-place takes the old size first");
    expect(__builtin_object_size(block, 0) == SIZE_MAX, "the compiler cannot know the size of what resize-in-place changes");
    sigil_free(block, 100);
    sigil_free(NULL, 8);

    expect((char *)sigil_heap_base() <= text, "no block is below the heap base");
    expect(sigil_high_water() >= sigil_heap_used(), "high-water has never been exceeded");
    expect((uint64_t)sigil_heap_pages() << 16 >= sigil_high_water(), "the pages hold it");
    sigil_free_all();
    expect(sigil_heap_used() < used, "free-all frees");
    puts(n_wrong ? "" : "every function answers as the contract says");
    return 0;
}
