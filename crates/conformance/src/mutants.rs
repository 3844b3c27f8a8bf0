//! Conformers that are broken on purpose, one fault each: what the suite is tested with.
//!
//! A mutant is the handwritten conformer with a few lines changed, and is kept as that change: what is
//! replaced, and by what. Where the fault is in an extension, it is the handwritten conformer [`extended`]
//! by those. Every text that is replaced must occur exactly once, so that a change of the
//! conformer cannot make a mutant harmless unnoticed. A mutant is caught when a case of the clause that
//! it breaks fails; one that survives fails the build, and so does a case that catches none.

mod core;
mod extension;
mod heap;
mod pages;
mod scope;

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::{
    Clause, Conformer, Effort, Features, feature,
    suite::{self, Options},
};

/// The conformer that all mutants are made of.
pub const ORIGINAL: &str = include_str!("../../../host-tests/conformers/handwritten.wat");

/// What is changed in the original so that a growth can be refused without a trap, for `try-alloc` and
/// `resize-in-place`.
const TRYING: &[(&str, &str)] = &[
    (
        "    (if (i32.eq (local.get $pages) (i32.const -1))\n      (then (unreachable)))\n",
        "    (if (i32.eq (local.get $pages) (i32.const -1))
      (then
        (if (global.get $trying)
          (then
            (global.set $failed (i32.const 1))
            (return (i32.const 0))))
        (unreachable)))\n",
    ),
    (
        "    (loop $upwards\n      (if (local.get $chunk)\n",
        "    (loop $upwards
      (if (global.get $failed)
        (then (return (i32.const 0))))
      (if (local.get $chunk)\n",
    ),
    (
        "          (call $grow (i64.add (i64.extend_i32_u (local.get $size)) (i64.const 8))))\n",
        "          (call $grow (i64.add (i64.extend_i32_u (local.get $size)) (i64.const 8))))
        (if (global.get $failed)
          (then (return (i32.const 0))))\n",
    ),
];

/// The handwritten conformer with all of `sigil:allocator-ext`.
///
/// # Errors
///
/// Where what is to be changed in it does not occur exactly once.
pub fn extended() -> Result<String, String> {
    original(Base::Paged)
}

/// What a mutant is made of: no more than its fault is about, since every case compiles it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Base {
    /// The handwritten conformer.
    Contract,
    /// The same with `sized` and `stats`.
    Blocks,
    /// The same with `pages`, too.
    Paged,
}

fn original(base: Base) -> Result<String, String> {
    if base == Base::Contract {
        return Ok(ORIGINAL.into());
    }
    let text = replaced(ORIGINAL.into(), TRYING)?;
    let open = text.trim_end().strip_suffix(')');
    let open = open.ok_or("the original does not end as a module does")?;
    let blocks = include_str!("mutants/extended.wat");
    let pages = match base {
        Base::Paged => include_str!("mutants/paged.wat"),
        _ => "",
    };
    Ok(format!("{open}\n{blocks}{pages})\n"))
}

/// `text` with changes made, each in exactly one place.
fn replaced(mut text: String, changes: &[(&str, &str)]) -> Result<String, String> {
    for (from, to) in changes {
        let times = text.matches(from).count();
        if times != 1 {
            return Err(format!("the text to replace occurs {times} times:\n{from}"));
        }
        text = text.replace(from, to);
    }
    Ok(text)
}

/// A conformer with one fault.
#[derive(Clone, Copy, Debug)]
pub struct Mutant {
    /// Its name: what it does.
    pub name: &'static str,
    /// The clause that it breaks.
    pub clause: Clause,
    /// The fault in one line.
    pub fault: &'static str,
    /// What is replaced in the original, and by what.
    pub changes: &'static [(&'static str, &'static str)],
    /// The features that it could not declare with a straight face, fault or no fault.
    pub without: &'static [crate::Feature],
    /// What it is made of.
    pub base: Base,
}

impl Mutant {
    const fn new(
        name: &'static str,
        clause: Clause,
        fault: &'static str,
        changes: &'static [(&'static str, &'static str)],
    ) -> Self {
        Self {
            name,
            clause,
            fault,
            changes,
            without: &[],
            base: Base::Contract,
        }
    }

    const fn extended(self) -> Self {
        Self {
            base: Base::Blocks,
            ..self
        }
    }

    const fn paged(self) -> Self {
        Self {
            base: Base::Paged,
            ..self
        }
    }

    const fn without(self, features: &'static [crate::Feature]) -> Self {
        Self {
            without: features,
            ..self
        }
    }

    /// The mutant's text.
    ///
    /// # Errors
    ///
    /// Where a text that is to be replaced does not occur exactly once.
    pub fn text(&self) -> Result<String, String> {
        let text = replaced(original(self.base)?, self.changes)
            .map_err(|error| format!("mutant `{}`: {error}", self.name))?;
        if self.without.is_empty() {
            return Ok(text);
        }
        let declared = |text: &str| {
            let (_, rest) = text.split_once(&format!("(@custom \"{}\" \"", feature::SECTION))?;
            rest.split_once('"')
                .map(|(declared, _)| declared.to_owned())
        };
        let declared = declared(&text).ok_or("the original declares no features")?;
        let kept: Features = Features::parse(&declared)?
            .iter()
            .filter(|feature| !self.without.contains(feature))
            .collect();
        Ok(text.replace(&declared, &kept.to_string()))
    }

    /// The mutant, ready to be tested.
    ///
    /// # Errors
    ///
    /// As [`Mutant::text`], and where the text is no wasm.
    pub fn conformer(&self) -> Result<Conformer, String> {
        Conformer::read(&format!("{}.wat", self.name), self.text()?.as_bytes())
    }
}

/// Every mutant, in the order of the clauses.
pub fn all() -> Vec<&'static Mutant> {
    let mut mutants: Vec<_> = [
        heap::MUTANTS,
        core::MUTANTS,
        scope::MUTANTS,
        extension::MUTANTS,
        pages::MUTANTS,
    ]
    .into_iter()
    .flatten()
    .collect();
    mutants.sort_by_key(|mutant| mutant.clause);
    mutants
}

/// What became of a mutant.
#[derive(Clone, Debug)]
pub struct Fate {
    /// The mutant.
    pub mutant: &'static Mutant,
    /// The cases of its clause that failed, by id.
    pub caught_by: Vec<&'static str>,
    /// Other cases that failed, by id.
    pub also: Vec<&'static str>,
}

/// Runs the suite on a mutant.
///
/// # Errors
///
/// Where the mutant cannot be made, or does not even link.
pub fn fate(mutant: &'static Mutant) -> Result<Fate, String> {
    // A mutant is caught by what is written for its clause. Random programs are few here: their share
    // in the suite is to find what nobody thought of.
    let effort = Effort {
        programs: 20,
        ops: 100,
        depth: 1,
        shrink: 0,
    };
    let options = Options {
        effort,
        ..Options::default()
    };
    let report = suite::run(&mutant.conformer()?, &options, |_| {});
    if let Some(why) = report.rejected {
        return Err(format!("mutant `{}`: {why}", mutant.name));
    }
    let (mut caught_by, mut also) = (Vec::new(), Vec::new());
    for (outcome, _) in report.failures() {
        let of_its_clause = outcome.case.clauses.contains(&mutant.clause);
        (if of_its_clause {
            &mut caught_by
        } else {
            &mut also
        })
        .push(outcome.case.id);
    }
    Ok(Fate {
        mutant,
        caught_by,
        also,
    })
}

/// What became of every mutant.
///
/// # Errors
///
/// As [`fate`].
pub fn fates() -> Result<Vec<Fate>, String> {
    let mutants = all();
    let next = AtomicUsize::new(0);
    let work = || -> Vec<(usize, Result<Fate, String>)> {
        let mine = std::iter::from_fn(|| {
            let at = next.fetch_add(1, Ordering::Relaxed);
            mutants.get(at).map(|mutant| (at, fate(mutant)))
        });
        mine.collect()
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let mut fates: Vec<_> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers
            .into_iter()
            .flat_map(|worker| worker.join().unwrap_or_default())
            .collect()
    });
    fates.sort_by_key(|(at, _)| *at);
    if fates.len() < mutants.len() {
        return Err("a thread that ran mutants panicked".into());
    }
    fates.into_iter().map(|(_, fate)| fate).collect()
}

impl Fate {
    /// Whether a case of the clause that it breaks failed.
    pub fn is_caught(&self) -> bool {
        !self.caught_by.is_empty()
    }
}

/// What stands above the rows.
pub const HEADING: &str = "mutant                           clause  caught by\n";

/// A mutant's line in the table.
pub fn row(fate: &Fate) -> String {
    let caught_by = match &fate.caught_by[..] {
        [] => "SURVIVES".to_owned(),
        [first] => (*first).to_owned(),
        [first, rest @ ..] => format!("{first} and {} more", rest.len()),
    };
    format!(
        "{:<32} {:<7} {caught_by}\n",
        fate.mutant.name, fate.mutant.clause
    )
}

/// What stands below the rows.
pub fn summary(fates: &[Fate]) -> String {
    let caught = fates.iter().filter(|fate| fate.is_caught()).count();
    format!("{caught} of {} mutants are caught\n", fates.len())
}
