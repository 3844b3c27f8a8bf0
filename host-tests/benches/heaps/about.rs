//! What the figures were measured with: machine, versions, commands, day.

use std::{fs, path::Path, time::SystemTime};

/// Lines of a name and what it is.
///
/// # Panics
///
/// Where the guests were not built.
pub(crate) fn lines(guests: &Path, n_rounds: usize) -> Vec<(String, String)> {
    let mut lines = vec![
        ("day".to_owned(), day()),
        ("machine".to_owned(), machine()),
        ("rounds".to_owned(), format!("{n_rounds}, in turns")),
    ];
    for package in ["wasmtime", "criterion"] {
        lines.extend(locked(package).map(|version| (package.to_owned(), version)));
    }
    let tools = guests.join("versions.txt");
    let tools = fs::read_to_string(&tools).unwrap_or_else(|error| {
        panic!(
            "{}: {error}; `cargo xtask bench` writes it",
            tools.display()
        )
    });
    for line in tools.lines() {
        lines.extend(
            line.split_once([':', ' '])
                .map(|(name, is)| (name.to_owned(), is.trim().to_owned())),
        );
    }
    for package in [
        "dlmalloc",
        "lol_alloc",
        "talc",
        "rlsf",
        "buddy_system_allocator",
        "wee_alloc",
        "mini-alloc",
        "bumpalo",
    ] {
        lines.extend(locked(package).map(|version| (package.to_owned(), version)));
    }
    lines
}

/// The version of a package that the workspace's lock file names.
fn locked(package: &str) -> Option<String> {
    const LOCK: &str = include_str!("../../../Cargo.lock");
    let entry = format!("name = \"{package}\"\nversion = \"");
    let rest = &LOCK[LOCK.find(&entry)? + entry.len()..];
    Some(rest[..rest.find('"')?].to_owned())
}

fn machine() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .map_or("unknown processor", |rest| {
            rest.trim_start_matches(['\t', ' ', ':'])
        });
    let n_cores = std::thread::available_parallelism().map_or(1, usize::from);
    let (system, kind) = (std::env::consts::OS, std::env::consts::ARCH);
    format!("{model}, {n_cores} cores, {system} {kind}")
}

/// Today, as in 2026-01-31.
pub(crate) fn day() -> String {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let days = since.map_or(0, |time| time.as_secs() / 86_400);
    let (year, month, day) = date(days);
    format!("{year}-{month:02}-{day:02}")
}

/// The date of a day since 1970-01-01.
fn date(mut days: u64) -> (u64, u64, u64) {
    let is_leap = |year: u64| {
        year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
    };
    let mut year = 1970;
    while days >= 365 + u64::from(is_leap(year)) {
        days -= 365 + u64::from(is_leap(year));
        year += 1;
    }
    let february = 28 + u64::from(is_leap(year));
    let mut month = 1;
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    (year, month, days + 1)
}
