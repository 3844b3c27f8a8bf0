//! A process, how long it took, and the most memory that it had.

use std::{
    fs,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// What a process cost.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Measured {
    /// From its start to its end, files read and written.
    pub(crate) time: Duration,
    /// Its largest resident set, in bytes; 0 where the system does not say.
    pub(crate) peak_bytes: u64,
}

/// Runs `command` to its end.
///
/// Panics: where it cannot start or fails.
pub(crate) fn run(command: &mut Command) -> Measured {
    let start = Instant::now();
    let mut child = command
        .stdout(Stdio::null())
        .spawn()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let mut peak_bytes = 0;
    loop {
        // Only ever rises, so that the last look before the end counts.
        peak_bytes = peak(child.id()).unwrap_or(peak_bytes);
        if let Some(status) = child.try_wait().expect("a child process") {
            assert!(status.success(), "{command:?}: {status}");
            return Measured {
                time: start.elapsed(),
                peak_bytes,
            };
        }
        thread::sleep(Duration::from_micros(500));
    }
}

/// The high-water mark of a process that runs, in bytes.
fn peak(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes << 10)
}

/// The fastest time and the largest peak: a busy machine only ever adds time.
pub(crate) fn best(all: &[Measured]) -> Measured {
    let times = all.iter().map(|one| one.time);
    let peaks = all.iter().map(|one| one.peak_bytes);
    Measured {
        time: times.min().unwrap_or_default(),
        peak_bytes: peaks.max().unwrap_or_default(),
    }
}
