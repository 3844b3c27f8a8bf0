//! What every page is, found out from the calls alone.

use std::collections::BTreeMap;

use crate::page_layer::{LAZY, NO_ZERO, PAGE_BYTES, PAGE_LOG2, walker::PageState};

/// A reserved page.
#[derive(Clone, Copy, Debug)]
pub(super) struct Page {
    pub committed: bool,
    /// Whether somebody may have written to it since it was zero.
    pub dirty: bool,
    /// The number of its reservation.
    pub owner: u32,
}

/// The state of every page that was ever reserved.
#[derive(Debug, Default)]
pub(super) struct Model {
    pub reserved: BTreeMap<u32, Page>,
    /// Free pages that may hold something.
    pub dirty: BTreeMap<u32, ()>,
    pub owners: u32,
    /// How many bytes had to be cleared: those of dirty pages that somebody got to see.
    pub cleared: u64,
}

/// The pages that have a byte of a range.
pub(super) fn covered(ptr: u32, bytes: u32) -> std::ops::Range<u32> {
    let end = (u64::from(ptr) + u64::from(bytes)).div_ceil(PAGE_BYTES.into()) as u32;
    if bytes == 0 {
        0..0
    } else {
        ptr >> PAGE_LOG2..end
    }
}

impl Model {
    /// The layer says that it reserved `bytes` at `ptr`.
    pub(super) fn reserved(&mut self, ptr: u32, bytes: u32, flags: u32) {
        self.owners += 1;
        for page in covered(ptr, bytes) {
            let state = Page {
                committed: false,
                dirty: self.dirty.remove(&page).is_some(),
                owner: self.owners,
            };
            let twice = self.reserved.insert(page, state);
            assert!(twice.is_none(), "page {page} is reserved twice");
            if flags & LAZY == 0 {
                self.see(page, flags & NO_ZERO == 0);
            }
        }
    }

    /// A page is committed.
    fn see(&mut self, page: u32, zero: bool) {
        let state = self.reserved.get_mut(&page).expect("it is reserved");
        if !state.committed && zero && state.dirty {
            self.cleared += u64::from(PAGE_BYTES);
        }
        state.committed = true;
        state.dirty = true;
    }

    pub(super) fn commit(&mut self, ptr: u32, bytes: u32) -> bool {
        let range = covered(ptr, bytes);
        if !range.clone().all(|page| self.reserved.contains_key(&page)) {
            return false;
        }
        range.for_each(|page| self.see(page, true));
        true
    }

    pub(super) fn decommit(&mut self, ptr: u32, bytes: u32) -> bool {
        let range = covered(ptr, bytes);
        if !range.clone().all(|page| self.reserved.contains_key(&page)) {
            return false;
        }
        for page in range {
            self.reserved
                .get_mut(&page)
                .expect("it is reserved")
                .committed = false;
        }
        true
    }

    pub(super) fn unmap(&mut self, ptr: u32, bytes: u32) {
        let range = covered(ptr, bytes);
        // What is left behind the range gets a number of its own.
        if let Some(behind) = self.reserved.get(&range.end).copied()
            && self
                .reserved
                .get(&(range.end.wrapping_sub(1)))
                .is_some_and(|last| last.owner == behind.owner)
        {
            self.owners += 1;
            for page in range.end.. {
                match self.reserved.get_mut(&page) {
                    Some(state) if state.owner == behind.owner => state.owner = self.owners,
                    _ => break,
                }
            }
        }
        for page in range {
            if self.reserved.remove(&page).is_some_and(|state| state.dirty) {
                self.dirty.insert(page, ());
            }
        }
    }

    /// How many pages the reservation has that begins at `ptr`; 0 where none does.
    pub(super) fn length(&self, ptr: u32) -> u32 {
        let first = ptr >> PAGE_LOG2;
        let Some(state) = self.reserved.get(&first) else {
            return 0;
        };
        let same = |page: &u32| {
            self.reserved
                .get(page)
                .is_some_and(|other| other.owner == state.owner)
        };
        if !ptr.is_multiple_of(PAGE_BYTES) || first > 0 && same(&(first - 1)) {
            return 0;
        }
        (first..).take_while(same).count() as u32
    }

    /// The layer says that the reservation at `ptr` has `new` pages now.
    pub(super) fn resized(&mut self, ptr: u32, new: u32) {
        let old = self.length(ptr);
        let first = ptr >> PAGE_LOG2;
        if new < old {
            self.unmap((first + new) << PAGE_LOG2, (old - new) << PAGE_LOG2);
            return;
        }
        let last = self.reserved[&(first + old - 1)];
        for page in first + old..first + new {
            let dirty = self.dirty.remove(&page).is_some();
            let state = Page {
                committed: false,
                dirty,
                owner: last.owner,
            };
            assert!(
                self.reserved.insert(page, state).is_none(),
                "page {page} is reserved twice"
            );
            if last.committed {
                self.see(page, true);
            }
        }
    }

    /// What the layer should say of a page, as far as the calls tell.
    pub(super) fn agrees(&self, page: u32, state: PageState) -> bool {
        match self.reserved.get(&page) {
            Some(Page {
                committed: true, ..
            }) => state == PageState::Live,
            Some(Page { dirty: true, .. }) => state == PageState::DecommittedDirty,
            Some(_) => state == PageState::DecommittedZero,
            None if self.dirty.contains_key(&page) => state == PageState::FreeDirty,
            None => matches!(state, PageState::FreeZero | PageState::Foreign),
        }
    }
}
