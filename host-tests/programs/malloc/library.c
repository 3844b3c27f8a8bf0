/* A program that knows nothing of Sigil: it is linked with the malloc of its C library, which is then replaced.
 * All that it prints holds for any malloc. */
#define _GNU_SOURCE
#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What no optimizer sees through. */
static void *volatile opaque;
static void *seen(void *block) {
    opaque = block;
    return opaque;
}

static unsigned seed = 12345;
static unsigned next(unsigned below) {
    seed = seed * 1103515245 + 12345;
    return (seed >> 8) % below;
}

struct word {
    struct word *next;
    char *text;
    unsigned n;
};

static int by_text(const void *a, const void *b) {
    return strcmp((*(struct word *const *)a)->text, (*(struct word *const *)b)->text);
}

/* Counts words, sorts them, and prints by way of the library's own blocks. */
static void words(void) {
    static const char text[] = "the quick brown fox jumps over the lazy dog and the dog sleeps on over the fox";
    struct word *all = NULL;
    size_t n = 0;
    char *copy = strdup(text), *rest = copy, *token;
    while ((token = strsep(&rest, " "))) {
        struct word *word = all;
        while (word && strcmp(word->text, token))
            word = word->next;
        if (!word) {
            word = calloc(1, sizeof *word);
            word->text = strdup(token);
            word->next = all;
            all = word;
            n++;
        }
        word->n++;
    }
    free(copy);
    struct word **sorted = malloc(n * sizeof *sorted);
    n = 0;
    for (struct word *word = all; word; word = word->next)
        sorted[n++] = word;
    qsort(sorted, n, sizeof *sorted, by_text);
    char *line = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&line, &length);
    for (size_t i = 0; i < n; i++)
        fprintf(stream, "%s=%u ", sorted[i]->text, sorted[i]->n);
    fclose(stream);
    printf("%zu words, %zu bytes: %s\n", n, length, line);
    free(line);
    for (size_t i = 0; i < n; i++) {
        free(sorted[i]->text);
        free(sorted[i]);
    }
    free(sorted);
}

enum { SLOTS = 500, TURNS = 60000 };

/* Random blocks, each full of a byte of its own that is looked at before it changes. */
static void churn(void) {
    static unsigned char *blocks[SLOTS];
    static size_t sizes[SLOTS];
    unsigned wrong = 0, misaligned = 0;
    for (unsigned turn = 0; turn < TURNS; turn++) {
        unsigned i = next(SLOTS);
        size_t size = next(10) ? next(200) : next(20000);
        unsigned char byte = (unsigned char)(i * 7 + 1);
        for (size_t at = 0; at < sizes[i]; at += 1 + sizes[i] / 16)
            wrong += blocks[i][at] != byte;
        switch (next(4)) {
        case 0:
            free(blocks[i]);
            blocks[i] = malloc(size);
            break;
        case 1:
            free(blocks[i]);
            blocks[i] = calloc(size, 1);
            for (size_t at = 0; at < size; at++)
                wrong += blocks[i][at] != 0;
            break;
        case 2: {
            size_t kept = size < sizes[i] ? size : sizes[i];
            blocks[i] = realloc(blocks[i], size);
            for (size_t at = 0; at < kept; at++)
                wrong += blocks[i][at] != byte;
            break;
        }
        default:
            free(blocks[i]);
            blocks[i] = NULL;
            size = 0;
        }
        misaligned += (uintptr_t)blocks[i] % 16 != 0;
        wrong += blocks[i] && malloc_usable_size(blocks[i]) < size;
        if (blocks[i])
            memset(blocks[i], byte, size);
        sizes[i] = size;
    }
    for (unsigned i = 0; i < SLOTS; i++)
        free(blocks[i]);
    printf("%u wrong, %u misaligned\n", wrong, misaligned);
}

static void corners(void) {
    int refused = 0;
    refused += seen(malloc(SIZE_MAX - 40)) == NULL;
    refused += seen(malloc(SIZE_MAX)) == NULL;
    refused += seen(calloc(SIZE_MAX / 4, 4)) == NULL;
    char *kept = seen(malloc(10));
    strcpy(kept, "kept");
    refused += seen(realloc(kept, SIZE_MAX - 40)) == NULL;
    printf("%d refused, %s\n", refused, kept);
    free(kept);
    free(seen(realloc(NULL, 100)));
    free(NULL);
    free(seen(malloc(0)));

    unsigned misaligned = 0;
    for (size_t align = 16; align <= 4096; align *= 2) {
        char *a = seen(aligned_alloc(align, align * 3)), *b = seen(aligned_alloc(align, align));
        memset(a, 1, align * 3);
        *b = 2;
        misaligned += (uintptr_t)a % align != 0 || (uintptr_t)b % align != 0;
        /* A block that was aligned grows and shrinks like any other. */
        a = realloc(a, align * 4);
        misaligned += a[0] != 1 || a[align * 3 - 1] != 1;
        free(a);
        free(b);
    }
    void *block = NULL;
    int error = posix_memalign(&block, 256, 1000);
    printf("%u misaligned, %d %d\n", misaligned, error, (int)((uintptr_t)block % 256));
    free(block);
}

/* A trap between calls that become others, in a line that a test looks for. */
__attribute__((export_name("fails"))) int fails(int n) {
    int *before = malloc(n);
    free(strdup("before"));
    if (!before || n == 16) __builtin_trap(); /* fails */
    before[0] = n;
    int *after = seen(calloc(before[0], 4));
    return after[1];
}

/* What is asked for is not to be had, in ways that not every malloc sees: a bit for each that is refused as C says. */
__attribute__((export_name("refuses"))) int refuses(void) {
    void *none = NULL;
    int is_overflow = seen(calloc(SIZE_MAX / 2, 3)) == NULL;
    int is_odd = posix_memalign(&none, 24, 8) == EINVAL;
    int is_large = posix_memalign(&none, 64, SIZE_MAX - 100) == ENOMEM && seen(none) == NULL;
    return is_overflow + 2 * is_odd + 4 * is_large;
}

int main(void) {
    words();
    churn();
    corners();
    return 0;
}
