//! The lambda-lifted core: functions that have no free variables but their own captured ones, and in which every
//! variable is a number. This is what a compiler has before it thinks of memory.

use crate::syntax::Operator;

/// A program, lifted.
#[derive(Debug, Default)]
pub(crate) struct Core {
    /// Those at the top, lambdas, bodies of thunks; a [`FunctionId`] is a place in here.
    pub(crate) functions: Vec<Function>,
    pub(crate) n_globals: u32,
    /// What runs, in this order.
    pub(crate) steps: Vec<Step>,
}

pub(crate) type FunctionId = usize;

/// Its parameters are the closure or thunk itself, then those that the programmer named.
#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) n_parameters: u32,
    /// Parameters and all that the body needs besides.
    pub(crate) n_locals: u32,
    pub(crate) body: Term,
}

/// One `let` or `print` at the top: a call of a function without parameters.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) function: FunctionId,
    /// Where its value goes.
    pub(crate) global: Option<u32>,
}

/// Yields one value. The numbers called `local` are places for the term's own use.
#[derive(Debug)]
pub(crate) enum Term {
    Integer(i32),
    Text(Vec<u8>),
    Variable(Variable),
    /// A function as a value, which captures nothing.
    Function(FunctionId),
    /// Data without fields.
    Constant {
        tag: u32,
    },
    Block {
        kind: Kind,
        /// A constructor, or a function.
        tag: u32,
        fields: Vec<Term>,
        local: u32,
    },
    Call {
        function: FunctionId,
        arguments: Vec<Term>,
    },
    Apply {
        callee: Box<Term>,
        arguments: Vec<Term>,
        local: u32,
    },
    Operator(Operator, Box<[Term; 2]>),
    /// A function of the runtime.
    Builtin(&'static Builtin, Vec<Term>),
    Let {
        local: u32,
        both: Box<[Term; 2]>,
    },
    If(Box<[Term; 3]>),
    Match {
        subject: Box<Term>,
        local: u32,
        arms: Vec<Arm>,
        otherwise: Option<Box<Term>>,
    },
    Scope {
        body: Box<Term>,
        local: u32,
    },
}

/// Data of the constructor `tag`: the field number `i` of it goes to the local `locals[i]`, if that is any.
#[derive(Debug)]
pub(crate) struct Arm {
    pub(crate) tag: u32,
    pub(crate) locals: Vec<Option<u32>>,
    pub(crate) body: Term,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Variable {
    Local(u32),
    /// A field of the closure or thunk that the function was called with.
    Captured(u32),
    Global(u32),
}

/// The kinds of blocks that programs make, with the numbers that the runtime knows them by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Text = 0,
    Data = 1,
    Closure = 2,
    Thunk = 3,
    Cell = 5,
}

/// A function of the runtime that programs can name.
#[derive(Debug)]
pub(crate) struct Builtin {
    pub(crate) name: &'static str,
    pub(crate) n_parameters: usize,
    pub(crate) yields: Yields,
}

/// What a builtin leaves, as the runtime has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Yields {
    Nothing,
    Number,
    Value,
}

/// What can be called by name, unless the program has something else of that name.
pub(crate) static BUILTINS: &[Builtin] = &[
    builtin("show", 1, Yields::Value),
    builtin("length", 1, Yields::Number),
    builtin("set", 2, Yields::Nothing),
];
pub(crate) static FORCE: Builtin = builtin("force", 1, Yields::Value);
pub(crate) static PRINT: Builtin = builtin("print", 1, Yields::Nothing);
/// Makes a block, and is therefore no function of the runtime.
pub(crate) const REF: &str = "ref";

const fn builtin(name: &'static str, n_parameters: usize, yields: Yields) -> Builtin {
    Builtin {
        name,
        n_parameters,
        yields,
    }
}
