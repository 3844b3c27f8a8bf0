/* The interpreter's objects, their symbols and their collector: all in memory of malloc, all given back to free. */
#ifndef OBJECTS_H
#define OBJECTS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum kind { NIL, INTEGER, SYMBOL, PAIR, CLOSURE, BINDING, BUILTIN };

struct object {
    enum kind kind;
    bool is_marked;
    /* Of all objects; for a symbol, of all symbols. */
    struct object *next;
    union {
        /* Also which builtin it is. */
        int32_t integer;
        /* PAIR: car, cdr. CLOSURE: names, body, environment. BINDING: name, value, the one outside. */
        struct object *slot[3];
        /* SYMBOL; no `global` is an unbound one. */
        struct {
            char *name;
            struct object *global;
        };
    };
};

static struct object nil_object;
static struct object *const nil = &nil_object;

static struct object *objects, *symbols, *s_t;
static size_t n_objects, n_due = 10000;

static struct object **stack;
static size_t n_stack, stack_capacity;

/* Says what is wrong, and ends; the result is for where an expression must have one. */
static struct object *fail(const char *what, const char *name) {
    printf("error: %s%s%s\n", what, name ? ": " : "", name ? name : "");
    exit(1);
}

static void *or_fail(void *block) {
    return block ? block : (void *)fail("no memory", NULL);
}

static struct object *new_object(enum kind kind, struct object *a, struct object *b, struct object *c) {
    struct object *object = or_fail(malloc(sizeof *object));
    *object = (struct object){.kind = kind, .next = objects, .slot = {a, b, c}};
    objects = object;
    n_objects++;
    return object;
}

static struct object *new_integer(int32_t integer) {
    struct object *object = new_object(INTEGER, NULL, NULL, NULL);
    object->integer = integer;
    return object;
}

/* The one symbol of that name. */
static struct object *intern(const char *name, size_t length) {
    for (struct object *symbol = symbols; symbol; symbol = symbol->next)
        if (strlen(symbol->name) == length && memcmp(symbol->name, name, length) == 0)
            return symbol;
    struct object *symbol = or_fail(malloc(sizeof *symbol));
    *symbol = (struct object){.kind = SYMBOL, .next = symbols};
    symbol->name = or_fail(malloc(length + 1));
    memcpy(symbol->name, name, length);
    symbol->name[length] = 0;
    return symbols = symbol;
}

/* Where on the stack it is now. */
static size_t push(struct object *object) {
    if (n_stack == stack_capacity) {
        stack_capacity = stack_capacity ? 2 * stack_capacity : 64;
        stack = or_fail(realloc(stack, stack_capacity * sizeof *stack));
    }
    stack[n_stack] = object;
    return n_stack++;
}

/* Lists and environments are long by their last slot: there it goes on instead of deeper. */
static void mark(struct object *object) {
    while (object && !object->is_marked && object->kind >= PAIR && object->kind <= BINDING) {
        object->is_marked = true;
        mark(object->slot[0]);
        if (object->kind == PAIR) {
            object = object->slot[1];
        } else {
            mark(object->slot[1]);
            object = object->slot[2];
        }
    }
    if (object)
        object->is_marked = true;
}

static void sweep(void) {
    for (struct object **at = &objects; *at;) {
        struct object *object = *at;
        if (object->is_marked) {
            object->is_marked = false;
            at = &object->next;
        } else {
            *at = object->next;
            free(object);
            n_objects--;
        }
    }
}

static void collect_if_due(void) {
    if (n_objects < n_due)
        return;
    for (size_t i = 0; i < n_stack; i++)
        mark(stack[i]);
    for (struct object *symbol = symbols; symbol; symbol = symbol->next)
        mark(symbol->global);
    sweep();
    n_due = 2 * n_objects + 10000;
}

static void free_all(void) {
    sweep();
    while (symbols) {
        struct object *symbol = symbols;
        symbols = symbol->next;
        free(symbol->name);
        free(symbol);
    }
    free(stack);
}

#endif
