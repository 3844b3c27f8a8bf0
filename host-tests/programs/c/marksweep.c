/* A toy mark-sweep collector on the interface of .NET's: one reserved heap, committed as it fills, decommitted as it
 * empties.
 *
 * Cells of 32 bytes in segments of 64 KiB. A cell is taken to be zero where it is allocated for the first time in
 * its segment's life, as collectors do: a segment that was decommitted and is committed again must read zero. The
 * program keeps a few lists alive, builds and drops many more, and checks every cell on the way.
 */
#include <stdio.h>

#include "gc_os_interface.h"

enum { SEGMENT = 64 << 10, N_SEGMENTS = 512, CELLS = SEGMENT / 32, N_ROOTS = 16 };

struct cell {
    struct cell *next;
    unsigned value, check, marked;
    unsigned zero[4];
};

static char *heap;
static unsigned char committed[N_SEGMENTS];
/* How many cells of a segment have been handed out since it was committed, and those to hand out again. */
static unsigned n_used[N_SEGMENTS];
static struct cell *free_cells;
static struct cell *roots[N_ROOTS];
static unsigned n_wrong, n_collections, n_decommitted;

static unsigned random_state = 1;

static unsigned next_random(void) {
    random_state = random_state * 1664525 + 1013904223;
    return random_state >> 8;
}

static void check(int holds, const char *what) {
    if (!holds) {
        if (n_wrong++ < 10)
            printf("wrong: %s\n", what);
    }
}

static void mark_all(void) {
    for (int i = 0; i < N_ROOTS; i++)
        for (struct cell *cell = roots[i]; cell && !cell->marked; cell = cell->next)
            cell->marked = 1;
}

/* Segments without a marked cell are decommitted, but for a few; the dead cells of the others are free. */
static void sweep(void) {
    unsigned n_kept = 0;
    free_cells = NULL;
    for (int s = 0; s < N_SEGMENTS; s++) {
        struct cell *cells = (struct cell *)(heap + s * SEGMENT);
        unsigned n_live = 0;
        if (!committed[s])
            continue;
        for (unsigned i = 0; i < n_used[s]; i++)
            n_live += cells[i].marked;
        if (n_live == 0 && n_kept++ >= 4) {
            check(VirtualDecommit(cells, SEGMENT), "a segment is decommitted");
            committed[s] = 0;
            n_used[s] = 0;
            n_decommitted++;
            continue;
        }
        for (unsigned i = 0; i < n_used[s]; i++) {
            if (!cells[i].marked) {
                cells[i].next = free_cells;
                free_cells = &cells[i];
            }
            cells[i].marked = 0;
        }
    }
}

static struct cell *fresh_cell(void) {
    static int at;
    for (int tries = 0; tries <= N_SEGMENTS; tries++) {
        if (committed[at] && n_used[at] < CELLS) {
            struct cell *cell = (struct cell *)(heap + at * SEGMENT) + n_used[at]++;
            check(!cell->next && !cell->value && !cell->check && !cell->marked, "a fresh cell is zero");
            check(!(cell->zero[0] | cell->zero[1] | cell->zero[2] | cell->zero[3]), "all of it");
            return cell;
        }
        at = (at + 1) % N_SEGMENTS;
        if (!committed[at] && tries > N_SEGMENTS / 2) {
            check(VirtualCommit(heap + at * SEGMENT, SEGMENT, 0), "a segment is committed");
            /* Again, with half of its neighbour: what is live stays as it is. */
            check(VirtualCommit(heap + at * SEGMENT, SEGMENT / 2, 0), "and again");
            committed[at] = 1;
        }
    }
    return NULL;
}

static unsigned n_since;

static struct cell *new_cell(unsigned value, struct cell *next) {
    struct cell *cell = free_cells;
    n_since++;
    if (cell)
        free_cells = cell->next;
    else if (!(cell = fresh_cell())) {
        check(0, "the heap is full");
        return NULL;
    }
    *cell = (struct cell){next, value, ~value, 0, {value, value, value, value}};
    return cell;
}

static void collect(void) {
    n_collections++;
    n_since = 0;
    mark_all();
    sweep();
}

static unsigned long long sum_lists(void) {
    unsigned long long sum = 0;
    for (int i = 0; i < N_ROOTS; i++)
        for (struct cell *cell = roots[i]; cell; cell = cell->next) {
            check(cell->check == ~cell->value && cell->zero[3] == cell->value, "a live cell is intact");
            sum += cell->value;
        }
    return sum;
}

static void oversized(void) {
    bool restricted;
    check(!VirtualReserve((1ull << 32) + SEGMENT, 0, 0, 0), "4 GiB and a bit are not a bit");
    check(!VirtualReserve(SEGMENT, (1ull << 32) + 1, 0, 0), "nor is such an alignment");
    check(!VirtualReserveAndCommitLargePages(1ull << 33, 0), "nor 8 GiB");
    check(!VirtualCommit(heap, (1ull << 32) + 1, 0) && !VirtualDecommit(heap, 1ull << 32), "nor such a range");
    check(!VirtualReserve(SEGMENT, 0, VirtualReserveFlags_WriteWatch, 0), "there is no write watch");
    check(!VirtualCommit(heap + N_SEGMENTS * SEGMENT, SEGMENT, 0), "behind the heap is no heap");
    check(GetPhysicalMemoryLimit(&restricted) == 1ull << 32 && !restricted, "4 GiB may be had");
}

int main(void) {
    heap = VirtualReserve((uint64_t)N_SEGMENTS * SEGMENT, 1 << 20, VirtualReserveFlags_None, 0);
    check(heap && (uintptr_t)heap % (1 << 20) == 0, "reserved and aligned");
    oversized();
    for (unsigned turn = 0; turn < 400; turn++) {
        int root = (int)(next_random() % N_ROOTS);
        unsigned length = turn % 40 == 39 ? 60000 : next_random() % 6000;
        roots[root] = NULL;
        for (unsigned i = 0; i < length; i++)
            roots[root] = new_cell(next_random(), roots[root]);
        if (turn % 40 == 39)
            roots[root] = NULL;
        if (n_since > 100000 || turn % 40 == 39)
            collect();
    }
    char *large = VirtualReserveAndCommitLargePages(3 << 20, 0);
    check(large && !large[0] && !large[(3 << 20) - 1], "large pages are committed and zero");
    check(!VirtualReset(large, 1 << 20, false) && !large[5], "what is not reset stays");
    check(VirtualRelease(large, 3 << 20), "released");
    printf("sum %llu after %u collections, %u segments decommitted\n", sum_lists(), n_collections, n_decommitted);
    check(VirtualRelease(heap, (uint64_t)N_SEGMENTS * SEGMENT), "released");
    printf("%u wrong, %llu bytes reserved\n", n_wrong, (unsigned long long)sigil_pages_used());
    return n_wrong != 0;
}
