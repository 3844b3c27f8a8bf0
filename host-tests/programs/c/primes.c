/* Primes below a million, by a sieve that is allocated as it grows. Plain C on malloc and calloc that never
 * frees: it runs on every heap that serves them, also on one that cannot take a block back.
 */
#include <stdio.h>
#include <string.h>

#define SIGIL_MALLOC_NO_FREE
#include "sigil_malloc.c"

enum { LIMIT = 1000000 };

int main(void) {
    unsigned char *composite = calloc(LIMIT, 1);
    size_t n = 0, capacity = 16;
    unsigned *primes = malloc(capacity * sizeof *primes);
    for (unsigned i = 2; i < LIMIT; i++) {
        if (composite[i])
            continue;
        if (n == capacity) {
            capacity *= 2;
            primes = realloc(primes, capacity * sizeof *primes);
        }
        primes[n++] = i;
        for (unsigned long long j = (unsigned long long)i * i; j < LIMIT; j += i)
            composite[j] = 1;
    }
    char *line = malloc(64);
    snprintf(line, 64, "%zu primes, the last is %u", n, primes[n - 1]);
    puts(line);
    /* Volatile, for the compiler knows better than to believe that malloc could fail. */
    void *volatile impossible = malloc(SIZE_MAX - 4);
    puts(impossible ? "memory without end" : "no memory for 4 GiB");
    return 0;
}
