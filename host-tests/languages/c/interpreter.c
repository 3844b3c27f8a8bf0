/* A small Lisp with a mark-and-sweep collector over malloc and free.
 *
 * A collection happens at the head of `eval` and nowhere else. Whoever calls `eval` has pushed what it still needs onto
 * `stack`, which with the symbols is what marking starts from.
 */
#include "objects.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "read_all.h"

static struct object *s_quote, *s_if, *s_define, *s_lambda, *s_let, *s_set, *s_begin;

/* ---- reading ---- */

static const char *at;

static void skip_space(void) {
    for (;; at++) {
        if (*at == ';')
            while (*at && *at != '\n')
                at++;
        if (!*at || !strchr(" \t\r\n", *at))
            return;
    }
}

/* An integer, with wrapping, or NULL. */
static struct object *integer_of(const char *text, size_t length) {
    size_t i = length > 1 && *text == '-';
    uint32_t number = 0;
    for (size_t digit = i; digit < length; digit++) {
        if (text[digit] < '0' || text[digit] > '9')
            return NULL;
        number = number * 10 + (uint32_t)(text[digit] - '0');
    }
    return new_integer((int32_t)(i ? 0 - number : number));
}

static struct object *read(void);

/* What follows an opening parenthesis. */
static struct object *read_list(void) {
    struct object *first = nil, **tail = &first;
    for (;;) {
        skip_space();
        if (!*at)
            fail("an open list", NULL);
        if (*at == ')') {
            at++;
            return first;
        }
        if (*at == '.' && first != nil && at[1] && strchr(" \t\r\n", at[1])) {
            at++;
            *tail = read();
            skip_space();
            if (*at++ != ')')
                fail("more than one tail", NULL);
            return first;
        }
        *tail = new_object(PAIR, read(), nil, NULL);
        tail = &(*tail)->slot[1];
    }
}

static struct object *read(void) {
    skip_space();
    if (*at == '(') {
        at++;
        return read_list();
    }
    if (*at == '\'') {
        at++;
        return new_object(PAIR, s_quote, new_object(PAIR, read(), nil, NULL), NULL);
    }
    size_t length = strcspn(at, " \t\r\n()';");
    if (!length)
        fail("no datum here", NULL);
    const char *text = at;
    at += length;
    struct object *integer = integer_of(text, length);
    return integer ? integer : intern(text, length);
}

/* ---- printing ---- */

static void print(const struct object *value) {
    switch (value->kind) {
    case INTEGER:
        printf("%d", (int)value->integer);
        break;
    case SYMBOL:
        fputs(value->name, stdout);
        break;
    case CLOSURE:
        fputs("#<closure>", stdout);
        break;
    case BUILTIN:
        fputs("#<builtin>", stdout);
        break;
    default:
        putchar('(');
        for (const char *space = ""; value->kind == PAIR; value = value->slot[1], space = " ") {
            fputs(space, stdout);
            print(value->slot[0]);
        }
        if (value != nil) {
            fputs(" . ", stdout);
            print(value);
        }
        putchar(')');
    }
}

/* ---- evaluation ---- */

static struct object *car(struct object *value) {
    return value->kind == PAIR ? value->slot[0] : value == nil ? nil : fail("no list", "car");
}

static struct object *cdr(struct object *value) {
    return value->kind == PAIR ? value->slot[1] : value == nil ? nil : fail("no list", "cdr");
}

static struct object *truth(bool value) {
    return value ? s_t : nil;
}

static bool is_same(const struct object *a, const struct object *b) {
    return a == b || (a->kind == INTEGER && b->kind == INTEGER && a->integer == b->integer);
}

static int32_t quotient(int32_t a, int32_t b) {
    if (b == 0)
        fail("division by zero", NULL);
    /* The one quotient that is no 32-bit number wraps. */
    return b == -1 ? (int32_t)(0 - (uint32_t)a) : a / b;
}

enum builtin { ADD, SUBTRACT, MULTIPLY, QUOTIENT, REMAINDER, LESS, EQUAL, CONS, CAR, CDR, IS_NULL, IS_PAIR, IS_EQ, PRINT };

static const struct {
    const char *name;
    unsigned n_args;
} builtins[] = {
    [ADD] = {"+", 2},         [SUBTRACT] = {"-", 2},  [MULTIPLY] = {"*", 2}, [QUOTIENT] = {"quotient", 2},
    [REMAINDER] = {"remainder", 2}, [LESS] = {"<", 2}, [EQUAL] = {"=", 2},   [CONS] = {"cons", 2},
    [CAR] = {"car", 1},       [CDR] = {"cdr", 1},     [IS_NULL] = {"null?", 1}, [IS_PAIR] = {"pair?", 1},
    [IS_EQ] = {"eq?", 2},     [PRINT] = {"print", 1},
};

static struct object *call_builtin(enum builtin builtin, struct object **args, size_t n) {
    const char *name = builtins[builtin].name;
    if (n != builtins[builtin].n_args)
        fail("wrong number of arguments", name);
    if (builtin <= EQUAL) {
        if (args[0]->kind != INTEGER || args[1]->kind != INTEGER)
            fail("no integer", name);
        int32_t a = args[0]->integer, b = args[1]->integer;
        switch (builtin) {
        case ADD:
            return new_integer((int32_t)((uint32_t)a + (uint32_t)b));
        case SUBTRACT:
            return new_integer((int32_t)((uint32_t)a - (uint32_t)b));
        case MULTIPLY:
            return new_integer((int32_t)((uint32_t)a * (uint32_t)b));
        case QUOTIENT:
            return new_integer(quotient(a, b));
        case REMAINDER:
            return new_integer((int32_t)((uint32_t)a - (uint32_t)quotient(a, b) * (uint32_t)b));
        case LESS:
            return truth(a < b);
        default:
            return truth(a == b);
        }
    }
    switch (builtin) {
    case CONS:
        return new_object(PAIR, args[0], args[1], NULL);
    case CAR:
        return car(args[0]);
    case CDR:
        return cdr(args[0]);
    case IS_NULL:
        return truth(args[0] == nil);
    case IS_PAIR:
        return truth(args[0]->kind == PAIR);
    case IS_EQ:
        return truth(is_same(args[0], args[1]));
    default:
        print(args[0]);
        putchar('\n');
        return args[0];
    }
}

/* Where a name's value is: in the environment, or else with the symbol, which may have none. */
static struct object **variable(struct object *name, struct object *env) {
    if (name->kind != SYMBOL)
        fail("no name", NULL);
    for (; env != nil; env = env->slot[2])
        if (env->slot[0] == name)
            return &env->slot[1];
    return &name->global;
}

static struct object *eval(struct object *form, struct object *env);

/* Evaluates all of `body` but its last form, and returns that. */
static struct object *but_last(struct object *body, struct object *env) {
    for (; cdr(body) != nil; body = cdr(body))
        eval(car(body), env);
    return car(body);
}

/* The environment of a `let`, whose values are evaluated outside; `top` is a place on the stack for it. */
static struct object *bind_values(struct object *bindings, struct object *env, size_t top) {
    struct object *inner = env;
    for (; bindings != nil; bindings = cdr(bindings)) {
        stack[top] = inner;
        struct object *binding = car(bindings), *value = eval(car(cdr(binding)), env);
        inner = new_object(BINDING, car(binding), value, inner);
    }
    return inner;
}

static struct object *bind_args(struct object *closure, struct object **args, size_t n) {
    struct object *env = closure->slot[2], *names = closure->slot[0];
    for (; names != nil; names = cdr(names), n--) {
        if (n == 0)
            fail("too few arguments", NULL);
        env = new_object(BINDING, car(names), *args++, env);
    }
    if (n > 0)
        fail("too many arguments", NULL);
    return env;
}

static struct object *eval(struct object *form, struct object *env) {
    /* Two places that keep form and environment alive, and one for what is at work. */
    const size_t base = push(form);
    push(env);
    push(nil);
    struct object *result = nil;
    for (;;) {
        stack[base] = form;
        stack[base + 1] = env;
        n_stack = base + 3;
        collect_if_due();
        if (form->kind == SYMBOL) {
            result = *variable(form, env);
            if (!result)
                fail("unbound name", form->name);
            break;
        }
        if (form->kind != PAIR) {
            result = form;
            break;
        }
        struct object *head = form->slot[0], *rest = form->slot[1];
        if (head == s_quote) {
            result = car(rest);
            break;
        }
        if (head == s_if) {
            rest = eval(car(rest), env) != nil ? cdr(rest) : cdr(cdr(rest));
            form = car(rest);
            continue;
        }
        if (head == s_begin) {
            form = but_last(rest, env);
            continue;
        }
        if (head == s_let) {
            env = bind_values(car(rest), env, base + 2);
            stack[base + 1] = env;
            form = but_last(cdr(rest), env);
            continue;
        }
        if (head == s_lambda) {
            result = new_object(CLOSURE, car(rest), cdr(rest), env);
            break;
        }
        if (head == s_define || head == s_set) {
            result = eval(car(cdr(rest)), env);
            struct object **place = variable(car(rest), head == s_set ? env : nil);
            if (head == s_set && !*place)
                fail("unbound name", car(rest)->name);
            *place = result;
            break;
        }
        struct object *callee = eval(head, env);
        stack[base + 2] = callee;
        for (; rest != nil; rest = cdr(rest))
            push(eval(car(rest), env));
        struct object **args = &stack[base + 3];
        size_t n_args = n_stack - (base + 3);
        if (callee->kind == BUILTIN) {
            result = call_builtin((enum builtin)callee->integer, args, n_args);
            break;
        }
        if (callee->kind != CLOSURE)
            fail("this cannot be called", NULL);
        env = bind_args(callee, args, n_args);
        stack[base + 1] = env;
        n_stack = base + 3;
        form = but_last(callee->slot[1], env);
    }
    n_stack = base;
    return result;
}

int main(void) {
    size_t length;
    char *text = read_all(&length);
    struct object **const keywords[] = {&s_quote, &s_if, &s_define, &s_lambda, &s_let, &s_set, &s_begin, &s_t};
    const char *const names[] = {"quote", "if", "define", "lambda", "let", "set!", "begin", "t"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        *keywords[i] = intern(names[i], strlen(names[i]));
    s_t->global = s_t;
    for (size_t i = 0; i < sizeof builtins / sizeof *builtins; i++) {
        struct object *builtin = new_object(BUILTIN, NULL, NULL, NULL);
        builtin->integer = (int32_t)i;
        intern(builtins[i].name, strlen(builtins[i].name))->global = builtin;
    }
    for (at = text, skip_space(); *at; skip_space()) {
        struct object *form = read();
        struct object *value = eval(form, nil);
        if (form->kind == PAIR && form->slot[0] == s_define)
            continue;
        print(value);
        putchar('\n');
    }
    free_all();
    free(text);
    return 0;
}
