//! Arenas, over blocks that the system frees when a scope ends: run this under Miri to see that nothing is used after.

use std::{cell::Cell, fmt::Write, panic};

use sigil_alloc::{Arena, ArenaVec, Full};

#[test]
fn values_live_as_long_as_their_scope() {
    let total = sigil_alloc::scope(|arena| {
        let one = arena.alloc(1);
        let inner = arena.scope(|inner| {
            let two = inner.alloc(2);
            *one += 10;
            *two + inner.scope(|innermost| *innermost.alloc(*one))
        });
        let after = arena.alloc(100);
        *one + inner + *after
    });
    assert_eq!(total, 11 + 2 + 11 + 100);
}

#[test]
fn inner_values_refer_to_outer_ones() {
    #[derive(Clone, Copy)]
    struct Node<'a> {
        name: &'a str,
        next: Option<&'a Node<'a>>,
    }

    fn chain<'a>(arena: &Arena<'a>, names: &[&'a str]) -> Option<&'a Node<'a>> {
        names
            .iter()
            .rev()
            .fold(None, |next, name| Some(&*arena.alloc(Node { name, next })))
    }

    fn text(mut node: Option<&Node<'_>>) -> String {
        let mut text = String::new();
        while let Some(Node { name, next }) = node {
            text += name;
            node = *next;
        }
        text
    }

    let outside = String::from("outside");
    let text = sigil_alloc::scope(|arena| {
        let outer = chain(arena, &["a", "b", &outside]);
        let promoted = arena.promote(|inner| {
            let name = inner.copy("c");
            let both = Node { name, next: outer };
            assert_eq!(text(Some(&both)), "caboutside");
            inner.alloc(Node {
                name: "d",
                next: outer,
            })
        });
        text(Some(promoted))
    });
    assert_eq!(text, "daboutside");
}

#[test]
fn what_is_promoted_lives_on_and_can_be_promoted_again() {
    let text = String::from("to be, or not to be");
    let longest = sigil_alloc::scope(|arena| {
        let longest = arena.promote(|outer| {
            let words = outer.promote(|inner| {
                let mut words = ArenaVec::new();
                text.split(' ').for_each(|word| words.push(inner, word));
                words.into_slice()
            });
            words.sort_by_key(|word| word.len());
            // Overwrites what an exit that came too early would have freed.
            outer.fill(100, |_| 0xff_u8);
            outer.copy(words[words.len() - 1])
        });
        arena.fill(100, |_| 0xff_u8);
        longest.to_owned()
    });
    assert_eq!(longest, "not");
}

#[test]
fn alignments_hold_also_for_what_is_promoted() {
    #[derive(Clone, Copy, Debug, PartialEq)]
    #[repr(align(64))]
    struct Lanes([u8; 64]);

    fn is_aligned(lanes: &[Lanes]) -> bool {
        lanes.as_ptr().addr().is_multiple_of(64)
    }

    sigil_alloc::scope(|arena| {
        for n in 1..20 {
            arena.fill(n, |_| 0_u8);
            let lanes = arena.promote(|inner| {
                inner.fill(n, |_| 0_u8);
                let lanes = inner.fill(n, |index| Lanes([index as u8; 64]));
                assert!(is_aligned(lanes));
                lanes
            });
            assert!(is_aligned(lanes));
            assert!((0..n).all(|index| lanes[index] == Lanes([index as u8; 64])));
            let mut grown = ArenaVec::new();
            for value in &*lanes {
                grown.push(arena, *value);
                assert!(is_aligned(&grown));
            }
            assert_eq!(*grown, *lanes);
        }
    });
}

#[test]
fn nothing_is_something_too() {
    #[derive(Clone, Copy)]
    #[repr(align(32))]
    struct Nothing;

    sigil_alloc::scope(|arena| {
        let nothing: *const Nothing = arena.promote(|inner| inner.alloc(Nothing));
        assert!(nothing.addr().is_multiple_of(32));
        assert_eq!(arena.promote(|inner| inner.copy("")), "");
        assert_eq!(arena.fill(0, |index| index), []);
        let mut nothings = ArenaVec::new();
        (0..100).for_each(|_| nothings.push(arena, Nothing));
        assert_eq!(nothings.into_slice().len(), 100);
        assert_eq!(ArenaVec::<u64>::new().into_slice(), []);
    });
}

#[test]
fn as_much_of_nothing_as_can_be_counted() {
    sigil_alloc::scope(|arena| {
        let mut nothings = ArenaVec::new();
        nothings.extend_from_slice(arena, &[(); usize::MAX]);
        let caught = panic::catch_unwind(panic::AssertUnwindSafe(|| nothings.push(arena, ())));
        assert!(caught.is_err());
        nothings.truncate(1);
        let caught = panic::catch_unwind(panic::AssertUnwindSafe(|| {
            nothings.reserve(arena, usize::MAX);
        }));
        assert!(caught.is_err());
        assert_eq!(nothings.into_slice().len(), 1);
    });
}

#[test]
fn a_scope_that_has_nothing_to_promote_just_ends() {
    let outcome = sigil_alloc::scope(|arena| {
        let mut longest = "";
        for word in ["a", "abc", "ab"] {
            let found = arena.try_promote(|inner| {
                let word = inner.copy(word);
                if word.len() > longest.len() {
                    Ok(word)
                } else {
                    Err(word.len())
                }
            });
            match found {
                Ok(word) => longest = word,
                Err(length) => assert!(length <= longest.len()),
            }
        }
        longest.to_owned()
    });
    assert_eq!(outcome, "abc");
}

#[test]
fn a_vector_of_an_outer_scope_is_filled_inside_and_grows_outside() {
    sigil_alloc::scope(|arena| {
        let mut values = ArenaVec::with_capacity(arena, 4);
        let n_left = arena.scope(|inner| {
            let more = inner.fill(6, |index| index);
            let refused: Vec<_> = (more.iter())
                .filter_map(|value| values.push_within_capacity(*value).err())
                .collect();
            assert_eq!(refused, [Full(4), Full(5)]);
            refused.len()
        });
        values.reserve(arena, n_left);
        values.extend_from_slice(arena, &[4, 5]);
        assert_eq!(*values, [0, 1, 2, 3, 4, 5]);
        assert_eq!(values.pop(), Some(5));
        values.truncate(1);
        values[0] = 7;
        assert_eq!(values.into_slice(), [7]);
    });
}

#[test]
fn text_is_formatted_into_a_vector() {
    sigil_alloc::scope(|arena| {
        let mut text = ArenaVec::new();
        for number in 0..50 {
            write!(text.writer(arena), "{number},").expect("arenas do not fail");
        }
        let expected: String = (0..50).map(|number| format!("{number},")).collect();
        assert_eq!(*text, *expected.as_bytes());
    });
}

#[test]
fn scopes_end_when_a_panic_leaves_them() {
    let caught = panic::catch_unwind(|| {
        sigil_alloc::scope(|arena| {
            arena.alloc(1);
            arena.scope(|inner| {
                inner.alloc(2);
                panic!("on the way");
            })
        })
    });
    assert!(caught.is_err());
    // Both are closed: another outermost scope can open, and an inner one end early.
    sigil_alloc::scope(|arena| {
        let survivor = arena.alloc(3);
        let caught = panic::catch_unwind(panic::AssertUnwindSafe(|| {
            arena.promote(|inner| -> &i32 { panic!("of {}", inner.alloc(4)) });
        }));
        assert!(caught.is_err());
        assert_eq!(*survivor + *arena.alloc(5), 8);
    });
}

#[test]
fn there_is_one_outermost_scope() {
    let caught = panic::catch_unwind(|| sigil_alloc::scope(|_| sigil_alloc::scope(|_| ())));
    assert!(caught.is_err());
    sigil_alloc::scope(|_| ());
}

#[test]
fn each_thread_has_scopes_of_its_own() {
    let shared = Cell::new(0);
    sigil_alloc::scope(|arena| {
        let here = arena.alloc(1);
        std::thread::scope(|threads| {
            for _ in 0..4 {
                threads.spawn(|| sigil_alloc::scope(|there| *there.alloc(2)));
            }
        });
        shared.set(*here);
    });
    assert_eq!(shared.get(), 1);
}
