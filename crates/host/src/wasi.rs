//! What a program sees of the outside: WASI preview 1 with arguments, environment and the three standard streams.
//!
//! No directory is opened: a program that wants files gets `EBADF` from preview 1's own calls, as anywhere else where
//! nothing was preopened.

use wasmtime_wasi::WasiCtxBuilder;
use wasmtime_wasi::p1::WasiP1Ctx;
use wasmtime_wasi::p2::pipe::{MemoryInputPipe, MemoryOutputPipe};

/// The most that a captured stream holds; writing more is an I/O error in the program.
const CAPTURE_BYTES: usize = 1 << 30;

/// WASI preview 1 for one instance: what it is given, and where its output goes.
///
/// The default has no arguments, an empty standard input, and captures both outputs (see [`crate::Instance::take_stdout`]).
#[derive(Debug, Clone, Default)]
pub struct Wasi {
    args: Vec<String>,
    env: Vec<(String, String)>,
    stdin: Vec<u8>,
    inherit_stdio: bool,
}

/// A captured stream, and how much of it was taken already.
struct Captured {
    pipe: MemoryOutputPipe,
    taken: usize,
}

/// The WASI state that lives in a store.
pub(crate) struct WasiState {
    pub(crate) context: WasiP1Ctx,
    captured: Option<[Captured; 2]>,
}

/// Which captured stream.
#[derive(Clone, Copy)]
pub(crate) enum Output {
    Stdout,
    Stderr,
}

impl Wasi {
    /// Returns an outside with no arguments, no input, and captured output.
    pub fn new() -> Wasi {
        Wasi::default()
    }

    /// Sets the program's arguments; the first is its own name.
    #[must_use]
    pub fn args<S: Into<String>>(mut self, args: impl IntoIterator<Item = S>) -> Wasi {
        self.args = args.into_iter().map(Into::into).collect();
        self
    }

    /// Adds one environment variable.
    #[must_use]
    pub fn env(mut self, name: impl Into<String>, value: impl Into<String>) -> Wasi {
        self.env.push((name.into(), value.into()));
        self
    }

    /// Sets what the program reads from standard input.
    #[must_use]
    pub fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Wasi {
        self.stdin = bytes.into();
        self
    }

    /// Connects the program to this process's own standard streams: nothing is captured, [`Wasi::stdin`] is ignored.
    #[must_use]
    pub fn inherit_stdio(mut self) -> Wasi {
        self.inherit_stdio = true;
        self
    }

    pub(crate) fn build(self) -> WasiState {
        let mut builder = WasiCtxBuilder::new();
        builder
            .args(&self.args)
            .envs(&self.env)
            .allow_blocking_current_thread(true);
        if self.inherit_stdio {
            builder.inherit_stdio();
            return WasiState {
                context: builder.build_p1(),
                captured: None,
            };
        }
        let stream = || Captured {
            pipe: MemoryOutputPipe::new(CAPTURE_BYTES),
            taken: 0,
        };
        let captured = [stream(), stream()];
        builder
            .stdin(MemoryInputPipe::new(self.stdin))
            .stdout(captured[0].pipe.clone())
            .stderr(captured[1].pipe.clone());
        WasiState {
            context: builder.build_p1(),
            captured: Some(captured),
        }
    }
}

impl WasiState {
    /// Returns what was written since the last time it was taken; empty where the stream is inherited.
    pub(crate) fn take(&mut self, output: Output) -> Vec<u8> {
        let Some(captured) = &mut self.captured else {
            return Vec::new();
        };
        let stream = &mut captured[output as usize];
        let bytes = stream.pipe.contents();
        let fresh = bytes[stream.taken..].to_vec();
        stream.taken = bytes.len();
        fresh
    }
}
