/* Binary trees: nothing but malloc and free. */
#include <stdio.h>
#include <stdlib.h>

enum { LEAST = 4, MOST = 14 };

struct node {
    struct node *left, *right;
};

static struct node *build(int depth) {
    struct node *node = malloc(sizeof *node);
    if (!node) {
        fputs("no memory for the tree\n", stderr);
        exit(1);
    }
    node->left = depth ? build(depth - 1) : NULL;
    node->right = depth ? build(depth - 1) : NULL;
    return node;
}

static int check(const struct node *node) {
    return node->left ? 1 + check(node->left) + check(node->right) : 1;
}

static void drop(struct node *node) {
    if (node->left) {
        drop(node->left);
        drop(node->right);
    }
    free(node);
}

/* Builds a tree, checks it, gives it back. */
static int turn(int depth) {
    struct node *tree = build(depth);
    int n = check(tree);
    drop(tree);
    return n;
}

int main(void) {
    printf("stretch tree of depth %d\t check: %d\n", MOST + 1, turn(MOST + 1));
    struct node *long_lived = build(MOST);
    for (int depth = LEAST; depth <= MOST; depth += 2) {
        int n = 1 << (MOST - depth + LEAST), sum = 0;
        for (int i = 0; i < n; i++)
            sum += turn(depth);
        printf("%d\t trees of depth %d\t check: %d\n", n, depth, sum);
    }
    printf("long lived tree of depth %d\t check: %d\n", MOST, check(long_lived));
    drop(long_lived);
    return 0;
}
