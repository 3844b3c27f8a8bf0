/* What Lua is told of this platform, in front of each of its files. */

/* No signal interrupts a script. */
#define l_signalT int

/* Without setjmp, an error ends the program: `pcall` catches nothing, and a coroutine cannot yield. */
struct lua_State;
_Noreturn void end_with_error(struct lua_State *L, int status);
#define LUAI_THROW(L, jump) end_with_error((L), (jump)->status)
#define LUAI_TRY(L, jump, function, data) ((function)((L), (data)))

/* The same run each time. */
#define luai_makeseed() 0x5eed
#define l_randomizePivot(L) 0u
