//! Looks at every page and every summary, and says what cannot be.

extern crate std;

use std::{format, string::String};

use crate::{
    PageSource,
    page_layer::{LAST_PAGE, PER_WASM_PAGE, PageLayer, planes::Plane},
};

/// What a page is to the layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageState {
    /// Nobody's, and zero.
    FreeZero,
    /// Nobody's, and holding anything.
    FreeDirty,
    /// Reserved and committed.
    Live,
    /// Reserved, not committed, and zero.
    DecommittedZero,
    /// Reserved, not committed, and holding anything.
    DecommittedDirty,
    /// Not the layer's to hand out.
    Foreign,
}

impl PageLayer {
    /// The state of a page.
    ///
    /// # Errors
    ///
    /// Where its bits contradict each other.
    pub fn state<M: PageSource>(&self, memory: &M, page: u32) -> Result<PageState, String> {
        let [free, reserved, committed, dirty, start] = [
            Plane::Free,
            Plane::Reserved,
            Plane::Committed,
            Plane::Dirty,
            Plane::Start,
        ]
        .map(|plane| self.bit(memory, plane, page));
        Ok(match (free, reserved, committed, dirty, start) {
            (true, false, false, false, false) => PageState::FreeZero,
            (true, false, false, true, false) => PageState::FreeDirty,
            (false, true, true, true, _) => PageState::Live,
            (false, true, false, false, _) => PageState::DecommittedZero,
            (false, true, false, true, _) => PageState::DecommittedDirty,
            (false, false, false, _, false) => PageState::Foreign,
            bits => return Err(format!("page {page} has the bits {bits:?}")),
        })
    }

    /// Looks at everything.
    ///
    /// # Errors
    ///
    /// What is wrong, if something is.
    pub fn walk<M: PageSource>(&self, memory: &M) -> Result<(), String> {
        let end = memory.size_pages() * PER_WASM_PAGE;
        let (mut n_free, mut n_reserved) = (0, 0);
        let mut before = PageState::Foreign;
        for page in 0..end {
            let state = self.state(memory, page)?;
            let is_reserved = |state| {
                !matches!(
                    state,
                    PageState::FreeZero | PageState::FreeDirty | PageState::Foreign
                )
            };
            n_free += u32::from(matches!(state, PageState::FreeZero | PageState::FreeDirty));
            n_reserved += u32::from(is_reserved(state));
            let starts = self.bit(memory, Plane::Start, page);
            if is_reserved(state) && !is_reserved(before) && !starts {
                return Err(format!(
                    "page {page} is reserved, and no reservation begins there"
                ));
            }
            if page == LAST_PAGE && state != PageState::Foreign {
                return Err(format!("the last page is {state:?}"));
            }
            before = state;
        }
        if (n_free, n_reserved) != (self.n_free, self.n_reserved) {
            let counted = (self.n_free, self.n_reserved);
            return Err(format!(
                "{n_free} pages are free and {n_reserved} reserved, not {counted:?}"
            ));
        }
        for region in 0..LAST_PAGE.div_ceil(256) {
            let (packed, counted) = (self.packed(memory, region), self.counted(memory, region));
            if packed != counted.packed() {
                return Err(format!(
                    "the summary of region {region} is {packed:#x}, not {counted:?}"
                ));
            }
            if packed != 0 && !(self.low_region..self.top_region).contains(&region) {
                return Err(format!(
                    "region {region} has free pages and is not searched"
                ));
            }
        }
        Ok(())
    }
}
