/* JSON, read into a tree and printed from there. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "read_all.h"

enum { TIMES = 20 };

enum kind { LITERAL, NUMBER, STRING, ARRAY, OBJECT };

struct text {
    char *bytes;
    size_t length;
};

/* A string's, number's or literal's text; an array's or object's children. */
struct value {
    enum kind kind;
    struct text text;
    struct member *members;
    size_t n_members, capacity;
};

/* Of an array, elements: they have no key. */
struct member {
    struct text key;
    struct value value;
};

struct parser {
    const char *at, *end;
};

struct counts {
    unsigned n[OBJECT + 1], depth;
};

static _Noreturn void end(const char *why) {
    puts(why);
    exit(1);
}

static void *or_end(void *block) {
    if (!block)
        end("no memory");
    return block;
}

/* ---- reading ---- */

static char peek(const struct parser *p) {
    return p->at < p->end ? *p->at : 0;
}

static char skip_space(struct parser *p) {
    while (p->at < p->end && strchr(" \t\r\n", *p->at) && *p->at)
        p->at++;
    return peek(p);
}

static void expect(struct parser *p, char wanted) {
    if (skip_space(p) != wanted)
        end("invalid");
    p->at++;
}

static uint32_t hex4(struct parser *p) {
    uint32_t code = 0;
    for (int i = 0; i < 4; i++) {
        char c = peek(p);
        int digit = c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
        if (digit < 0)
            end("invalid");
        code = code * 16 + (uint32_t)digit;
        p->at++;
    }
    return code;
}

/* The character that `\u` begins, with the second half of a pair where there is one. */
static uint32_t escaped(struct parser *p) {
    uint32_t code = hex4(p);
    if (code < 0xd800 || code >= 0xdc00)
        return code;
    if (p->end - p->at < 2 || p->at[0] != '\\' || p->at[1] != 'u')
        end("invalid");
    p->at += 2;
    uint32_t low = hex4(p);
    if (low < 0xdc00 || low >= 0xe000)
        end("invalid");
    return 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
}

static char *put_utf8(char *to, uint32_t code) {
    if (code < 0x80) {
        *to++ = (char)code;
        return to;
    }
    int n_more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    static const unsigned char lead[] = {0, 0xc0, 0xe0, 0xf0};
    *to++ = (char)(lead[n_more] | code >> 6 * n_more);
    while (n_more-- > 0)
        *to++ = (char)(0x80 | (code >> 6 * n_more & 0x3f));
    return to;
}

static struct text string(struct parser *p) {
    expect(p, '"');
    /* What an escape stands for is never longer than the escape. */
    const char *closing = p->at;
    while (closing < p->end && *closing != '"')
        closing += *closing == '\\' ? 2 : 1;
    if (closing >= p->end)
        end("invalid");
    char *bytes = or_end(malloc((size_t)(closing - p->at) + 1)), *to = bytes;
    while (p->at < closing) {
        char c = *p->at++;
        if (c != '\\') {
            *to++ = c;
            continue;
        }
        static const char names[] = "\"\\/bfnrt", stand_for[] = "\"\\/\b\f\n\r\t";
        c = *p->at++;
        const char *name = strchr(names, c);
        if (c == 'u')
            to = put_utf8(to, escaped(p));
        else if (name && c)
            *to++ = stand_for[name - names];
        else
            end("invalid");
    }
    p->at++;
    return (struct text){bytes, (size_t)(to - bytes)};
}

static struct text bare(struct parser *p) {
    const char *first = p->at;
    while (p->at < p->end && !strchr(" \t\r\n,]}:", *p->at))
        p->at++;
    size_t length = (size_t)(p->at - first);
    if (length == 0)
        end("invalid");
    return (struct text){memcpy(or_end(malloc(length)), first, length), length};
}

static struct value value(struct parser *p);

static struct member *push(struct value *parent) {
    if (parent->n_members == parent->capacity) {
        parent->capacity = parent->capacity ? 2 * parent->capacity : 4;
        parent->members = or_end(realloc(parent->members, parent->capacity * sizeof *parent->members));
    }
    return &parent->members[parent->n_members++];
}

static struct value container(struct parser *p, enum kind kind, char closing) {
    struct value found = {.kind = kind};
    p->at++;
    if (skip_space(p) != closing) {
        for (;;) {
            struct member member = {0};
            if (kind == OBJECT) {
                member.key = string(p);
                expect(p, ':');
            }
            member.value = value(p);
            *push(&found) = member;
            if (skip_space(p) != ',')
                break;
            p->at++;
            skip_space(p);
        }
    }
    expect(p, closing);
    return found;
}

static struct value value(struct parser *p) {
    char c = skip_space(p);
    if (c == '{')
        return container(p, OBJECT, '}');
    if (c == '[')
        return container(p, ARRAY, ']');
    if (c == '"')
        return (struct value){.kind = STRING, .text = string(p)};
    bool is_number = c == '-' || (c >= '0' && c <= '9');
    return (struct value){.kind = is_number ? NUMBER : LITERAL, .text = bare(p)};
}

static void drop(struct value *value) {
    for (size_t i = 0; i < value->n_members; i++) {
        free(value->members[i].key.bytes);
        drop(&value->members[i].value);
    }
    free(value->members);
    free(value->text.bytes);
}

/* ---- printing ---- */

struct output {
    char *bytes;
    size_t n, capacity;
};

static void put(struct output *out, const char *bytes, size_t length) {
    if (length > out->capacity - out->n) {
        out->capacity = 2 * out->capacity + length;
        out->bytes = or_end(realloc(out->bytes, out->capacity));
    }
    memcpy(out->bytes + out->n, bytes, length);
    out->n += length;
}

static void put_line(struct output *out, unsigned depth) {
    put(out, "\n", 1);
    while (depth-- > 0)
        put(out, "  ", 2);
}

static void put_string(struct output *out, struct text text) {
    static const char special[] = "\"\\\b\t\n\f\r", names[] = "\"\\btnfr";
    put(out, "\"", 1);
    for (size_t i = 0; i < text.length; i++) {
        char c = text.bytes[i];
        const char *found = c ? strchr(special, c) : NULL;
        char escape[8];
        if (found)
            put(out, escape, (size_t)snprintf(escape, sizeof escape, "\\%c", names[found - special]));
        else if ((unsigned char)c < 32)
            put(out, escape, (size_t)snprintf(escape, sizeof escape, "\\u%04x", (unsigned)c));
        else
            put(out, &c, 1);
    }
    put(out, "\"", 1);
}

static void put_value(struct output *out, const struct value *value, unsigned depth, struct counts *counts) {
    counts->n[value->kind]++;
    if (value->kind == STRING) {
        put_string(out, value->text);
        return;
    }
    if (value->kind < STRING) {
        put(out, value->text.bytes, value->text.length);
        return;
    }
    if (depth + 1 > counts->depth)
        counts->depth = depth + 1;
    const char *brackets = value->kind == OBJECT ? "{}" : "[]";
    put(out, brackets, 1);
    for (size_t i = 0; i < value->n_members; i++) {
        if (i)
            put(out, ",", 1);
        put_line(out, depth + 1);
        if (value->kind == OBJECT) {
            put_string(out, value->members[i].key);
            put(out, ": ", 2);
        }
        put_value(out, &value->members[i].value, depth + 1, counts);
    }
    if (value->n_members)
        put_line(out, depth);
    put(out, brackets + 1, 1);
}

int main(void) {
    size_t length;
    char *input = read_all(&length);
    for (int i = 1; i <= TIMES; i++) {
        struct parser parser = {input, input + length};
        struct value tree = value(&parser);
        if (skip_space(&parser) || parser.at != parser.end)
            end("invalid");
        struct output out = {0};
        struct counts counts = {0};
        put_value(&out, &tree, 0, &counts);
        drop(&tree);
        if (i == TIMES) {
            fwrite(out.bytes, 1, out.n, stdout);
            printf("\nobjects %u arrays %u strings %u numbers %u depth %u\n", counts.n[OBJECT], counts.n[ARRAY],
                   counts.n[STRING], counts.n[NUMBER], counts.depth);
        }
        free(out.bytes);
    }
    free(input);
    return 0;
}
