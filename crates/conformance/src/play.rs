//! Runs a program of [`Op`]s on a [`Player`].

use std::collections::BTreeMap;

use crate::{Bench, Call, Clause, Layout, Op, Player, ScopeName, Violation, model::PAGE_BYTES};

/// A block that large is not reallocated by a program: where it has to move, every byte is copied.
const COPIED_AT_MOST_BYTES: u32 = 16 << 20;

/// Runs `program` on a fresh instance.
///
/// # Errors
///
/// The first violation.
pub fn play(bench: &Bench<'_>, layout: Layout, program: &[Op]) -> Result<(), Violation> {
    let mut player = bench.open(layout)?;
    let mut closed = BTreeMap::new();
    program
        .iter()
        .try_for_each(|&op| perform(&mut player, &mut closed, op))
}

/// Runs one op, or passes over it where what it names is not alive.
fn perform(
    player: &mut Player<'_>,
    closed: &mut BTreeMap<ScopeName, u32>,
    op: Op,
) -> Result<(), Violation> {
    let pages = player.pages();
    let bytes = |player: &Player<'_>, size| player.model().resolve(size, pages);
    match op {
        Op::Alloc { block, size } => {
            let size = bytes(player, size);
            player.try_alloc(block, size).map(drop)
        }
        Op::ReallocNull {
            block,
            old_size,
            size,
        } => {
            let size = bytes(player, size);
            player.try_realloc_null(block, old_size, size).map(drop)
        }
        Op::Realloc { block, size } => {
            let size = bytes(player, size);
            match player.model().block(block) {
                Some(old) if old.size.min(size) <= COPIED_AT_MOST_BYTES => {
                    player.try_realloc(block, size).map(drop)
                }
                _ => Ok(()),
            }
        }
        Op::MemCopy {
            to,
            to_offset,
            from,
            from_offset,
            n,
        } => {
            let (Some(target), Some(source)) =
                (player.model().block(to), player.model().block(from))
            else {
                return Ok(());
            };
            let to_offset = within(to_offset, target.size);
            let from_offset = within(from_offset, source.size);
            let n = n
                .min(target.size - to_offset)
                .min(source.size - from_offset)
                .min(PAGE_BYTES);
            player.copy((to, to_offset), (from, from_offset), n)
        }
        Op::Enter { scope } => player.try_enter(scope).map(drop),
        Op::Exit { scope } => {
            remember(player, closed, scope);
            player.exit(scope)
        }
        Op::ExitClosed { scope } => {
            let Some(&handle) = closed.get(&scope) else {
                return Ok(());
            };
            if player
                .model()
                .scopes()
                .iter()
                .any(|open| open.handle == handle)
            {
                return Ok(());
            }
            player.traps(Call::ExitScope { handle }, Clause::S7)
        }
        Op::Promote {
            block,
            scope,
            source,
            size,
        } => {
            remember(player, closed, scope);
            player.try_promote(block, scope, source, size).map(drop)
        }
        Op::FreeAll => {
            if let Some(outermost) = player.model().scopes().first().map(|scope| scope.name) {
                remember(player, closed, outermost);
            }
            player.free_all()
        }
        Op::Free { block } => player.free(block),
        Op::AllocAligned {
            block,
            size,
            align_log2,
        } => {
            let size = bytes(player, size);
            player.try_aligned(block, size, 1 << align_log2).map(drop)
        }
        Op::AllocZeroed { block, size } => {
            let size = bytes(player, size);
            player.try_zeroed(block, size).map(drop)
        }
        Op::TryAlloc { block, size } => {
            let size = bytes(player, size);
            player.alloc_or_zero(block, size).map(drop)
        }
        Op::ResizeInPlace { block, size } => {
            let size = bytes(player, size);
            player.resize(block, size).map(drop)
        }
        Op::ForeignGrow { pages } => {
            player.grow_foreign(pages);
            Ok(())
        }
        Op::LimitGrowth { pages } => {
            player.limit_growth(pages);
            Ok(())
        }
        Op::LiftLimit => {
            player.lift_limit();
            Ok(())
        }
    }
}

/// An offset as a program says it, brought into a block of `size` bytes.
fn within(offset: u32, size: u32) -> u32 {
    if offset <= size {
        offset
    } else {
        offset % size.max(1)
    }
}

/// Keeps the handles of `scope` and of all inside it, to be tried again when they are closed.
fn remember(player: &Player<'_>, closed: &mut BTreeMap<ScopeName, u32>, scope: ScopeName) {
    let open = player.model().scopes();
    if let Some(depth) = open.iter().position(|open| open.name == scope) {
        closed.extend(open[depth..].iter().map(|open| (open.name, open.handle)));
    }
}
