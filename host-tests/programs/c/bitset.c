/* Bitsets that must start clear, mapped over and over on memory that others have filled.
 *
 * A sieve for each limit, in a bitset of its own from `mmap`; between two of them the same memory is mapped,
 * filled with ones and given back, as a whole, in halves and by its middle.
 */
#include <stdio.h>
#include <string.h>

#include "sigil_mmap.h"

#define KIB(n) ((size_t)(n) << 10)

static unsigned n_wrong;

static void check(int holds, const char *what) {
    if (!holds) {
        printf("wrong: %s\n", what);
        n_wrong++;
    }
}

/* Ones everywhere, as much as the next bitset will have, and more. */
static void dirty(size_t bytes, int how) {
    char *ptr = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    check(ptr != MAP_FAILED, "mapped");
    memset(ptr, 0xff, bytes);
    if (how == 0) {
        check(munmap(ptr, bytes) == 0, "unmapped");
    } else if (how == 1) {
        check(munmap(ptr + bytes / 2, bytes / 2) == 0 && munmap(ptr, bytes / 2) == 0, "unmapped in halves");
    } else {
        check(munmap(ptr + bytes / 4, bytes / 2) == 0, "unmapped in the middle");
        munmap_anon(ptr, bytes);
    }
}

static unsigned count_primes(unsigned limit) {
    size_t bytes = limit / 8 + 1;
    unsigned char *composite = mmap_anon(bytes);
    unsigned n = 0;
    check(composite != NULL, "mapped a bitset");
    for (unsigned i = 2; i <= limit; i++) {
        if (composite[i / 8] >> i % 8 & 1)
            continue;
        n++;
        for (unsigned long long k = (unsigned long long)i * i; k <= limit; k += i)
            composite[k / 8] |= (unsigned char)(1 << k % 8);
    }
    munmap_anon(composite, bytes);
    return n;
}

static void refusals(void) {
    char *ptr = mmap_anon(KIB(64));
    int anonymous = MAP_PRIVATE | MAP_ANONYMOUS;
    errno = 0;
    check(mmap(ptr, KIB(16), PROT_READ, anonymous | MAP_FIXED, -1, 0) == MAP_FAILED && errno == ENOTSUP, "fixed");
    check(mmap(NULL, KIB(16), PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0) == MAP_FAILED && errno == ENOTSUP,
          "shared");
    check(mmap(NULL, KIB(16), PROT_READ, MAP_PRIVATE, 3, 0) == MAP_FAILED && errno == ENODEV, "a file");
    check(mmap(NULL, 0, PROT_READ, anonymous, -1, 0) == MAP_FAILED && errno == EINVAL, "no bytes");
    check(mmap(NULL, SIZE_MAX, PROT_READ, anonymous, -1, 0) == MAP_FAILED && errno == ENOMEM, "too many bytes");
    check(munmap(ptr + 1, KIB(16)) == -1 && errno == EINVAL, "no page's address");
    check(munmap(ptr, 0) == -1 && errno == EINVAL, "an empty range");
    check(ptr[0] == 0 && munmap(ptr, KIB(64)) == 0, "refusals change nothing");
}

static void protections(void) {
    dirty(KIB(512), 0);
    uint64_t before = sigil_pages_cleared();
    char *ptr = mmap(NULL, KIB(512), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    check(ptr != MAP_FAILED && sigil_pages_cleared() == before, "PROT_NONE clears nothing");
    check(mprotect(ptr + KIB(64), KIB(32), PROT_READ | PROT_WRITE) == 0, "made readable");
    for (size_t i = 0; i < KIB(32); i++)
        check(ptr[KIB(64) + i] == 0, "readable and zero");
    check(sigil_pages_cleared() - before == KIB(32), "no more than that was cleared");
    memset(ptr + KIB(64), 7, KIB(32));
    check(mprotect(ptr + KIB(64), KIB(32), PROT_NONE) == 0 && mprotect(ptr + KIB(64), KIB(32), PROT_READ) == 0,
          "hidden and shown");
    check(ptr[KIB(64)] == 7 && ptr[KIB(96) - 1] == 7, "what was hidden is kept");
    check(madvise(ptr + KIB(64), KIB(16), MADV_DONTNEED) == 0, "not needed");
    check(ptr[KIB(64)] == 0 && ptr[KIB(80)] == 7, "what is not needed reads zero, its neighbour not");
    munmap_anon(ptr, KIB(512));
    check(mprotect(ptr, KIB(16), PROT_READ) == -1 && errno == ENOMEM, "no mapping");
}

int main(void) {
    static const unsigned limits[] = {1000, 100000, 3000000, 500000, 7, 2000000};
    for (int i = 0; i < 6; i++) {
        dirty(KIB(384) + KIB(64) * (size_t)i, i % 3);
        printf("%u primes up to %u\n", count_primes(limits[i]), limits[i]);
    }
    refusals();
    protections();
    printf("%u wrong, %llu bytes mapped\n", n_wrong, (unsigned long long)sigil_pages_used());
    return n_wrong != 0;
}
