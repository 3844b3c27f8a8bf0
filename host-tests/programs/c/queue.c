/* Jobs that come and go: a priority queue of records that are allocated and freed one by one.
 *
 * Plain C on malloc and free, as any program has them; the heap behind is chosen when it is linked. About
 * 200 jobs are alive at a time, 20,000 in all, each with a text of its own: without `free` they would take
 * some megabytes.
 */
#include <stdio.h>
#include <string.h>

#include "sigil_malloc.c"

struct job {
    unsigned due;
    char *text;
};

static struct job **heap;
static size_t n, capacity;

static unsigned random_state = 12345;

static unsigned next_random(void) {
    random_state = random_state * 1664525 + 1013904223;
    return random_state >> 8;
}

static void push(struct job *job) {
    if (n == capacity) {
        capacity = capacity ? capacity * 2 : 4;
        heap = realloc(heap, capacity * sizeof *heap);
    }
    size_t at = n++;
    while (at && heap[(at - 1) / 2]->due > job->due) {
        heap[at] = heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    heap[at] = job;
}

static struct job *pop(void) {
    struct job *first = heap[0], *last = heap[--n];
    size_t at = 0;
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= n)
            break;
        if (child + 1 < n && heap[child + 1]->due < heap[child]->due)
            child++;
        if (heap[child]->due >= last->due)
            break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = last;
    return first;
}

static struct job *new_job(unsigned now) {
    struct job *job = calloc(1, sizeof *job);
    unsigned length = 1 + next_random() % 200;
    job->due = now + next_random() % 1000;
    job->text = malloc(length + 1);
    if (!job->text)
        return NULL;
    memset(job->text, 'a' + (int)(length % 26), length);
    job->text[length] = 0;
    return job;
}

int main(void) {
    unsigned long long sum = 0, letters = 0;
    unsigned now = 0, n_done = 0, n_wrong = 0;
    double *table = aligned_alloc(64, 64 * sizeof *table);
    for (int i = 0; i < 200; i++)
        push(new_job(now));
    while (n_done < 20000) {
        struct job *job = pop();
        now = job->due;
        size_t length = strlen(job->text);
        for (size_t i = 0; i < length; i++)
            n_wrong += job->text[i] != 'a' + (int)(length % 26);
        sum += now;
        letters += length;
        table[n_done % 64] = (double)length;
        free(job->text);
        free(job);
        n_done++;
        push(new_job(now));
    }
    while (n) {
        struct job *job = pop();
        free(job->text);
        free(job);
    }
    printf("%u jobs, %llu letters, %u wrong, checksum %llu\n", n_done, letters, n_wrong, sum);
    printf("table: %s, %.0f\n", (uintptr_t)table % 64 ? "not aligned" : "aligned", table[63]);
    free(table);
    free(heap);
    /* Volatile, for the compiler knows better than to believe that malloc could fail. */
    void *volatile impossible = malloc(SIZE_MAX - 4);
    puts(impossible ? "memory without end" : "no memory for 4 GiB");
    return 0;
}
