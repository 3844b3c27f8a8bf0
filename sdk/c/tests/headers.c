/* All headers in one file, as C and as C++. With OVER_ALIGNED it must not compile: no block is aligned to 16. */
#include "gc_os_interface.h"
#include "sigil.h"
#include "sigil_mmap.h"
#include "sigil_pages.h"

struct point {
    double x, y;
};

const struct point *farthest(const double *xs, size_t n);

const struct point *farthest(const double *xs, size_t n) {
    SIGIL_ARENA(arena);
    struct point *points = SIGIL_NEW_ARRAY(struct point, n + 1);
    struct point *farthest = points;
    for (size_t i = 0; i < n; i++) {
        points[i].x = xs[i];
        farthest = xs[i] > farthest->x ? points + i : farthest;
    }
    return n ? SIGIL_PROMOTE(&arena, (const struct point *)farthest) : NULL;
}

#ifdef OVER_ALIGNED
long double *over_aligned(void) {
    return SIGIL_NEW(long double);
}
#endif
