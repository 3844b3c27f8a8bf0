/* Evaluates arithmetic: a tree per line, in a scope per line.
 *
 * The tree, its nodes and the text of the result live in the line's scope. Only the text is wanted later:
 * `sigil_promote` takes it out and frees the rest in one step. The list of results, in the root, grows by
 * `sigil_realloc`. wasi-libc prints; nothing here may pull in its malloc, which would take the same memory
 * for its own.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "sigil.h"

enum kind { NUMBER, ADD, SUBTRACT, MULTIPLY, DIVIDE, REMAINDER, NEGATE };

struct node {
    enum kind kind;
    long long value;
    struct node *left, *right;
};

struct parser {
    const char *at;
    const char *error;
    unsigned n_nodes;
};

static struct node *new_node(struct parser *p, enum kind kind, struct node *left, struct node *right) {
    struct node *node = sigil_alloc(sizeof *node);
    *node = (struct node){.kind = kind, .left = left, .right = right};
    p->n_nodes++;
    return node;
}

static void skip_space(struct parser *p) {
    while (*p->at == ' ')
        p->at++;
}

static int take(struct parser *p, char wanted) {
    skip_space(p);
    if (*p->at != wanted)
        return 0;
    p->at++;
    return 1;
}

static struct node *sum(struct parser *p);

static struct node *factor(struct parser *p) {
    if (take(p, '-'))
        return new_node(p, NEGATE, factor(p), NULL);
    if (take(p, '(')) {
        struct node *inner = sum(p);
        if (!take(p, ')') && !p->error)
            p->error = "expected )";
        return inner;
    }
    struct node *number = new_node(p, NUMBER, NULL, NULL);
    if (!isdigit((unsigned char)*p->at) && !p->error)
        p->error = "expected a number";
    while (isdigit((unsigned char)*p->at))
        number->value = number->value * 10 + (*p->at++ - '0');
    return number;
}

static struct node *product(struct parser *p) {
    struct node *left = factor(p);
    for (;;) {
        if (take(p, '*'))
            left = new_node(p, MULTIPLY, left, factor(p));
        else if (take(p, '/'))
            left = new_node(p, DIVIDE, left, factor(p));
        else if (take(p, '%'))
            left = new_node(p, REMAINDER, left, factor(p));
        else
            return left;
    }
}

static struct node *sum(struct parser *p) {
    struct node *left = product(p);
    for (;;) {
        if (take(p, '+'))
            left = new_node(p, ADD, left, product(p));
        else if (take(p, '-'))
            left = new_node(p, SUBTRACT, left, product(p));
        else
            return left;
    }
}

static long long evaluate(const struct node *node, const char **error) {
    if (node->kind == NUMBER)
        return node->value;
    long long left = evaluate(node->left, error);
    if (node->kind == NEGATE)
        return -left;
    long long right = evaluate(node->right, error);
    switch (node->kind) {
    case ADD:
        return left + right;
    case SUBTRACT:
        return left - right;
    case MULTIPLY:
        return left * right;
    default:
        if (right == 0) {
            *error = "division by zero";
            return 0;
        }
        return node->kind == DIVIDE ? left / right : left % right;
    }
}

/* The result of one line, as text that outlives the line's scope. */
static char *line_result(const char *line) {
    sigil_scope scope = sigil_enter_scope();
    struct parser parser = {.at = line};
    struct node *tree = sum(&parser);
    skip_space(&parser);
    if (*parser.at && !parser.error)
        parser.error = "expected an operator";
    long long value = parser.error ? 0 : evaluate(tree, &parser.error);

    size_t capacity = strlen(line) + 64;
    char *text = sigil_alloc(capacity);
    int length = parser.error
        ? snprintf(text, capacity, "%s: %s at column %d", line, parser.error, (int)(parser.at - line))
        : snprintf(text, capacity, "%s = %lld (%u nodes)", line, value, parser.n_nodes);
    return sigil_promote(scope, text, (size_t)length + 1);
}

/* 1+2+...+n: a line that takes pages of nodes and text, of which the root keeps the sum alone. */
static char *series(int n) {
    sigil_scope scope = sigil_enter_scope();
    size_t length = 0, capacity = 16;
    char *text = sigil_alloc(capacity);
    for (int i = 1; i <= n; i++) {
        if (capacity - length < 16) {
            text = sigil_realloc(text, capacity, capacity * 2);
            capacity *= 2;
        }
        length += (size_t)snprintf(text + length, capacity - length, i == 1 ? "%d" : "+%d", i);
    }
    char *result = line_result(text);
    char *equals = strchr(result, '=');
    return sigil_promote(scope, equals, strlen(equals) + 1);
}

static const char *const LINES[] = {
    "1 + 2 * 3",
    "(1 + 2) * 3",
    "2 * (3 + 4) * -(5 - 11)",
    "1000000007 * 998244353 % 1000",
    "-7 / 2 + 17 % 5",
    "((((((((((42))))))))))",
    "10 / (5 - 5)",
    "3 * (4 + 5",
    "6 7",
    "",
};

int main(void) {
    char **results = NULL;
    size_t n = 0, capacity = 0;
    for (size_t i = 0; i < sizeof LINES / sizeof *LINES; i++) {
        if (n == capacity) {
            size_t wider = capacity ? capacity * 2 : 2;
            results = sigil_realloc(results, capacity * sizeof *results, wider * sizeof *results);
            capacity = wider;
        }
        results[n++] = line_result(LINES[i]);
    }
    for (size_t i = 0; i < n; i++)
        puts(results[i]);

    for (int turn = 0; turn < 50; turn++) {
        char *result = series(2000);
        if (turn == 49)
            printf("1+2+...+2000 %s\n", result);
    }
    printf("pages: %s\n", __builtin_wasm_memory_size(0) <= 32 ? "no more than 32" : "TOO MANY");

    sigil_free_all();
    puts(line_result("40 + 2"));
    return 0;
}
