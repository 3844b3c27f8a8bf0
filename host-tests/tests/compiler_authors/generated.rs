//! Generated programs of the toy language print the same without a single scope, and with scopes all over.
//!
//! The programs are well typed. Thunks say when they are computed, so that one which is computed twice, or at another time, is
//! seen. With scopes, each `let` and `print` at the top is one, and so are some expressions; without, all of
//! it is one expression, and its only scope ends with the program.

use anyhow::{Context, Result, ensure};
use sigil_toy::compile;

use crate::{
    Conformer, conformers,
    examples::{FAULTS, with_fault},
    handwritten,
    random::Random,
    start,
};

const N_PROGRAMS: u64 = 60;
/// How many expressions a value is made of, at most.
const MOST_EXPRESSIONS: u32 = 16;
/// And how deep they lie in one another: the compiler has a limit.
const MOST_NESTED: u32 = 7;
/// Where a scope may begin and end.
const OPEN: &str = "@{";
const CLOSE: &str = "@}";

/// What the runtime would get wrong is wrong memory first: between the prints, something else takes it.
const SPOIL: &str =
    "fn spoil(n) = if n == 0 then 0 else length(show(n) ++ \"........\") + spoil(n - 1)\n";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Type {
    Integer,
    Text,
    /// Of texts.
    List,
    /// A thunk of a text.
    LazyText,
    /// A thunk of a list.
    LazyList,
    /// A reference to a text.
    Cell,
    /// A reference to a thunk of a text, which may come to need itself.
    LazyCell,
    /// From an integer to a text.
    Function,
}

/// What `let` binds: thunks more often than the rest.
const TYPES: [Type; 10] = [
    Type::Integer,
    Type::Text,
    Type::List,
    Type::LazyText,
    Type::LazyText,
    Type::LazyList,
    Type::LazyList,
    Type::Cell,
    Type::LazyCell,
    Type::Function,
];

struct Generator {
    random: Random,
    /// What is in view.
    variables: Vec<(String, Type)>,
    n_names: u32,
    left: u32,
    depth: u32,
}

impl Generator {
    fn fresh(&mut self) -> String {
        self.n_names += 1;
        format!("v{}", self.n_names)
    }

    fn any_type(&mut self) -> Type {
        TYPES[self.random.below(TYPES.len())]
    }

    fn variable(&mut self, ty: Type) -> Option<String> {
        let fitting = self.variables.iter().filter(|(_, other)| *other == ty);
        let fitting: Vec<&String> = fitting.map(|(name, _)| name).collect();
        let n = fitting.len();
        (n > 0).then(|| fitting[self.random.below(n)].clone())
    }

    fn expr(&mut self, ty: Type) -> String {
        self.left = self.left.saturating_sub(1);
        if self.left == 0 || self.depth == MOST_NESTED {
            return self.known(ty);
        }
        self.depth += 1;
        let expr = self.larger(ty);
        self.depth -= 1;
        expr
    }

    /// A variable where there is one.
    fn known(&mut self, ty: Type) -> String {
        self.variable(ty).unwrap_or_else(|| self.simplest(ty))
    }

    /// An expression in brackets, or in a scope.
    fn larger(&mut self, ty: Type) -> String {
        let inner = match self.random.below(8) {
            0 | 1 => match self.variable(ty) {
                Some(name) => return name,
                None => self.own(ty),
            },
            2 => {
                let bound = self.any_type();
                let (value, name) = (self.expr(bound), self.fresh());
                let body = self.with(&[(&name, bound)], ty);
                format!("let {name} = {value} in {body}")
            }
            3 => {
                let condition = self.expr(Type::Integer);
                let (yes, no) = (self.expr(ty), self.expr(ty));
                format!("if {condition} < 10 then {yes} else {no}")
            }
            4 => {
                let list = self.expr(Type::List);
                let (head, tail) = (self.fresh(), self.fresh());
                let some = self.with(&[(&head, Type::Text), (&tail, Type::List)], ty);
                let none = self.expr(ty);
                format!("match {list} {{ Cons({head}, {tail}) -> {some}, Nil -> {none} }}")
            }
            5 => {
                let is_lazy = self.random.below(2) == 0;
                let (cell, held) = match is_lazy {
                    true => (Type::LazyCell, Type::LazyText),
                    false => (Type::Cell, Type::Text),
                };
                let (cell, value) = (self.known(cell), self.expr(held));
                let body = self.expr(ty);
                format!("let _ = set({cell}, {value}) in {body}")
            }
            _ => self.own(ty),
        };
        match self.random.below(3) {
            0 => format!("{OPEN} {inner} {CLOSE}"),
            _ => format!("({inner})"),
        }
    }

    /// An expression that sees some names more.
    fn with(&mut self, names: &[(&String, Type)], ty: Type) -> String {
        let n_variables = self.variables.len();
        let named = names.iter().map(|(name, ty)| ((*name).clone(), *ty));
        self.variables.extend(named);
        let body = self.expr(ty);
        self.variables.truncate(n_variables);
        body
    }

    /// What makes a value of this type, and of no other.
    fn own(&mut self, ty: Type) -> String {
        match (ty, self.random.below(6)) {
            (Type::Integer, 0) => format!("length({})", self.expr(Type::Text)),
            (Type::Integer, 1) => {
                let (left, right) = (self.expr(ty), self.expr(ty));
                format!("({left} + {right}) % 100")
            }
            (Type::Integer, _) => self.simplest(ty),
            (Type::Text, 0) => format!("{} ++ {}", self.expr(ty), self.expr(ty)),
            (Type::Text, 1 | 4) => format!("force {}", self.known(Type::LazyText)),
            (Type::Text, 2 | 5) => match self.random.below(3) {
                0 => format!("force (force {})", self.known(Type::LazyCell)),
                1 => format!("force {}", self.known(Type::Cell)),
                _ => {
                    let function = self.expr(Type::Function);
                    format!("({function})({})", self.expr(Type::Integer))
                }
            },
            (Type::Text, _) => format!("show({})", self.expr(Type::Integer)),
            (Type::List, 0 | 4) => format!("force {}", self.known(Type::LazyList)),
            (Type::List, 1) => self.simplest(ty),
            (Type::List, _) => format!("{} :: {}", self.expr(Type::Text), self.expr(ty)),
            (Type::LazyText, _) => self.lazy(Type::Text),
            (Type::LazyList, _) => self.lazy(Type::List),
            (Type::Cell, _) => format!("ref({})", self.expr(Type::Text)),
            (Type::LazyCell, _) => format!("ref({})", self.expr(Type::LazyText)),
            (Type::Function, _) => {
                let name = self.fresh();
                let body = self.with(&[(&name, Type::Integer)], Type::Text);
                format!("\\{name} -> {body}")
            }
        }
    }

    fn lazy(&mut self, ty: Type) -> String {
        let body = self.expr(ty);
        self.announced(&body)
    }

    /// A thunk that says when it is computed.
    fn announced(&mut self, body: &str) -> String {
        let name = self.fresh();
        format!("(lazy (let _ = print \"computes {name}\" in {body}))")
    }

    fn simplest(&mut self, ty: Type) -> String {
        let n = self.random.below(20);
        match ty {
            Type::Integer => format!("{n}"),
            Type::Text => format!("show({n})"),
            Type::List => "[]".into(),
            Type::LazyText => self.announced(&format!("show({n})")),
            Type::LazyList => self.announced(&format!("[show({n})]")),
            Type::Cell => format!("ref(show({n}))"),
            Type::LazyCell => format!("ref({})", self.announced(&format!("show({n})"))),
            Type::Function => format!("(\\x -> show(x + {n}))"),
        }
    }
}

/// A program, with scopes and without.
struct Pair {
    scoped: String,
    unscoped: String,
}

fn generate(seed: u64) -> Pair {
    let mut generator = Generator {
        random: Random::new(seed),
        variables: Vec::new(),
        n_names: 0,
        left: 0,
        depth: 0,
    };
    let mut scoped = String::from(SPOIL);
    let mut unscoped = format!("{SPOIL}print ");
    for _ in 0..12 {
        generator.left = MOST_EXPRESSIONS;
        let (name, value) = if generator.random.below(2) == 0 {
            let ty = generator.any_type();
            let (value, name) = (generator.expr(ty), generator.fresh());
            generator.variables.push((name.clone(), ty));
            (name, value)
        } else {
            let text = generator.expr(Type::Text);
            ("_".into(), format!("print ({text} ++ show(spoil(30)))"))
        };
        match value.strip_prefix("print ") {
            Some(text) => scoped += &format!("print {text}\n"),
            None => scoped += &format!("let {name} = {value}\n"),
        }
        unscoped += &format!("let {name} = {value} in\n");
    }
    Pair {
        scoped: scoped.replace(OPEN, "scope {").replace(CLOSE, "}"),
        unscoped: unscoped.replace(OPEN, "(").replace(CLOSE, ")") + "\"end\"\n",
    }
}

/// What a program prints, and whether it traps then: a thunk that needs itself does, either way.
fn seen(wasm: &[u8], conformer: &Conformer) -> Result<(String, bool)> {
    let mut instance = start(wasm, conformer, false, Some(256))?;
    let is_trap = instance.run_command().is_err();
    let text = String::from_utf8(instance.take_stdout())?;
    Ok((text.trim_end_matches("end\n").into(), is_trap))
}

#[test]
fn generated_programs_print_the_same_with_scopes_and_without() -> Result<()> {
    let conformers = conformers()?;
    let (mut n_computed, mut n_trapped, mut n_scopes) = (0, 0, 0);
    for seed in 1..=N_PROGRAMS {
        let Pair { scoped, unscoped } = generate(seed);
        let about = || format!("seed {seed}:\n{scoped}");
        let reference = compile(&unscoped).with_context(|| unscoped.clone())?;
        let expected = seen(&reference, &conformers[seed as usize % conformers.len()])?;
        let wasm = compile(&scoped).with_context(about)?;
        // In turns, one and the next: all of them come up with many programs.
        for n in 1..=2 {
            let conformer = &conformers[(seed as usize + n) % conformers.len()];
            let found = seen(&wasm, conformer)?;
            ensure!(
                found == expected,
                "with {}, expected {expected:?}, found {found:?}, {}",
                conformer.name,
                about()
            );
        }
        n_computed += expected.0.matches("computes").count() as u64;
        n_trapped += u64::from(expected.1);
        n_scopes += scoped.matches("scope {").count() as u64;
    }
    println!("{n_scopes} scopes, {n_computed} thunks computed, {n_trapped} programs trapped");
    ensure!(n_scopes > 10 * N_PROGRAMS, "only {n_scopes} scopes");
    ensure!(
        n_computed > 2 * N_PROGRAMS,
        "only {n_computed} thunks were computed"
    );
    ensure!(n_trapped < N_PROGRAMS / 10, "{n_trapped} programs trapped");
    Ok(())
}

/// Each fault of the runtime shows in some of the programs.
#[test]
fn generated_programs_notice_a_runtime_that_is_wrong() -> Result<()> {
    let conformer = handwritten()?;
    for (function, from, to, _) in FAULTS {
        let is_noticed = |seed| {
            let Pair { scoped, unscoped } = generate(seed);
            let expected = seen(&compile(&unscoped)?, &conformer)?;
            let text = wasmprinter::print_bytes(compile(&scoped)?)?;
            let faulty = wat::parse_str(with_fault(&text, function, from, to)?)?;
            Ok(seen(&faulty, &conformer)? != expected)
        };
        let mut noticed = (1..=N_PROGRAMS).map(is_noticed);
        let is_noticed = noticed.find_map(|result: Result<bool>| match result {
            Ok(false) => None,
            other => Some(other),
        });
        ensure!(
            is_noticed.transpose()? == Some(true),
            "no program notices that ${function} has `{to}` for `{from}`"
        );
    }
    Ok(())
}
