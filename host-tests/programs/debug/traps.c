/* Traps in known lines, each marked with the name that a test looks for. Compiled with debug information. */
#include "sigil.h"

static volatile uint32_t sink;

__attribute__((noinline)) static void store(uint32_t *block, uint32_t value) {
    for (uint32_t i = 0; i < 4; i++) block[i] = value + i;
    sink = block[3];
}

/* Enough calls to move everything behind it. */
__attribute__((noinline)) static uint32_t work(uint32_t n) {
    sigil_scope scope = sigil_enter_scope();
    uint32_t sum = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t *first = sigil_alloc(16);
        store(first, i);
        uint32_t *second = sigil_alloc(16 + i);
        store(second, first[1]);
        sum += second[2];
    }
    sigil_exit_scope(scope);
    return sum;
}

__attribute__((noinline)) static void fail(uint32_t sum) {
    sink = sum;
    __builtin_trap(); /* fail */
}

__attribute__((export_name("fails_between"))) uint32_t fails_between(uint32_t n) {
    uint32_t *before = sigil_alloc(24);
    before[0] = work(n);
    fail(before[0]); /* fails_between */
    uint32_t *after = sigil_alloc(24);
    return after[0];
}

__attribute__((export_name("reads_outside"))) uint32_t reads_outside(uint32_t n) {
    uint32_t *block = sigil_alloc(n);
    block[0] = work(4);
    const volatile uint32_t *outside = (const volatile uint32_t *)0xfffffff0u;
    return block[0] + outside[0]; /* reads_outside */
}

__attribute__((export_name("exhausts"))) uint32_t exhausts(void) {
    uint32_t sum = work(3);
    uint32_t *block = sigil_alloc(0xffffff00u); /* exhausts */
    store(block, sum);
    return block[0];
}

int main(void) {
    fail(work(8)); /* main */
    return 0;
}
