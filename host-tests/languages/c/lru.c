/* A least-recently-used cache: a hash table and a list, with an allocation for each entry and each value. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 1000, TURNS = 300000, KEYS = 4000, BUCKETS = 1024 };

struct entry {
    uint32_t key, length;
    char *value;
    /* In the bucket; in the order of use. */
    struct entry *next_in_bucket, *newer, *older;
};

static struct entry *buckets[BUCKETS], *newest, *oldest;
static uint32_t n_live, n_evictions;

static void *or_end(void *block) {
    if (!block) {
        fputs("no memory for the cache\n", stderr);
        exit(1);
    }
    return block;
}

static struct entry **bucket_of(uint32_t key) {
    return &buckets[key * 2654435761u >> 22];
}

static struct entry *find(uint32_t key) {
    struct entry *entry = *bucket_of(key);
    while (entry && entry->key != key)
        entry = entry->next_in_bucket;
    return entry;
}

static void detach(struct entry *entry) {
    *(entry->newer ? &entry->newer->older : &newest) = entry->older;
    *(entry->older ? &entry->older->newer : &oldest) = entry->newer;
}

static void attach(struct entry *entry) {
    entry->newer = NULL;
    entry->older = newest;
    *(newest ? &newest->newer : &oldest) = entry;
    newest = entry;
}

static void touch(struct entry *entry) {
    detach(entry);
    attach(entry);
}

static void evict(struct entry *entry) {
    detach(entry);
    struct entry **at = bucket_of(entry->key);
    while (*at != entry)
        at = &(*at)->next_in_bucket;
    *at = entry->next_in_bucket;
    free(entry->value);
    free(entry);
    n_live--;
}

static void put(uint32_t key, uint32_t length) {
    char *value = or_end(malloc(length));
    memset(value, 'a' + (int)(key % 26), length);
    struct entry *entry = find(key);
    if (entry) {
        free(entry->value);
        touch(entry);
    } else {
        if (n_live == MOST) {
            evict(oldest);
            n_evictions++;
        }
        entry = or_end(malloc(sizeof *entry));
        entry->key = key;
        entry->next_in_bucket = *bucket_of(key);
        *bucket_of(key) = entry;
        attach(entry);
        n_live++;
    }
    entry->value = value;
    entry->length = length;
}

int main(void) {
    uint32_t x = 12345, n_hits = 0, n_misses = 0, sum = 0, bytes = 0;
    for (int turn = 0; turn < TURNS; turn++) {
        x = x * 1664525 + 1013904223;
        uint32_t key = (x >> 8) % KEYS;
        if ((x >> 24) % 4 == 0) {
            put(key, (x >> 4) % 64);
            continue;
        }
        struct entry *entry = find(key);
        if (!entry) {
            n_misses++;
            continue;
        }
        n_hits++;
        touch(entry);
        sum += entry->length ? entry->length * 31 + (unsigned char)entry->value[0] : 7;
    }
    for (struct entry *entry = newest; entry; entry = entry->older)
        bytes += entry->length;
    printf("hits %u\nmisses %u\nevictions %u\nlive %u\nbytes %u\nsum %u\n", n_hits, n_misses, n_evictions, n_live,
           bytes, sum);
    while (oldest)
        evict(oldest);
    return 0;
}
