/* A text pipeline: a scope for each line, and the one word that outlives its line promoted. With OWN the C library's
 * malloc has to do: what a line takes is remembered, and given back at its end.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef OWN
#include "lines_own.h"
#else
#include "sigil.h"
#endif

enum { TIMES = 50 };

struct words {
    char **at;
    size_t n, capacity;
};

struct counts {
    unsigned n_lines, n_words, n_kept;
    /* Outside of the line, in the pass. */
    char *longest;
    size_t longest_length;
};

static void push(struct words *words, char *word) {
    if (words->n == words->capacity) {
        size_t wider = words->capacity ? 2 * words->capacity : 8;
        words->at = (char **)sigil_realloc(words->at, words->capacity * sizeof word, wider * sizeof word);
        words->capacity = wider;
    }
    words->at[words->n++] = word;
}

/* A word without what is no letter and no digit, small; its new length. */
static size_t clean(char *word) {
    size_t n = 0;
    for (const char *from = word; *from; from++) {
        char c = *from >= 'A' && *from <= 'Z' ? (char)(*from + 'a' - 'A') : *from;
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
            word[n++] = c;
    }
    word[n] = 0;
    return n;
}

static struct words split(const char *line, size_t length) {
    struct words words = {0};
    for (size_t i = 0; i < length;) {
        size_t end = i;
        while (end < length && line[end] != ' ')
            end++;
        if (end > i) {
            char *word = sigil_copy_text(line + i, end - i);
            if (clean(word))
                push(&words, word);
        }
        i = end + 1;
    }
    return words;
}

static int by_bytes(const void *left, const void *right) {
    return strcmp(*(char *const *)left, *(char *const *)right);
}

static void sort_and_dedup(struct words *words) {
    if (words->n == 0)
        return;
    qsort(words->at, words->n, sizeof *words->at, by_bytes);
    size_t n = 1;
    for (size_t i = 1; i < words->n; i++)
        if (strcmp(words->at[i], words->at[n - 1]) != 0)
            words->at[n++] = words->at[i];
    words->n = n;
}

static char *join(const struct words *words, size_t *length) {
    size_t n = 0;
    for (size_t i = 0; i < words->n; i++)
        n += strlen(words->at[i]) + 1;
    char *text = sigil_alloc(n + 1), *to = text;
    for (size_t i = 0; i < words->n; i++) {
        size_t word = strlen(words->at[i]);
        memcpy(to, words->at[i], word);
        to += word;
        *to++ = i + 1 == words->n ? '\n' : ' ';
    }
    *length = n;
    return text;
}

static void process(const char *line, size_t length, struct counts *counts, bool prints) {
    SIGIL_ARENA(arena);
    counts->n_lines++;
    struct words words = split(line, length);
    counts->n_words += words.n;
    /* The first longest word in the order of the line. */
    const char *longest = NULL;
    for (size_t i = 0; i < words.n; i++) {
        size_t found = strlen(words.at[i]);
        if (found > counts->longest_length) {
            counts->longest_length = found;
            longest = words.at[i];
        }
    }
    sort_and_dedup(&words);
    counts->n_kept += words.n;
    char *text = join(&words, &length);
    if (prints)
        fwrite(text, 1, length, stdout);
    if (longest)
        counts->longest = sigil_arena_promote_string(&arena, longest);
}

static struct counts pass(const char *input, size_t length, bool prints) {
    struct counts counts = {.longest = ""};
    for (const char *at = input, *end = input + length; at < end;) {
        const char *line = memchr(at, '\n', (size_t)(end - at));
        line = line ? line : end;
        process(at, (size_t)(line - at), &counts, prints);
        at = line + 1;
    }
    return counts;
}

/* Read by doubling, in the root. */
static char *read_input(size_t *length) {
    size_t capacity = 1 << 12, n = 0, n_read;
    char *text = sigil_alloc(capacity);
    while ((n_read = fread(text + n, 1, capacity - n, stdin)) > 0) {
        n += n_read;
        if (n == capacity) {
            text = sigil_realloc(text, capacity, 2 * capacity);
            capacity *= 2;
        }
    }
    *length = n;
    return text;
}

int main(void) {
    size_t length;
    char *input = read_input(&length);
    for (int i = 1; i <= TIMES; i++) {
        /* The longest words of a pass go with it. */
        SIGIL_ARENA(arena);
        struct counts counts = pass(input, length, i == TIMES);
        if (i == TIMES)
            printf("lines %u words %u kept %u longest %s\n", counts.n_lines, counts.n_words, counts.n_kept,
                   counts.longest);
    }
    return 0;
}
