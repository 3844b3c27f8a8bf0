/* Lua runs the script on standard input, with one `lua_Alloc` straight over `sized`: Lua tells the size of what it gives back,
 * so that no block has a header. With OWN it is Lua's stock allocator, on the C library's realloc and free.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lauxlib.h"
#include "lua.h"
#include "lualib.h"

#include "../read_all.h"
#include "sigil.h"

_Noreturn void end_with_error(lua_State *L, int status) {
    const char *message = status == LUA_YIELD ? "a coroutine yields" : lua_tostring(L, -1);
    fprintf(stderr, "lua: %s\n", message ? message : "an error that is no text");
    exit(1);
}

#ifndef OWN
/* `old_size` is no size where there is no block yet. */
static void *allocate(void *data, void *block, size_t old_size, size_t size) {
    (void)data;
    if (!block)
        return size ? sigil_try_alloc(size) : NULL;
    if (!size) {
        sigil_free(block, old_size);
        return NULL;
    }
    if (sigil_resize_in_place(block, old_size, size))
        return block;
    void *moved = sigil_try_alloc(size);
    if (moved) {
        sigil_mem_copy(moved, block, old_size < size ? old_size : size);
        sigil_free(block, old_size);
    }
    return moved;
}
#endif

/* Those that need neither files nor `yield`. */
static const luaL_Reg LIBRARIES[] = {
    {LUA_GNAME, luaopen_base},
    {LUA_TABLIBNAME, luaopen_table},
    {LUA_STRLIBNAME, luaopen_string},
    {LUA_MATHLIBNAME, luaopen_math},
    {LUA_UTF8LIBNAME, luaopen_utf8},
};

int main(void) {
#ifdef OWN
    lua_State *L = luaL_newstate();
#else
    lua_State *L = lua_newstate(allocate, NULL, luaL_makeseed(NULL));
#endif
    if (!L) {
        fputs("lua: no memory\n", stderr);
        return 1;
    }
    for (size_t i = 0; i < sizeof LIBRARIES / sizeof *LIBRARIES; i++) {
        luaL_requiref(L, LIBRARIES[i].name, LIBRARIES[i].func, 1);
        lua_pop(L, 1);
    }
    size_t length;
    char *script = read_all(&length);
    if (luaL_loadbufferx(L, script, length, "=script", "t") != LUA_OK)
        end_with_error(L, LUA_ERRSYNTAX);
    lua_call(L, 0, 0);
    lua_close(L);
    free(script);
    return 0;
}
