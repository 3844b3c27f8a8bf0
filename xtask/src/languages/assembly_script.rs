//! AssemblyScript's programs, over the two runtimes of `sdk/assemblyscript`.
//!
//! They are compiled in a folder that has what npm installs, by the committed lock file, and the SDK as npm would install
//! it, so that programs and command lines are those of a user.

use std::{
    collections::BTreeSet,
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    num::NonZeroUsize,
    panic,
    path::{Path, PathBuf},
    process::Command,
    thread::{self, ScopedJoinHandle},
};

use anyhow::{Context, Result, bail, ensure};

use super::Program;
use crate::{
    assembly_script::{AssemblyScript, npm},
    process,
    workspace::Workspace,
};

/// Where the sources are, as the compiler's folder sees them.
const SOURCES: &str = "../../../host-tests/languages/assembly_script";
/// The SDK as npm calls it.
const SDK: &str = "sigil-allocator";
/// Where as-bignum has its tests.
const BIGNUM: &str = "node_modules/as-bignum/assembly/__tests__";

/// What `asc` is told about the runtime.
type Runtime = &'static [&'static str];

// A program that recurses needs more of the stack that collectors look for references in than the 32 KiB it has.
const COLLECTED: Runtime = &[
    "--runtime=./node_modules/sigil-allocator/incremental",
    "--stackSize=262144",
];
const COLLECTED_OWN: Runtime = &["--runtime=incremental", "--stackSize=262144"];
const STUB: Runtime = &["--config=node_modules/sigil-allocator/stub.json"];
const STUB_OWN: Runtime = &["--runtime=stub"];

/// Sources, and the runtimes that they are compiled with.
struct Recipe {
    name: &'static str,
    files: Vec<String>,
    unlinked: Runtime,
    own: Runtime,
}

pub(crate) fn build(workspace: &Workspace) -> Result<Vec<Program>> {
    let compiler = Compiler::get(workspace)?;
    let programs = compiler.programs(&recipes())?;
    compiler.refuses("scopes.ts", COLLECTED, "scopes need `--runtime`")?;
    compiler.refuses("number.ts", STUB, "only an object can be promoted")?;
    compiler.refuses("array.ts", STUB, "an Array cannot be promoted")?;
    Ok(programs)
}

/// All but `lines` are there over the collector, and those that make sense there over `stub` too, where they open
/// scopes if they have a use for them.
fn recipes() -> Vec<Recipe> {
    let source = |name: &str| vec![format!("{SOURCES}/{name}.ts")];
    let bignum = || {
        let tests = ["i128", "u128", "u256"].map(|of| format!("{BIGNUM}/{of}.spec.ts"));
        let ours = |name: &str| format!("{SOURCES}/bignum/{name}.ts");
        [vec![ours("expect")], tests.to_vec(), vec![ours("run")]].concat()
    };
    let collected = |name, files| Recipe {
        name,
        files,
        unlinked: COLLECTED,
        own: COLLECTED_OWN,
    };
    let stub = |name, files| Recipe {
        name,
        files,
        unlinked: STUB,
        own: STUB_OWN,
    };
    vec![
        collected("bignum", bignum()),
        stub("bignum.stub", bignum()),
        collected("interpreter", source("interpreter/main")),
        stub("interpreter.stub", source("interpreter/main")),
        collected("json", source("json")),
        stub("json.stub", source("json")),
        Recipe {
            name: "lines",
            files: source("lines"),
            unlinked: STUB,
            own: COLLECTED_OWN,
        },
        collected("lru", source("lru")),
        collected("runtime", source("runtime")),
        stub("runtime.stub", source("runtime")),
        collected("trees", source("trees")),
        stub("trees.stub", source("trees")),
    ]
}

/// `asc`, and the folder that it runs in.
struct Compiler {
    asc: AssemblyScript,
    folder: PathBuf,
    /// Another number for other sources, another SDK, another compiler.
    sources: u64,
}

impl Compiler {
    /// Errors: npm's.
    fn get(workspace: &Workspace) -> Result<Self> {
        let sdk = workspace.root().join("sdk/assemblyscript");
        let programs = workspace
            .root()
            .join("host-tests/languages/assembly_script");
        let asc = AssemblyScript::get(workspace)?;
        let mut state = DefaultHasher::new();
        asc.version()?.hash(&mut state);
        hash_files(&sdk, &mut state)?;
        hash_files(&programs, &mut state)?;
        let compiler = Self {
            asc,
            folder: workspace.setup().join("assemblyscript-programs"),
            sources: state.finish(),
        };
        compiler.install_packages(&programs)?;
        compiler.install_sdk(&sdk)?;
        Ok(compiler)
    }

    /// What the lock file names, if it is not there already.
    fn install_packages(&self, from: &Path) -> Result<()> {
        let lock = fs::read(from.join("package-lock.json"))?;
        let installed = self.folder.join("package-lock.json");
        let complete = self.folder.join("node_modules/.package-lock.json");
        if complete.is_file() && fs::read(&installed).is_ok_and(|there| there == lock) {
            return Ok(());
        }
        fs::create_dir_all(&self.folder)?;
        fs::write(&installed, &lock)?;
        fs::copy(from.join("package.json"), self.folder.join("package.json"))?;
        eprintln!("setup: trying npm ci for the programs in AssemblyScript");
        let mut npm = npm()?;
        npm.args(["ci", "--loglevel=error", "--ignore-scripts", "--prefix"]);
        process::capture(npm.arg(&self.folder)).map(drop)
    }

    /// The SDK as it is now, where npm would put it.
    fn install_sdk(&self, sdk: &Path) -> Result<()> {
        let folder = self.folder.join("node_modules").join(SDK);
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        for entry in fs::read_dir(sdk)? {
            let entry = entry?;
            fs::copy(entry.path(), folder.join(entry.file_name()))?;
        }
        Ok(())
    }

    /// On all processors, for the compiler uses one.
    fn programs(&self, recipes: &[Recipe]) -> Result<Vec<Program>> {
        let count = thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let shares = thread::scope(|scope| {
            let share = |of| recipes.iter().skip(of).step_by(count);
            let workers: Vec<_> = (0..count)
                .map(|of| scope.spawn(move || share(of).map(|it| self.program(it)).collect()))
                .collect();
            let done = workers.into_iter().map(ScopedJoinHandle::join);
            done.map(|share| share.unwrap_or_else(|panic| panic::resume_unwind(panic)))
                .collect::<Result<Vec<Vec<Program>>>>()
        })?;
        let mut programs: Vec<Program> = shares.into_iter().flatten().collect();
        programs.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(programs)
    }

    fn program(&self, recipe: &Recipe) -> Result<Program> {
        let compiled = |form: &str, runtime| {
            let output = format!("{}{form}.wasm", recipe.name);
            self.compile(&recipe.files, runtime, &output)
                .with_context(|| output)
        };
        Ok(Program {
            name: recipe.name.to_owned(),
            unlinked: compiled("", recipe.unlinked)?,
            own: compiled(".own", recipe.own)?,
        })
    }

    /// Takes a second or more, so that what was compiled of the same sources by the same command is kept.
    fn compile(&self, files: &[String], runtime: Runtime, output: &str) -> Result<Vec<u8>> {
        let mut asc = self.asc(runtime);
        asc.args(files)
            .arg(format!("--use=abort={SOURCES}/wasi/wasiAbort"))
            .args(["--exportStart=_start", "--outFile", output]);
        let mut state = DefaultHasher::new();
        (self.sources, asc.get_args().collect::<Vec<_>>()).hash(&mut state);
        let kept = self
            .folder
            .join(format!("{output}.{:016x}", state.finish()));
        if !kept.is_file() {
            process::capture(&mut asc)?;
            fs::rename(self.folder.join(output), &kept)?;
        }
        Ok(fs::read(kept)?)
    }

    /// A misuse does not compile, and the compiler says why.
    fn refuses(&self, file: &str, runtime: Runtime, why: &str) -> Result<()> {
        let mut asc = self.asc(runtime);
        asc.arg(format!("{SOURCES}/refused/{file}"));
        let Err(error) = process::capture(&mut asc) else {
            bail!("`refused/{file}` compiles");
        };
        let message = error.to_string();
        ensure!(message.contains(why), "`refused/{file}`: {message}");
        Ok(())
    }

    /// The compiler in its folder, for speed, as everything here is compiled.
    fn asc(&self, runtime: Runtime) -> Command {
        let mut asc = self.asc.command();
        asc.current_dir(&self.folder).arg("-O3").args(runtime);
        asc
    }
}

/// Names and contents of all files in a folder, and in those inside it.
fn hash_files(folder: &Path, state: &mut impl Hasher) -> Result<()> {
    let entries = fs::read_dir(folder)?.map(|entry| Ok(entry?.path()));
    for path in entries.collect::<Result<BTreeSet<PathBuf>>>()? {
        if path.is_dir() {
            hash_files(&path, state)?;
        } else {
            path.file_name().hash(state);
            fs::read(path)?.hash(state);
        }
    }
    Ok(())
}
