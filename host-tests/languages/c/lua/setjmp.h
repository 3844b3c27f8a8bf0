/* wasi-libc has no setjmp: with `LUAI_THROW` and `LUAI_TRY` defined (lua_on_wasi.h), Lua needs its type alone. */
typedef int jmp_buf[1];
