//! Makes calls, tells the model, and stops at the first thing that is wrong.
//!
//! Every case, directed or random, makes its calls through a [`Player`], so that each call of each case
//! is held to the whole model, and a failure comes with the calls that led to it.

mod calls;
mod extension;
mod pages;

use crate::{
    BlockName, Call, Clause, Driver, Layout, Stop,
    contents::{Contents, Mismatch},
    listing::{Entry, Listing},
    model::{Model, PAGE_BYTES, Wrong},
};

/// What a conformer did wrong, and how it came to that.
#[derive(Clone, Debug)]
pub struct Violation {
    /// The clause that was broken.
    pub clause: Clause,
    /// What was seen, and what should have been.
    pub what: String,
    /// The calls that led to it.
    pub listing: Listing,
}

/// One instance under test.
pub struct Player<'a> {
    driver: Box<dyn Driver + 'a>,
    model: Model,
    listing: Listing,
    max_pages: u32,
    limit_pages: Option<u32>,
    names: u32,
    owner_preserving: bool,
}

/// How far memory may grow in a case that says nothing else: 64 MiB. A conformer that grows without end
/// meets it soon.
const USUAL_LIMIT_PAGES: u32 = 1024;

impl<'a> Player<'a> {
    /// Takes over a fresh instance. Whether it is `owner_preserving` says whose a block is that was
    /// reallocated (S6).
    pub(crate) fn new(
        mut driver: Box<dyn Driver + 'a>,
        layout: Layout,
        owner_preserving: bool,
    ) -> Self {
        let heap_base = driver.heap_base();
        let max_pages = layout.max_pages.unwrap_or(1 << 16);
        let model = Model::new(layout, heap_base, driver.memory());
        let mut player = Self {
            driver,
            model,
            listing: Listing::default(),
            max_pages,
            limit_pages: None,
            names: 0,
            owner_preserving,
        };
        player.allow_pages(USUAL_LIMIT_PAGES.max(layout.initial_pages));
        player.listing = Listing::default();
        player
    }

    /// The oracle.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// The calls so far.
    pub fn listing(&self) -> &Listing {
        &self.listing
    }

    /// The memory's size, in wasm pages.
    pub fn pages(&mut self) -> u32 {
        self.driver.pages()
    }

    /// How many pages the allocator may still obtain.
    fn growable_pages(&mut self) -> u32 {
        self.limit_pages
            .unwrap_or(u32::MAX)
            .min(self.max_pages)
            .saturating_sub(self.pages())
    }

    /// What memory holds from `address` on; nothing where it cannot be seen.
    pub fn bytes(&mut self, address: u32, n: u32) -> Vec<u8> {
        let start = address as usize;
        let memory = self.driver.memory().unwrap_or_default();
        memory
            .get(start..start + n as usize)
            .map(<[u8]>::to_vec)
            .unwrap_or_default()
    }

    /// How much fuel the last call took, where that is counted.
    pub fn fuel_used(&self) -> Option<u64> {
        self.driver.fuel_used()
    }

    /// A name that was not used before.
    pub(crate) fn next_name(&mut self) -> u32 {
        self.names += 1;
        self.names
    }

    /// A violation, here and now.
    pub fn violation(&self, clause: Clause, what: impl Into<String>) -> Violation {
        Violation {
            clause,
            what: what.into(),
            listing: self.listing.clone(),
        }
    }

    /// Holds if `holds`.
    ///
    /// # Errors
    ///
    /// A violation of `clause`, if not.
    pub fn check(
        &self,
        holds: bool,
        clause: Clause,
        what: impl FnOnce() -> String,
    ) -> Result<(), Violation> {
        if holds {
            Ok(())
        } else {
            Err(self.violation(clause, what()))
        }
    }

    fn wrong(&self, (clause, what): Wrong) -> Violation {
        self.violation(clause, what)
    }

    /// Compares every known byte; what `clause` says of the call is to blame where one has changed.
    fn verify(&mut self, blame: Clause) -> Result<(), Violation> {
        let Some(memory) = self.driver.memory() else {
            return Ok(());
        };
        self.model.verify(memory).map_err(|(clause, what)| {
            self.violation(if clause == Clause::A1 { blame } else { clause }, what)
        })
    }

    /// Makes a call and writes it down, whatever comes of it.
    ///
    /// # Errors
    ///
    /// Where it does not return.
    pub fn raw(&mut self, call: Call) -> Result<u32, Stop> {
        // Who asks this way asks for 32 bits.
        self.wide(call).map(|result| result as u32)
    }

    /// The same for a result of 64 bits.
    ///
    /// # Errors
    ///
    /// As [`Player::raw`].
    pub fn wide(&mut self, call: Call) -> Result<u64, Stop> {
        let outcome = self.driver.call(call);
        self.listing.push(Entry::Called {
            call,
            outcome: outcome.clone(),
        });
        outcome
    }

    /// What it means that a call which should have succeeded did not return.
    fn stopped(&self, call: Call, stop: &Stop) -> Violation {
        self.violation(call.clause(), format!("`{call}` {stop}"))
    }

    /// A call that may find memory exhausted: `None`, and the heap is as it was, where it does.
    fn served(&mut self, call: Call, size: u32) -> Result<Option<u32>, Violation> {
        let growable = self.growable_pages();
        match self.raw(call) {
            Ok(result) => Ok(Some(result)),
            Err(Stop::Exhausted) => {
                self.verify(Clause::H6)?;
                let ample = u64::from(size) * 3 / 2 + u64::from(PAGE_BYTES);
                let fits = ample <= u64::from(growable) * u64::from(PAGE_BYTES);
                self.check(!fits, Clause::H5, || {
                    format!(
                        "`{call}` exhausted memory, although {growable} pages were still to be had"
                    )
                })?;
                Ok(None)
            }
            Err(stop @ Stop::Trap(_)) => {
                let fits = u64::from(size) <= u64::from(growable) * u64::from(PAGE_BYTES);
                let clause = if fits { call.clause() } else { Clause::H5 };
                Err(self.violation(clause, format!("`{call}` {stop}; no growth was refused")))
            }
            Err(stop) => Err(self.stopped(call, &stop)),
        }
    }

    /// A new block is where the allocator says, begins with `kept`, and is then painted all over.
    fn placed(
        &mut self,
        name: BlockName,
        address: u32,
        size: u32,
        kept: &Contents,
        blame: Clause,
    ) -> Result<(), Violation> {
        self.listing.name(name.to_string());
        let pages = self.driver.pages();
        self.model
            .place(name, address, size, pages)
            .map_err(|wrong| self.wrong(wrong))?;
        self.verify(if blame == Clause::R2 {
            Clause::A1
        } else {
            blame
        })?;
        let Some(memory) = self.driver.memory() else {
            return Ok(());
        };
        if let Some(Mismatch {
            offset,
            expected,
            found,
        }) = kept.mismatch(memory, address)
        {
            let what = format!(
                "byte {offset} of `{name}` at {address:#x} is {found:#04x}, and should be {expected:#04x}"
            );
            return Err(self.violation(blame, what));
        }
        let contents = Contents::painted(name.0.wrapping_mul(31).wrapping_add(address), size);
        contents.write(memory, address);
        self.model.fill(name, contents);
        Ok(())
    }

    /// Somebody else grows the memory; nothing happens where it does not grow.
    pub fn grow_foreign(&mut self, delta_pages: u32) {
        if let Some(old_pages) = self.driver.grow_foreign(delta_pages) {
            self.listing.push(Entry::ForeignGrow { pages: delta_pages });
            self.model
                .grew_foreign(old_pages, delta_pages, self.driver.memory());
        }
    }

    /// Memory grows up to `pages` in all and no further.
    pub fn allow_pages(&mut self, pages: u32) {
        self.listing.push(Entry::Allow { pages });
        self.limit_pages = Some(pages);
        self.driver.limit_pages(Some(pages));
    }

    /// Memory grows by `pages` from here and no further.
    pub fn limit_growth(&mut self, pages: u32) {
        let pages = self.pages() + pages;
        self.allow_pages(pages);
    }

    /// Memory grows as far as in any case.
    pub fn lift_limit(&mut self) {
        let pages = USUAL_LIMIT_PAGES.max(self.pages());
        self.allow_pages(pages);
    }

    /// A call that must find memory exhausted, and change nothing.
    ///
    /// # Errors
    ///
    /// Where it does anything else.
    pub fn exhausts(&mut self, call: Call) -> Result<(), Violation> {
        match self.raw(call) {
            Err(Stop::Exhausted) => self.verify(match call {
                Call::Realloc { .. } => Clause::R4,
                _ => Clause::H6,
            }),
            Ok(result) => {
                let what =
                    format!("`{call}` returned {result:#x}, and cannot have the memory for it");
                Err(self.violation(Clause::H5, what))
            }
            Err(stop) => {
                let what = format!("`{call}` {stop}; it should be refused a growth first");
                Err(self.violation(Clause::H5, what))
            }
        }
    }

    /// A call that must trap, not for want of memory, and change nothing.
    ///
    /// # Errors
    ///
    /// Where it does anything else; a violation of `clause`.
    pub fn traps(&mut self, call: Call, clause: Clause) -> Result<(), Violation> {
        match self.raw(call) {
            Err(Stop::Trap(_)) => self.verify(clause),
            Ok(_) => Err(self.violation(clause, format!("`{call}` returned, and should trap"))),
            Err(stop) => {
                Err(self.violation(clause, format!("`{call}` {stop}, and should just trap")))
            }
        }
    }
}
