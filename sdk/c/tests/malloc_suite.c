/* What a C program may expect of malloc, by calling it: alignment, sizes that overflow, the edges of realloc, running
 * out, and random calls with every byte checked. Prints a line for each part, and ends with 1 at the first that does not hold.
 *
 * Memory must end at some megabytes, natively by native_heap.c, as wasm by `--max-heap`.
 */
/* For posix_memalign. */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef NATIVE
#include "native_heap.h"
#else
#include <malloc.h>
#endif

/* The compiler knows what malloc does, and would do without the calls: it cannot know what is in a volatile variable. */
static void *(*volatile p_malloc)(size_t) = malloc;
static void *(*volatile p_calloc)(size_t, size_t) = calloc;
static void *(*volatile p_realloc)(void *, size_t) = realloc;
static void (*volatile p_free)(void *) = free;
static void *(*volatile p_aligned_alloc)(size_t, size_t) = aligned_alloc;
static int (*volatile p_posix_memalign)(void **, size_t, size_t) = posix_memalign;
static size_t (*volatile p_malloc_usable_size)(void *) = malloc_usable_size;

#define CHECK(condition) check((condition), #condition, __LINE__)

static void check(bool holds, const char *condition, int line) {
    if (!holds) {
        printf("line %d: not so: %s (errno %d)\n", line, condition, errno);
        exit(1);
    }
}

static bool is_aligned(const void *block, size_t align) {
    return (uintptr_t)block % align == 0;
}

static unsigned random_state = 1;

static unsigned next_random(void) {
    random_state = random_state * 1664525 + 1013904223;
    return random_state >> 8;
}

/* Every byte of a block tells which block it is and where in it. */
static void fill(unsigned char *block, size_t from, size_t to, unsigned tag) {
    for (size_t i = from; i < to; i++)
        block[i] = (unsigned char)(tag * 31 + i * 7);
}

static bool holds(const unsigned char *block, size_t to, unsigned tag) {
    for (size_t i = 0; i < to; i++)
        if (block[i] != (unsigned char)(tag * 31 + i * 7))
            return false;
    return true;
}

/* Aligned to 16, all of the usable bytes writable, no two blocks sharing one. */
static void sizes(void) {
    enum { N = 300 };
    static unsigned char *blocks[N];
    for (unsigned i = 0; i < N; i++) {
        blocks[i] = p_malloc(i);
        CHECK(blocks[i] && is_aligned(blocks[i], 16));
        CHECK(p_malloc_usable_size(blocks[i]) >= i);
        fill(blocks[i], 0, p_malloc_usable_size(blocks[i]), i);
    }
    for (unsigned i = 0; i < N; i++)
        CHECK(holds(blocks[i], p_malloc_usable_size(blocks[i]), i));
    /* Blocks of no bytes differ as well. */
    void *none = p_malloc(0);
    CHECK(none && none != blocks[0]);
    p_free(none);
    for (unsigned i = 0; i < N; i++)
        p_free(blocks[i]);
    p_free(NULL);
    CHECK(p_malloc_usable_size(NULL) == 0);
    puts("sizes and alignment");
}

static void zeroed(void) {
    for (size_t n = 0; n < 60; n++) {
        unsigned char *dirty = p_malloc(n * 50);
        CHECK(dirty);
        memset(dirty, 0xff, n * 50);
        p_free(dirty);
        unsigned char *block = p_calloc(n, 50);
        CHECK(block && is_aligned(block, 16));
        for (size_t i = 0; i < n * 50; i++)
            CHECK(block[i] == 0);
        p_free(block);
    }
    const size_t half = (size_t)1 << (sizeof(size_t) * 4);
    const size_t pairs[][2] = {{half, half}, {half + 1, half}, {SIZE_MAX, 2}, {2, SIZE_MAX},
                               {SIZE_MAX / 8 + 1, 8}, {SIZE_MAX / 8 + 2, 8}, {SIZE_MAX, SIZE_MAX}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        errno = 0;
        CHECK(!p_calloc(pairs[i][0], pairs[i][1]) && errno == ENOMEM);
    }
    void *none[] = {p_calloc(0, SIZE_MAX), p_calloc(SIZE_MAX, 0)};
    CHECK(none[0] && none[1]);
    p_free(none[0]);
    p_free(none[1]);
    puts("calloc: zero, and no overflow");
}

static void resizing(void) {
    unsigned char *block = p_realloc(NULL, 100);
    CHECK(block && is_aligned(block, 16));
    fill(block, 0, 100, 1);
    for (size_t size = 100; size < 60000; size = size * 3 / 2 + 1) {
        size_t next = size * 3 / 2 + 1;
        block = p_realloc(block, next);
        CHECK(block && is_aligned(block, 16) && holds(block, size, 1));
        CHECK(p_malloc_usable_size(block) >= next);
        fill(block, size, next, 1);
    }
    for (size_t size = 50000; size; size = size * 2 / 3) {
        block = p_realloc(block, size);
        CHECK(block && is_aligned(block, 16) && holds(block, size, 1));
        CHECK(p_malloc_usable_size(block) >= size);
    }
    /* By single bytes, beside others. */
    for (size_t size = 1; size < 300; size++) {
        unsigned char *other = p_malloc(size);
        CHECK(other);
        memset(other, 0xff, size);
        block = p_realloc(block, size);
        CHECK(block && holds(block, size - 1, 1));
        fill(block, size - 1, size, 1);
        p_free(other);
    }
    /* A block of 0 bytes is a block. */
    block = p_realloc(block, 0);
    CHECK(block);
    block = p_realloc(block, 10);
    CHECK(block);
    fill(block, 0, 10, 2);
    const size_t hopeless[] = {SIZE_MAX, SIZE_MAX - 7, SIZE_MAX - 15, SIZE_MAX - 16, SIZE_MAX - 64,
                               (size_t)PTRDIFF_MAX, (size_t)PTRDIFF_MAX + 1};
    for (size_t i = 0; i < sizeof hopeless / sizeof *hopeless; i++) {
        errno = 0;
        CHECK(!p_realloc(block, hopeless[i]) && errno == ENOMEM);
        CHECK(holds(block, 10, 2));
        errno = 0;
        CHECK(!p_realloc(NULL, hopeless[i]) && errno == ENOMEM);
        errno = 0;
        CHECK(!p_malloc(hopeless[i]) && errno == ENOMEM);
        errno = 0;
        CHECK(!p_aligned_alloc(64, hopeless[i]) && errno == ENOMEM);
    }
    p_free(block);
    puts("realloc: growing, shrinking, and what cannot be");
}

static void aligned(void) {
    for (size_t align = 1; align <= 65536; align *= 2) {
        for (size_t size = 0; size < 200; size += 33) {
            unsigned char *block = p_aligned_alloc(align, size), *beside = p_malloc(size);
            CHECK(block && beside && is_aligned(block, align) && is_aligned(block, 16));
            CHECK(p_malloc_usable_size(block) >= size);
            fill(block, 0, p_malloc_usable_size(block), 3);
            fill(beside, 0, p_malloc_usable_size(beside), 4);
            CHECK(holds(block, p_malloc_usable_size(block), 3));
            block = p_realloc(block, size + 500);
            CHECK(block && holds(block, size, 3) && holds(beside, size, 4));
            block = p_realloc(block, size);
            CHECK(block && holds(block, size, 3));
            p_free(beside);
            p_free(block);
            void *other = NULL;
            if (align >= sizeof(void *)) {
                CHECK(p_posix_memalign(&other, align, size) == 0 && other && is_aligned(other, align));
                p_free(other);
            }
        }
    }
    const size_t invalid[] = {0, 3, 6, 24, 48, 4097, SIZE_MAX, SIZE_MAX - 15};
    for (size_t i = 0; i < sizeof invalid / sizeof *invalid; i++) {
        errno = 0;
        CHECK(!p_aligned_alloc(invalid[i], 64) && errno == EINVAL);
        void *untouched = &untouched;
        CHECK(p_posix_memalign(&untouched, invalid[i], 64) == EINVAL && untouched == &untouched);
    }
    void *untouched = &untouched;
    CHECK(p_posix_memalign(&untouched, sizeof(void *) / 2, 64) == EINVAL && untouched == &untouched);
    CHECK(p_posix_memalign(&untouched, 64, SIZE_MAX - 63) == ENOMEM && untouched == &untouched);
    /* The largest alignment there is leaves no room. */
    CHECK(p_posix_memalign(&untouched, SIZE_MAX / 2 + 1, 64) == ENOMEM && untouched == &untouched);
    CHECK(p_posix_memalign(&untouched, SIZE_MAX / 2 + 1, PTRDIFF_MAX) == ENOMEM);
    puts("aligned_alloc and posix_memalign");
}

/* Random calls on a few hundred blocks, every byte checked before it goes. */
static void churn(void) {
    enum { N = 400, TURNS = 40000 };
#ifdef SIGIL_MALLOC_NO_FREE
    const unsigned turns = TURNS / 40;
#else
    const unsigned turns = TURNS;
#endif
    static struct {
        unsigned char *block;
        size_t size;
    } live[N];
    for (unsigned turn = 0; turn < turns; turn++) {
        unsigned i = next_random() % N;
        size_t size = next_random() % 64 == 0 ? next_random() % 20000 : next_random() % 400;
        unsigned char *block = live[i].block;
        if (block)
            CHECK(holds(block, live[i].size, i));
        switch (next_random() % 5) {
        case 0:
        case 1:
            p_free(block);
            block = p_malloc(size);
            break;
        case 2:
            p_free(block);
            block = p_aligned_alloc((size_t)1 << next_random() % 10, size);
            break;
        case 3:
            p_free(block);
            block = p_calloc(size, 1);
            for (size_t at = 0; block && at < size; at++)
                CHECK(block[at] == 0);
            break;
        default:
            block = p_realloc(block, size);
            CHECK(block && (!live[i].block || holds(block, size < live[i].size ? size : live[i].size, i)));
        }
        CHECK(block && is_aligned(block, 16));
        fill(block, 0, size, i);
        live[i].block = block;
        live[i].size = size;
    }
    for (unsigned i = 0; i < N; i++) {
        CHECK(!live[i].block || holds(live[i].block, live[i].size, i));
        p_free(live[i].block);
    }
    puts("random calls");
}

/* Until memory is exhausted: NULL and errno, what is live stays, and once there is room again calls are served. */
static void exhausted(void) {
    /* Of small blocks `pages` takes back the newest only. */
    enum { BLOCK = 150000, MOST = 500 };
    static unsigned char *blocks[MOST];
    unsigned n = 0;
    errno = 0;
    for (; n < MOST && (blocks[n] = p_malloc(BLOCK)); n++)
        fill(blocks[n], 0, BLOCK, n);
    CHECK(n > 0 && n < MOST && errno == ENOMEM);
    errno = 0;
    CHECK(!p_calloc(n, BLOCK) && errno == ENOMEM);
    errno = 0;
    CHECK(!p_realloc(blocks[0], (size_t)n * BLOCK) && errno == ENOMEM);
    errno = 0;
    CHECK(!p_aligned_alloc(64, (size_t)n * BLOCK) && errno == ENOMEM);
    void *untouched = &untouched;
    CHECK(p_posix_memalign(&untouched, 64, (size_t)n * BLOCK) == ENOMEM && untouched == &untouched);
    /* To make a block smaller takes no memory, not even where none is left. */
    void **small, **last = NULL;
    while ((small = p_malloc(sizeof *small))) {
        *small = last;
        last = small;
    }
    blocks[0] = p_realloc(blocks[0], 10);
    CHECK(blocks[0] && holds(blocks[0], 10, 0));
    while ((small = last)) {
        last = *small;
        p_free(small);
    }
    for (unsigned i = 1; i < n; i++)
        CHECK(holds(blocks[i], BLOCK, i));
#ifndef SIGIL_MALLOC_NO_FREE
    /* What was freed serves again, however often. */
    for (unsigned round = 0; round < 3; round++) {
        for (unsigned i = 1; i < n; i += 2)
            p_free(blocks[i]);
        for (unsigned i = 1; i < n; i += 2) {
            blocks[i] = p_malloc(BLOCK);
            CHECK(blocks[i]);
            fill(blocks[i], 0, BLOCK, i);
        }
        for (unsigned i = 1; i < n; i++)
            CHECK(holds(blocks[i], BLOCK, i));
    }
#endif
    for (unsigned i = 0; i < n; i++)
        p_free(blocks[i]);
    puts("exhaustion");
}

int main(void) {
    sizes();
    zeroed();
    resizing();
    aligned();
    churn();
    exhausted();
#if defined(NATIVE) && !defined(SIGIL_MALLOC_NO_FREE)
    CHECK(native_heap_check() == 0);
#elif defined(NATIVE)
    CHECK(native_heap_check() > 0);
#endif
    puts("all as it should be");
    return 0;
}
