//! Functions of the host.

use alloc::{
    format,
    string::{String, ToString},
};

use sigil_test_wasi::print;

use crate::{Error, symbols::Symbols, value::Value};

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Builtin {
    Add,
    Subtract,
    Multiply,
    Quotient,
    Remainder,
    Less,
    Equal,
    Cons,
    Car,
    Cdr,
    IsNull,
    IsPair,
    IsSame,
    Print,
}

/// Their names.
pub(crate) const ALL: &[(&str, Builtin)] = &[
    ("+", Builtin::Add),
    ("-", Builtin::Subtract),
    ("*", Builtin::Multiply),
    ("quotient", Builtin::Quotient),
    ("remainder", Builtin::Remainder),
    ("<", Builtin::Less),
    ("=", Builtin::Equal),
    ("cons", Builtin::Cons),
    ("car", Builtin::Car),
    ("cdr", Builtin::Cdr),
    ("null?", Builtin::IsNull),
    ("pair?", Builtin::IsPair),
    ("eq?", Builtin::IsSame),
    ("print", Builtin::Print),
];

impl Builtin {
    pub(crate) fn call(self, arguments: &[Value], symbols: &Symbols) -> Result<Value, Error> {
        match arguments {
            [value] => self.call_1(value, symbols),
            [a, b] => self.call_2(a, b),
            _ => Err(wrong_number(arguments.len())),
        }
    }

    fn call_1(self, value: &Value, symbols: &Symbols) -> Result<Value, Error> {
        match (self, value) {
            (Self::Car | Self::Cdr, Value::Nil) => Ok(Value::Nil),
            (Self::Car, Value::Pair(pair)) => Ok(pair.first.clone()),
            (Self::Cdr, Value::Pair(pair)) => Ok(pair.rest.clone()),
            (Self::Car | Self::Cdr, _) => Err("not a pair".to_string()),
            (Self::IsNull, _) => Ok(Value::truth(value.is_nil())),
            (Self::IsPair, _) => Ok(Value::truth(matches!(value, Value::Pair(_)))),
            (Self::Print, _) => {
                let mut line = String::new();
                value.write(&mut line, symbols);
                line.push('\n');
                print(line.as_bytes());
                Ok(value.clone())
            }
            _ => Err(wrong_number(1)),
        }
    }

    fn call_2(self, a: &Value, b: &Value) -> Result<Value, Error> {
        match self {
            Self::Cons => return Ok(Value::pair(a.clone(), b.clone())),
            Self::IsSame => return Ok(Value::truth(a.is_same(b))),
            Self::Car | Self::Cdr | Self::IsNull | Self::IsPair | Self::Print => {
                return Err(wrong_number(2));
            }
            _ => {}
        }
        let (Value::Integer(a), Value::Integer(b)) = (a, b) else {
            return Err("not an integer".to_string());
        };
        let number = match self {
            Self::Add => a.wrapping_add(*b),
            Self::Subtract => a.wrapping_sub(*b),
            Self::Multiply => a.wrapping_mul(*b),
            Self::Less => return Ok(Value::truth(a < b)),
            Self::Equal => return Ok(Value::truth(a == b)),
            _ if *b == 0 => return Err("a division by 0".to_string()),
            Self::Quotient => a.wrapping_div(*b),
            _ => a.wrapping_rem(*b),
        };
        Ok(Value::Integer(number))
    }
}

fn wrong_number(n_arguments: usize) -> Error {
    format!("a function does not take {n_arguments} arguments")
}
