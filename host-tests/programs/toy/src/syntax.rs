//! The program as it was written.

use crate::error::Place;

/// What stands at the top of a program.
#[derive(Debug)]
pub(crate) enum Item {
    /// `fn name(parameters) = body`
    Function {
        name: String,
        parameters: Vec<String>,
        body: Expr,
        place: Place,
    },
    /// `let name = value`
    Let { name: String, value: Expr },
    /// `print text`
    Print { text: Expr, place: Place },
}

/// An expression, where it begins, and how many expressions lie in one another in it.
#[derive(Debug)]
pub(crate) struct Expr {
    pub(crate) place: Place,
    pub(crate) height: u32,
    pub(crate) kind: Kind,
}

#[derive(Debug)]
pub(crate) enum Kind {
    Integer(i32),
    Text(Vec<u8>),
    Name(String),
    Construct(String, Vec<Expr>),
    /// A function of any kind, or a builtin, with its arguments.
    Call(Box<Expr>, Vec<Expr>),
    Operator(Operator, Box<[Expr; 2]>),
    Lambda(Vec<String>, Box<Expr>),
    Let(String, Box<[Expr; 2]>),
    If(Box<[Expr; 3]>),
    Match(Box<Expr>, Vec<Arm>),
    Lazy(Box<Expr>),
    Force(Box<Expr>),
    Scope(Box<Expr>),
    Print(Box<Expr>),
}

/// `pattern -> body`
#[derive(Debug)]
pub(crate) struct Arm {
    pub(crate) place: Place,
    pub(crate) pattern: Pattern,
    pub(crate) body: Expr,
}

#[derive(Debug)]
pub(crate) enum Pattern {
    /// Fits whatever it is; `_` gives it no name.
    Any(String),
    /// Fits data of one constructor, and names its fields.
    Construct(String, Vec<String>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Less,
    AtMost,
    Equal,
    Concat,
}
