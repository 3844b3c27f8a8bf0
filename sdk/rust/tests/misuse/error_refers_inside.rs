//! `lifetime may not live long enough`: where nothing is promoted, the reason refers to what is freed.

pub fn reason() -> usize {
    sigil_alloc::scope(|arena| {
        let outcome: Result<&mut str, &str> = arena.try_promote(|inner| {
            let reason: &str = inner.copy("a reason");
            #[cfg(misuse)]
            return Err(reason);
            #[cfg(not(misuse))]
            return Err(&"another reason"[reason.len()..]);
        });
        outcome.map_or_else(str::len, |text| text.len())
    })
}
