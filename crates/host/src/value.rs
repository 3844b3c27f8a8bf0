//! Arguments and results of a call: the four number types of core wasm, which is all that an exported function of a
//! linked program can be driven with from a command line.

use std::fmt;

/// A number passed to or returned by a wasm function.
///
/// Units: integers are bit patterns; `Value::I32(-1)` and the address `0xffff_ffff` are the same value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value {
    /// A 32-bit integer, by its signed reading.
    I32(i32),
    /// A 64-bit integer, by its signed reading.
    I64(i64),
    /// A 32-bit float.
    F32(f32),
    /// A 64-bit float.
    F64(f64),
}

/// The type of a [`Value`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ValueType {
    /// `i32`
    I32,
    /// `i64`
    I64,
    /// `f32`
    F32,
    /// `f64`
    F64,
}

/// The parameters and results of an exported function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// Parameter types, in order.
    pub params: Vec<ValueType>,
    /// Result types, in order.
    pub results: Vec<ValueType>,
}

impl Value {
    /// Returns the type of this value.
    pub fn ty(self) -> ValueType {
        match self {
            Value::I32(_) => ValueType::I32,
            Value::I64(_) => ValueType::I64,
            Value::F32(_) => ValueType::F32,
            Value::F64(_) => ValueType::F64,
        }
    }

    /// Returns an `i32`'s bits as an unsigned number, as sizes and addresses are meant; `None` for other types.
    pub fn as_u32(self) -> Option<u32> {
        match self {
            Value::I32(bits) => Some(bits.cast_unsigned()),
            _ => None,
        }
    }

    pub(crate) fn to_wasmtime(self) -> wasmtime::Val {
        match self {
            Value::I32(v) => wasmtime::Val::I32(v),
            Value::I64(v) => wasmtime::Val::I64(v),
            Value::F32(v) => wasmtime::Val::F32(v.to_bits()),
            Value::F64(v) => wasmtime::Val::F64(v.to_bits()),
        }
    }

    /// Returns `None` for vectors and references.
    pub(crate) fn from_wasmtime(value: &wasmtime::Val) -> Option<Value> {
        match *value {
            wasmtime::Val::I32(v) => Some(Value::I32(v)),
            wasmtime::Val::I64(v) => Some(Value::I64(v)),
            wasmtime::Val::F32(v) => Some(Value::F32(f32::from_bits(v))),
            wasmtime::Val::F64(v) => Some(Value::F64(f64::from_bits(v))),
            _ => None,
        }
    }
}

impl From<u32> for Value {
    fn from(bits: u32) -> Value {
        Value::I32(bits.cast_signed())
    }
}

impl From<i32> for Value {
    fn from(value: i32) -> Value {
        Value::I32(value)
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::I32(v) => v.fmt(f),
            Value::I64(v) => v.fmt(f),
            Value::F32(v) => v.fmt(f),
            Value::F64(v) => v.fmt(f),
        }
    }
}

impl ValueType {
    pub(crate) fn from_wasmtime(ty: &wasmtime::ValType) -> Option<ValueType> {
        match ty {
            wasmtime::ValType::I32 => Some(ValueType::I32),
            wasmtime::ValType::I64 => Some(ValueType::I64),
            wasmtime::ValType::F32 => Some(ValueType::F32),
            wasmtime::ValType::F64 => Some(ValueType::F64),
            _ => None,
        }
    }
}

impl fmt::Display for ValueType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ValueType::I32 => "i32",
            ValueType::I64 => "i64",
            ValueType::F32 => "f32",
            ValueType::F64 => "f64",
        })
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |types: &[ValueType]| {
            let names: Vec<String> = types.iter().map(ToString::to_string).collect();
            format!("({})", names.join(", "))
        };
        write!(f, "{} -> {}", list(&self.params), list(&self.results))
    }
}
