/* 1 GiB that is dirty, of which 1 MiB is used: how much is cleared?
 *
 * Every page of 1 GiB is written to and released; the same range is reserved again lazily, and 1 MiB in the middle
 * committed and touched.
 */
#include <stdio.h>

#include "sigil_pages.h"

#define MIB ((size_t)1 << 20)

int main(void) {
    size_t page = sigil_pages_page_size(), large = 1024 * MIB;
    char *first = sigil_pages_reserve(large, MIB, SIGIL_PAGES_ZERO);
    printf("cleared for 1 GiB of fresh pages: %llu bytes\n", (unsigned long long)sigil_pages_cleared());
    for (size_t at = 0; at < large; at += page)
        first[at + at / page % page] = 1;
    sigil_pages_release(first);

    uint64_t before = sigil_pages_cleared();
    char *again = sigil_pages_reserve(large, MIB, SIGIL_PAGES_LAZY);
    puts(again == first ? "the same range is reserved again" : "another range is reserved");
    char *part = again + 500 * MIB;
    if (!sigil_pages_commit(part, MIB))
        puts("not committed");
    size_t n_dirty = 0;
    for (size_t at = 0; at < MIB; at++) {
        n_dirty += part[at] != 0;
        part[at] = 1;
    }
    printf("%zu bytes of 1 MiB were not zero\n", n_dirty);
    printf("cleared for 1 MiB of 1 GiB of dirty pages: %llu bytes\n",
           (unsigned long long)(sigil_pages_cleared() - before));
    sigil_pages_decommit(part, MIB);
    sigil_pages_release(again);
    printf("cleared to give all of it back: %llu bytes, in use: %llu\n",
           (unsigned long long)(sigil_pages_cleared() - before - MIB), (unsigned long long)sigil_pages_used());
    return 0;
}
