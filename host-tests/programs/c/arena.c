/* The arenas of sigil.h, left in every way that C has, in C and in C++: the scopes close however they are left, and what was
 * promoted is all that stays.
 */
#include <stdio.h>
#include <string.h>

#include "sigil.h"

struct point {
    int x, y;
    double weight;
};

enum { PIECE = 1000, TURNS = 5000 };

/* Something to fill a scope with, so that one left open would show. */
static char *piece(char letter) {
    char *text = SIGIL_NEW_ARRAY(char, PIECE);
    memset(text, letter, PIECE - 1);
    text[PIECE - 1] = 0;
    return text;
}

/* Where a letter first stands in a text; from inside two arenas by an early return. */
static int find(const char *text, char letter) {
    SIGIL_ARENA(outer);
    char *copy = sigil_copy_string(text);
    for (int i = 0; copy[i]; i++) {
        SIGIL_ARENA(inner);
        if (piece(copy[i])[PIECE / 2] == letter)
            return i;
        if (copy[i] == '.')
            break;
        if (copy[i] == ' ')
            continue;
        piece('-');
    }
    return -1;
}

/* Promoted, or not: both leave the arena. */
static struct point *heaviest(const int *weights, int n) {
    SIGIL_ARENA(arena);
    struct point *heaviest = NULL;
    for (int i = 0; i < n; i++) {
        struct point *point = SIGIL_NEW(struct point);
        point->x = i;
        point->y = -i;
        point->weight = weights[i];
        if (!heaviest || point->weight > heaviest->weight)
            heaviest = point;
    }
    if (!heaviest)
        return NULL;
    return SIGIL_PROMOTE(&arena, heaviest);
}

static char *shout(const char *text) {
    SIGIL_ARENA(arena);
    char *copy = sigil_copy_text(text, strlen(text));
    for (char *at = copy; *at; at++)
        if (*at >= 'a' && *at <= 'z')
            *at = (char)(*at - 'a' + 'A');
    piece('!');
    return sigil_arena_promote_string(&arena, copy);
}

int main(void) {
    const int weights[] = {3, 1, 4, 1, 5, 9, 2, 6};
    int found = 0;
    for (int turn = 0; turn < TURNS; turn++) {
        SIGIL_ARENA(arena);
        found = find("scopes close", 'l') + find("here. not there", 't') + find("", 'x');
        struct point *point = heaviest(weights, 8);
        char *text = shout("an early return cannot forget it");
        int *numbers = (int *)sigil_copy(weights, sizeof weights);
        numbers[0] = 7;
        if (turn < TURNS - 1)
            continue;
        printf("found %d, heaviest (%d, %d) of %.0f, of none: %s\n", found, point->x, point->y, point->weight,
               heaviest(weights, 0) ? "one" : "none");
        printf("%s; %d %d\n", text, numbers[0], numbers[7]);
        /* Closed by hand, it is not closed again. */
        sigil_arena_exit(&arena);
    }
    printf("an array that no memory holds: %s\n", sigil_array_bytes(SIZE_MAX / 2, 3) == SIZE_MAX ? "refused" : "wrapped");
    printf("pages: %s\n", __builtin_wasm_memory_size(0) <= 4 ? "no more than 4" : "TOO MANY");
    return 0;
}
