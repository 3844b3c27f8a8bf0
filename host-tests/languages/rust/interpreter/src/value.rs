//! Data, and how it is printed.

use alloc::{format, rc::Rc, string::String, vec::Vec};
use core::{cell::RefCell, mem};

use crate::{
    builtins::Builtin,
    symbols::{Symbol, Symbols},
};

/// A value. A copy is one reference more.
#[derive(Clone)]
pub(crate) enum Value {
    Nil,
    Integer(i32),
    Symbol(Symbol),
    Pair(Rc<Pair>),
    Closure(Rc<Closure>),
    Builtin(Builtin),
}

/// Two values; where the second is a pair again, or nil, it is a list.
pub(crate) struct Pair {
    pub(crate) first: Value,
    pub(crate) rest: Value,
}

/// A function with the variables around it.
pub(crate) struct Closure {
    pub(crate) names: Vec<Symbol>,
    /// A list of forms.
    pub(crate) body: Value,
    pub(crate) frame: Option<Rc<Frame>>,
}

/// Variables of one call or `let`, and those around.
pub(crate) struct Frame {
    pub(crate) variables: RefCell<Vec<(Symbol, Value)>>,
    pub(crate) outer: Option<Rc<Frame>>,
}

impl Value {
    pub(crate) fn pair(first: Self, rest: Self) -> Self {
        Self::Pair(Rc::new(Pair { first, rest }))
    }

    /// `values` in front of `rest`.
    pub(crate) fn list(values: Vec<Self>, rest: Self) -> Self {
        (values.into_iter().rev()).fold(rest, |rest, first| Self::pair(first, rest))
    }

    pub(crate) fn truth(is_true: bool) -> Self {
        if is_true {
            Self::Symbol(Symbol::T)
        } else {
            Self::Nil
        }
    }

    pub(crate) fn is_nil(&self) -> bool {
        matches!(self, Self::Nil)
    }

    /// The same integer, symbol or object.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Nil, Self::Nil) => true,
            (Self::Integer(a), Self::Integer(b)) => a == b,
            (Self::Symbol(a), Self::Symbol(b)) => a == b,
            (Self::Pair(a), Self::Pair(b)) => Rc::ptr_eq(a, b),
            (Self::Closure(a), Self::Closure(b)) => Rc::ptr_eq(a, b),
            (Self::Builtin(a), Self::Builtin(b)) => a == b,
            _ => false,
        }
    }

    pub(crate) fn write(&self, text: &mut String, symbols: &Symbols) {
        match self {
            Self::Nil => text.push_str("()"),
            Self::Integer(number) => text.push_str(&format!("{number}")),
            Self::Symbol(symbol) => text.push_str(symbols.name(*symbol)),
            Self::Closure(_) => text.push_str("#<closure>"),
            Self::Builtin(_) => text.push_str("#<builtin>"),
            Self::Pair(pair) => {
                text.push('(');
                pair.first.write(text, symbols);
                let mut rest = &pair.rest;
                while let Self::Pair(pair) = rest {
                    text.push(' ');
                    pair.first.write(text, symbols);
                    rest = &pair.rest;
                }
                if !rest.is_nil() {
                    text.push_str(" . ");
                    rest.write(text, symbols);
                }
                text.push(')');
            }
        }
    }
}

/// Not by recursion: lists are long.
impl Drop for Pair {
    fn drop(&mut self) {
        let mut rest = mem::replace(&mut self.rest, Value::Nil);
        while let Value::Pair(pair) = rest {
            let Ok(mut pair) = Rc::try_unwrap(pair) else {
                return;
            };
            rest = mem::replace(&mut pair.rest, Value::Nil);
        }
    }
}
