//! A function of the core to instructions.
//!
//! Every term leaves one value on the operand stack. A block is made first and its fields are stored then, all in one scope:
//! no field is newer than its block, but for those that the runtime's `$store` writes.

use wasm_encoder::{BlockType, Function, InstructionSink, MemArg, ValType};

use crate::core::{self, Arm, Kind, Term, Variable, Yields};
use crate::module::Module;
use crate::statics::Static;
use crate::syntax::Operator;

/// Where a block's fields begin.
const FIELDS: u32 = 12;
/// The result of a term.
const VALUE: BlockType = BlockType::Result(ValType::I32);

/// Returns the function's body.
pub(crate) fn function(module: &mut Module, function: &core::Function) -> Function {
    let n_locals = function.n_locals - function.n_parameters;
    let mut emitter = Emitter {
        module,
        body: Function::new([(n_locals, ValType::I32)]),
    };
    emitter.term(&function.body, true);
    emitter.code().end();
    emitter.body
}

struct Emitter<'a> {
    module: &'a mut Module,
    body: Function,
}

impl Emitter<'_> {
    fn code(&mut self) -> InstructionSink<'_> {
        self.body.instructions()
    }

    fn runtime(&mut self, name: &str) {
        let function = self.module.runtime.function(name);
        self.code().call(function);
    }

    /// A value. Where it is all that is left to do in the function, a call in it takes no stack.
    fn term(&mut self, term: &Term, is_last: bool) {
        match term {
            Term::Integer(number) => {
                self.code().i32_const(boxed(*number));
            }
            Term::Text(bytes) => self.address(Static::Text(bytes.clone())),
            Term::Function(id) => self.address(Static::Function(*id as u32)),
            Term::Constant { tag } => self.address(Static::Constant(*tag)),
            Term::Variable(Variable::Local(local)) => {
                self.code().local_get(*local);
            }
            Term::Variable(Variable::Captured(field)) => {
                self.code().local_get(0).i32_load(field_of(*field));
            }
            Term::Variable(Variable::Global(global)) => {
                let global = self.module.global(*global);
                self.code().global_get(global);
            }
            Term::Block {
                kind,
                tag,
                fields,
                local,
            } => self.block(*kind, *tag, fields, *local),
            Term::Call {
                function,
                arguments,
            } => {
                // Nobody captures anything for it.
                self.code().i32_const(0);
                self.terms(arguments);
                let function = self.module.function(*function);
                if is_last {
                    self.code().return_call(function);
                } else {
                    self.code().call(function);
                }
            }
            Term::Apply {
                callee,
                arguments,
                local,
            } => {
                self.term(callee, false);
                self.code().local_tee(*local);
                self.terms(arguments);
                self.code().local_get(*local);
                self.runtime("code_of");
                let ty = self.module.function_type(arguments.len() as u32 + 1);
                if is_last {
                    self.code().return_call_indirect(0, ty);
                } else {
                    self.code().call_indirect(0, ty);
                }
            }
            Term::Operator(Operator::Concat, both) => {
                self.terms(&**both);
                self.runtime("concat");
            }
            Term::Operator(..) => {
                self.number(term);
                self.runtime("box");
            }
            Term::Builtin(builtin, arguments) => {
                self.terms(arguments);
                self.runtime(builtin.name);
                match builtin.yields {
                    Yields::Value => {}
                    Yields::Number => self.runtime("box"),
                    Yields::Nothing => {
                        self.code().i32_const(boxed(0));
                    }
                }
            }
            Term::Let { local, both } => {
                let [value, body] = &**both;
                self.term(value, false);
                self.code().local_set(*local);
                self.term(body, is_last);
            }
            Term::If(all) => {
                let [condition, yes, no] = &**all;
                self.number(condition);
                self.code().if_(VALUE);
                self.term(yes, is_last);
                self.code().else_();
                self.term(no, is_last);
                self.code().end();
            }
            Term::Match {
                subject,
                local,
                arms,
                otherwise,
            } => {
                self.term(subject, false);
                self.code().local_set(*local);
                for arm in arms {
                    self.arm(*local, arm, is_last);
                }
                match otherwise {
                    Some(body) => self.term(body, is_last),
                    None => {
                        self.runtime("no_case");
                        self.code().unreachable();
                    }
                }
                for _ in arms {
                    self.code().end();
                }
            }
            // What is in a scope is never last: the scope is to be left.
            Term::Scope { body, local } => {
                self.runtime("enter");
                self.code().local_set(*local).local_get(*local);
                self.term(body, false);
                self.runtime("leave");
            }
        }
    }

    fn terms(&mut self, terms: &[Term]) {
        for term in terms {
            self.term(term, false);
        }
    }

    fn address(&mut self, block: Static) {
        let address = self.module.statics.address(block);
        self.code().i32_const(address.cast_signed());
    }

    fn block(&mut self, kind: Kind, tag: u32, fields: &[Term], local: u32) {
        let head = kind as u32 | (fields.len() as u32) << 3;
        self.code()
            .i32_const(head.cast_signed())
            .i32_const(tag.cast_signed());
        self.runtime("new");
        self.code().local_set(local);
        for (i, field) in fields.iter().enumerate() {
            self.code().local_get(local);
            self.term(field, false);
            self.code().i32_store(field_of(i as u32));
        }
        self.code().local_get(local);
    }

    /// `if` the subject has this constructor: the fields, the body; and an `else` that is left open.
    fn arm(&mut self, subject: u32, arm: &Arm, is_last: bool) {
        self.code().local_get(subject);
        self.runtime("constructor");
        self.code()
            .i32_const(arm.tag.cast_signed())
            .i32_eq()
            .if_(VALUE);
        for (i, local) in arm.locals.iter().enumerate() {
            if let Some(local) = local {
                let field = field_of(i as u32);
                self.code()
                    .local_get(subject)
                    .i32_load(field)
                    .local_set(*local);
            }
        }
        self.term(&arm.body, is_last);
        self.code().else_();
    }

    /// An integer, as a number of wasm.
    fn number(&mut self, term: &Term) {
        match term {
            Term::Operator(Operator::Equal, both) => {
                self.terms(&**both);
                self.runtime("equal");
            }
            Term::Operator(operator, both) if *operator != Operator::Concat => {
                for operand in &**both {
                    self.operand(operand);
                }
                let mut code = self.code();
                match operator {
                    Operator::Add => code.i32_add(),
                    Operator::Subtract => code.i32_sub(),
                    Operator::Multiply => code.i32_mul(),
                    Operator::Divide => code.i32_div_s(),
                    Operator::Remainder => code.i32_rem_s(),
                    Operator::Less => code.i32_lt_s(),
                    Operator::AtMost => code.i32_le_s(),
                    Operator::Equal | Operator::Concat => &mut code,
                };
            }
            _ => self.operand(term),
        }
    }

    /// The same for what is calculated with: boxed in between, so that integers have 31 bits everywhere.
    fn operand(&mut self, term: &Term) {
        if let Term::Integer(number) = term {
            self.code().i32_const(*number);
            return;
        }
        self.term(term, false);
        self.runtime("integer");
    }
}

pub(crate) fn boxed(number: i32) -> i32 {
    number << 1 | 1
}

fn field_of(i: u32) -> MemArg {
    MemArg {
        offset: u64::from(FIELDS + 4 * i),
        align: 2,
        memory_index: 0,
    }
}
