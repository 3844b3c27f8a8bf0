//! The calls of the interface `pages`, each with what the model expects of it.

use super::{Player, Violation};
use crate::{
    Call,
    Clause::{self, *},
    PageCall,
    model::PAGE_BYTES,
};

/// What a conformer may take beside a reservation, for its own records: 512 KiB, twice over for a byte per page.
const ROOM_BYTES: u64 = 512 << 10;

impl Player<'_> {
    /// What a function of `pages` answers; a violation of its clause where it does not return.
    ///
    /// # Errors
    ///
    /// Where the contract is broken.
    pub fn page_call(&mut self, call: PageCall) -> Result<u64, Violation> {
        let call = Call::OfPages(call);
        self.wide(call).map_err(|stop| self.stopped(call, &stop))
    }

    /// The answer of a function of `pages` that says whether it did what was asked for.
    fn page_bool(&mut self, call: PageCall) -> Result<bool, Violation> {
        match self.page_call(call)? {
            0 => Ok(false),
            1 => Ok(true),
            other => {
                let what = format!("`{call}` is {other}, no bool");
                Err(self.violation(call.clause(), what))
            }
        }
    }

    /// The bytes of a page.
    ///
    /// # Errors
    ///
    /// Where the contract is broken.
    pub fn page_bytes(&mut self) -> Result<u32, Violation> {
        let known = self.model.pages.page_bytes();
        if known != 0 {
            return Ok(known);
        }
        let answer = self.page_call(PageCall::PageSize)?;
        let size = u32::try_from(answer).unwrap_or(0);
        self.check(size.is_power_of_two(), P1, || {
            format!("a page has {answer} bytes, no power of two")
        })?;
        self.model.pages.set_page_bytes(size);
        Ok(size)
    }

    /// `reserve(bytes, align, flags)`; `None` where that is 0. What is committed has what its flags say, and is
    /// painted.
    ///
    /// # Errors
    ///
    /// Where the contract is broken.
    pub fn try_reserve(
        &mut self,
        bytes: u32,
        align: u32,
        flags: u32,
    ) -> Result<Option<u32>, Violation> {
        let page_bytes = self.page_bytes()?;
        let growable = u64::from(self.growable_pages()) * u64::from(PAGE_BYTES);
        let call = PageCall::Reserve {
            bytes,
            align,
            flags,
        };
        let legal = bytes > 0 && (align == 0 || align.is_power_of_two()) && flags < 4;
        let ptr = self.page_call(call)? as u32;
        if ptr == 0 {
            self.verify(P1)?;
            let ample = u64::from(bytes) * 3 / 2 + u64::from(align) + ROOM_BYTES;
            self.check(!legal || ample > growable, P1, || {
                format!("`{call}` is 0, although {growable} bytes were still to be had")
            })?;
            return Ok(None);
        }
        self.check(legal, P1, || {
            format!("`{call}` is {ptr:#x}, and asks for what there is not")
        })?;
        self.check(ptr.is_multiple_of(page_bytes.max(align)), P1, || {
            format!("`{call}` is {ptr:#x}, which is not aligned")
        })?;
        let size = bytes.next_multiple_of(page_bytes);
        let pages = self.driver.pages();
        let apart = self.model.apart(&format!("`{call}`"), ptr, size, pages);
        apart.map_err(|(_, what)| self.violation(P1, what))?;
        let range = self.range(ptr, bytes);
        self.model.pages.reserve(range.clone());
        if flags & 1 == 0 {
            self.see(range, flags & 2 != 0, P2)?;
        }
        self.verify(P2)?;
        Ok(Some(ptr))
    }

    /// The same where memory cannot be wanting.
    ///
    /// # Errors
    ///
    /// Where the contract is broken.
    pub fn reserve(&mut self, bytes: u32, flags: u32) -> Result<u32, Violation> {
        let found = self.try_reserve(bytes, 0, flags)?;
        found.ok_or_else(|| self.violation(P1, format!("{bytes} bytes could not be reserved")))
    }

    /// The pages of a range that is one.
    fn range(&self, ptr: u32, bytes: u32) -> std::ops::Range<u32> {
        self.model.pages.covered(ptr, bytes).unwrap_or_default()
    }

    /// The pages are committed; what was not is zero.
    fn see(
        &mut self,
        pages: std::ops::Range<u32>,
        anything: bool,
        blame: Clause,
    ) -> Result<(), Violation> {
        let memory = self.driver.memory();
        let outcome = self.model.pages.commit(pages, anything, memory);
        outcome.map_err(|(_, what)| self.violation(blame, what))
    }

    /// A call that answers `true` exactly where every page of its range is reserved; whether it did.
    fn on_reserved(&mut self, call: PageCall, ptr: u32, bytes: u32) -> Result<bool, Violation> {
        let pages = self.model.pages.covered(ptr, bytes);
        let expected = pages.is_some_and(|pages| self.model.pages.are_reserved(pages));
        let done = self.page_bool(call)?;
        self.check(done == expected, call.clause(), || {
            format!("`{call}` is {done}, and should be {expected}")
        })?;
        Ok(done)
    }

    /// `commit(ptr, bytes)`; whether it did.
    ///
    /// # Errors
    ///
    /// Where the contract is broken.
    pub fn commit(&mut self, ptr: u32, bytes: u32) -> Result<bool, Violation> {
        self.page_bytes()?;
        let done = self.on_reserved(PageCall::Commit { ptr, bytes }, ptr, bytes)?;
        self.verify(P3)?;
        if done {
            self.see(self.range(ptr, bytes), false, P3)?;
        }
        Ok(done)
    }

    /// `decommit(ptr, bytes)`; whether it did.
    ///
    /// # Errors
    ///
    /// Where the contract is broken.
    pub fn decommit(&mut self, ptr: u32, bytes: u32) -> Result<bool, Violation> {
        self.page_bytes()?;
        let done = self.on_reserved(PageCall::Decommit { ptr, bytes }, ptr, bytes)?;
        if done {
            let range = self.range(ptr, bytes);
            self.model.pages.decommit(range);
        }
        self.verify(P4)?;
        Ok(done)
    }

    /// `reset(ptr, bytes)`; whether the contents were dropped.
    ///
    /// # Errors
    ///
    /// Where the contract is broken.
    pub fn reset(&mut self, ptr: u32, bytes: u32) -> Result<bool, Violation> {
        self.page_bytes()?;
        let pages = self.model.pages.covered(ptr, bytes);
        let mut committed = pages.clone().unwrap_or_default();
        let is_live = pages.is_some() && committed.all(|page| self.model.pages.is_committed(page));
        let call = PageCall::Reset { ptr, bytes };
        let dropped = self.page_bool(call)?;
        self.check(is_live || !dropped, P5, || {
            format!("`{call}` is true, and not all of it is committed")
        })?;
        if dropped {
            let memory = self.driver.memory();
            self.model
                .pages
                .drop_contents(pages.unwrap_or_default(), memory);
        }
        self.verify(P5)?;
        Ok(dropped)
    }

    /// `release(ptr)`.
    ///
    /// # Errors
    ///
    /// Where the contract is broken.
    pub fn release(&mut self, ptr: u32) -> Result<(), Violation> {
        self.page_bytes()?;
        self.page_call(PageCall::Release { ptr })?;
        if let Some(pages) = self.model.pages.reservation(ptr) {
            self.model.pages.free(pages);
        }
        self.freed()
    }

    /// `unmap(ptr, bytes)`.
    ///
    /// # Errors
    ///
    /// Where the contract is broken.
    pub fn unmap(&mut self, ptr: u32, bytes: u32) -> Result<(), Violation> {
        self.page_bytes()?;
        self.page_call(PageCall::Unmap { ptr, bytes })?;
        let pages = self.range(ptr, bytes);
        self.model.pages.free(pages);
        self.freed()
    }

    /// Everything else is as it was, and `used` says what is left.
    fn freed(&mut self) -> Result<(), Violation> {
        self.verify(P6)?;
        let used = self.page_call(PageCall::Used)?;
        let expected = self.model.pages.used();
        self.check(used == expected, P6, || {
            format!("{used} bytes are reserved, and should be {expected}")
        })
    }

    /// `resize-in-place(ptr, old, new)`; whether that was done.
    ///
    /// # Errors
    ///
    /// Where the contract is broken.
    pub fn resize_pages(&mut self, ptr: u32, old: u32, new: u32) -> Result<bool, Violation> {
        let page_bytes = self.page_bytes()?;
        let call = PageCall::Resize { ptr, old, new };
        let done = self.page_bool(call)?;
        let Some(pages) = self.model.pages.reservation(ptr) else {
            self.check(!done, P7, || {
                format!("`{call}` is true, and nothing begins there")
            })?;
            return self.verify(P7).map(|()| false);
        };
        let n = |bytes: u32| bytes.div_ceil(page_bytes);
        let legal = n(old) == pages.len() as u32 && new > 0;
        self.check(legal || !done, P7, || {
            format!("`{call}` is true, and no such reservation can become one of that size")
        })?;
        let shrinks = legal && n(new) <= n(old);
        self.check(done || !shrinks, P7, || {
            format!("`{call}` is false, and asks for no page more")
        })?;
        if done {
            let end = pages.start + n(new);
            if end < pages.end {
                self.model.pages.free(end..pages.end);
            } else if end > pages.end {
                let size = (end - pages.end) * page_bytes;
                let (at, memory_pages) = (pages.end * page_bytes, self.driver.pages());
                let apart = self
                    .model
                    .apart(&format!("`{call}`"), at, size, memory_pages);
                apart.map_err(|(_, what)| self.violation(P7, what))?;
                self.model.pages.extend(pages.end..end);
                if self.model.pages.is_committed(pages.end - 1) {
                    self.see(pages.end..end, false, P7)?;
                }
            }
        }
        self.verify(P7)?;
        Ok(done)
    }

    /// `limit`, `used` and `available`, if they fit together.
    ///
    /// # Errors
    ///
    /// Where the contract is broken.
    pub fn page_numbers(&mut self) -> Result<[u64; 3], Violation> {
        let limit = self.page_call(PageCall::Limit)?;
        let used = self.page_call(PageCall::Used)?;
        let available = self.page_call(PageCall::Available)?;
        let expected = self.model.pages.used();
        self.check(used == expected, P8, || {
            format!("`used` is {used}, and {expected} bytes are reserved")
        })?;
        let memory = u64::from(self.pages()) * u64::from(PAGE_BYTES);
        self.check((memory..=1 << 32).contains(&limit), P8, || {
            format!("`limit` is {limit}, in a memory of {memory} bytes")
        })?;
        self.check(used + available <= limit, P8, || {
            format!("{used} bytes used and {available} available are more than the limit, {limit}")
        })?;
        Ok([limit, used, available])
    }
}
