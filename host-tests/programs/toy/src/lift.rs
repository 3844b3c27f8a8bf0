//! Syntax to core: lambdas and lazy expressions become functions of their own, and what they use of their
//! surroundings becomes fields of a closure or thunk.

use std::collections::BTreeMap;

use crate::context::Contexts;
use crate::core::{
    Arm, BUILTINS, Core, FORCE, Function, FunctionId, Kind, PRINT, REF, Step, Term, Variable,
};
use crate::error::{Error, Place};
use crate::syntax::{self, Expr, Item, Pattern};

/// The most locals of a function that engines accept.
const MOST_LOCALS: u32 = 50_000;

/// Returns the program with every name resolved.
///
/// Errors: names that nothing has, or two things; calls and patterns with the wrong number of fields.
pub(crate) fn lift(items: &[Item]) -> Result<Core, Error> {
    let mut lifter = Lifter::default();
    for item in items {
        let Item::Function {
            name,
            parameters,
            place,
            ..
        } = item
        else {
            continue;
        };
        let id = lifter.reserve(name.clone(), parameters.len());
        if lifter
            .functions
            .insert(name, (id, parameters.len()))
            .is_some()
        {
            return Err(Error::new(
                *place,
                format!("there are two functions `{name}`"),
            ));
        }
    }
    for item in items {
        match item {
            Item::Function {
                name,
                parameters,
                body,
                ..
            } => {
                let id = lifter.functions[name.as_str()].0;
                lifter.body(id, parameters, body)?;
            }
            Item::Let { name, value } => {
                let function = lifter.step(name.clone(), value, false)?;
                // From here on, so that a value cannot be used before it is there.
                let global = lifter.core.n_globals;
                lifter.core.n_globals += 1;
                lifter.globals.insert(name, global);
                let global = Some(global);
                lifter.core.steps.push(Step { function, global });
            }
            Item::Print { text, place } => {
                let function = lifter.step(format!("print:{place}"), text, true)?;
                let global = None;
                lifter.core.steps.push(Step { function, global });
            }
        }
    }
    Ok(lifter.core)
}

#[derive(Default)]
struct Lifter<'a> {
    core: Core,
    /// Those at the top, with how many parameters they have.
    functions: BTreeMap<&'a str, (FunctionId, usize)>,
    globals: BTreeMap<&'a str, u32>,
    /// Tag and number of fields, by name.
    constructors: BTreeMap<&'a str, (u32, usize)>,
    contexts: Contexts<'a>,
}

impl<'a> Lifter<'a> {
    /// A place for a function that is lifted later.
    fn reserve(&mut self, name: String, n_parameters: usize) -> FunctionId {
        self.core.functions.push(Function {
            name,
            n_parameters: n_parameters as u32 + 1,
            n_locals: 0,
            body: Term::Integer(0),
        });
        self.core.functions.len() - 1
    }

    /// A `let` or a `print` at the top, each in a scope of its own.
    fn step(&mut self, name: String, expr: &'a Expr, is_print: bool) -> Result<FunctionId, Error> {
        let id = self.reserve(name, 0);
        self.contexts.enter(&[]);
        let mut body = self.term(expr)?;
        if is_print {
            body = Term::Builtin(&PRINT, vec![body]);
        }
        let scope = Term::Scope {
            local: self.contexts.local(),
            body: Box::new(body),
        };
        self.finish(id, scope, expr.place)?;
        Ok(id)
    }

    /// Lifts the body of a function, and puts it where `id` was reserved. Returns what it captures.
    fn body(
        &mut self,
        id: FunctionId,
        parameters: &'a [String],
        body: &'a Expr,
    ) -> Result<Vec<Variable>, Error> {
        self.contexts.enter(parameters);
        let term = self.term(body)?;
        self.finish(id, term, body.place)
    }

    /// Ends the function that was entered last, and puts it where `id` was reserved. Returns what it captures.
    fn finish(&mut self, id: FunctionId, body: Term, place: Place) -> Result<Vec<Variable>, Error> {
        let context = self.contexts.leave();
        let function = &mut self.core.functions[id];
        function.body = body;
        function.n_locals = context.n_locals;
        if context.n_locals > MOST_LOCALS {
            let message = format!("`{}` has too many variables", function.name);
            return Err(Error::new(place, message));
        }
        Ok(context.captured())
    }

    fn terms(&mut self, exprs: &'a [Expr]) -> Result<Vec<Term>, Error> {
        exprs.iter().map(|expr| self.term(expr)).collect()
    }

    fn term(&mut self, expr: &'a Expr) -> Result<Term, Error> {
        let place = expr.place;
        Ok(match &expr.kind {
            syntax::Kind::Integer(number) => Term::Integer(*number),
            syntax::Kind::Text(bytes) => Term::Text(bytes.clone()),
            syntax::Kind::Name(name) => self.name(name, place)?,
            syntax::Kind::Construct(name, fields) => {
                let tag = self.constructor(name, fields.len(), place)?;
                if fields.is_empty() {
                    return Ok(Term::Constant { tag });
                }
                let fields = self.terms(fields)?;
                self.block(Kind::Data, tag, fields)
            }
            syntax::Kind::Call(callee, arguments) => self.call(callee, arguments, place)?,
            syntax::Kind::Operator(operator, both) => {
                let [left, right] = &**both;
                let both = Box::new([self.term(left)?, self.term(right)?]);
                Term::Operator(*operator, both)
            }
            syntax::Kind::Lambda(parameters, body) => {
                self.made_function(Kind::Closure, "lambda", parameters, body)?
            }
            syntax::Kind::Lazy(body) => self.made_function(Kind::Thunk, "lazy", &[], body)?,
            syntax::Kind::Let(name, both) => {
                let [value, body] = &**both;
                let value = self.term(value)?;
                let local = self.contexts.local();
                let body = self.within(&[(name, local)], body)?;
                let both = Box::new([value, body]);
                Term::Let { local, both }
            }
            syntax::Kind::If(all) => {
                let [condition, yes, no] = &**all;
                let all = [self.term(condition)?, self.term(yes)?, self.term(no)?];
                Term::If(Box::new(all))
            }
            syntax::Kind::Match(subject, arms) => self.matching(subject, arms)?,
            syntax::Kind::Force(inner) => Term::Builtin(&FORCE, vec![self.term(inner)?]),
            syntax::Kind::Print(inner) => Term::Builtin(&PRINT, vec![self.term(inner)?]),
            syntax::Kind::Scope(body) => {
                let body = Box::new(self.term(body)?);
                let local = self.contexts.local();
                Term::Scope { body, local }
            }
        })
    }

    /// A term in which some more names are in view.
    fn within(&mut self, names: &[(&'a str, u32)], body: &'a Expr) -> Result<Term, Error> {
        let n_names = self.contexts.show(names);
        let term = self.term(body)?;
        self.contexts.hide(n_names);
        Ok(term)
    }

    fn block(&mut self, kind: Kind, tag: u32, fields: Vec<Term>) -> Term {
        let local = self.contexts.local();
        Term::Block {
            kind,
            tag,
            fields,
            local,
        }
    }

    /// A lambda or a lazy expression: a function, and the block that holds what it captures.
    fn made_function(
        &mut self,
        kind: Kind,
        what: &str,
        parameters: &'a [String],
        body: &'a Expr,
    ) -> Result<Term, Error> {
        let name = format!("{what}:{}", body.place);
        let id = self.reserve(name, parameters.len());
        let captured = self.body(id, parameters, body)?;
        if captured.is_empty() && kind == Kind::Closure {
            return Ok(Term::Function(id));
        }
        let mut fields: Vec<Term> = captured.into_iter().map(Term::Variable).collect();
        if fields.is_empty() {
            // A thunk's value will need a place.
            fields.push(Term::Integer(0));
        }
        Ok(self.block(kind, id as u32, fields))
    }

    fn known_variable(&mut self, name: &'a str) -> Option<Variable> {
        let global = self.globals.get(name).copied().map(Variable::Global);
        self.contexts.variable(name).or(global)
    }

    fn name(&mut self, name: &'a str, place: Place) -> Result<Term, Error> {
        if let Some(variable) = self.known_variable(name) {
            return Ok(Term::Variable(variable));
        }
        if let Some((id, _)) = self.functions.get(name) {
            return Ok(Term::Function(*id));
        }
        let message = if name == REF || BUILTINS.iter().any(|builtin| builtin.name == name) {
            format!("`{name}` is built in, and can be called only; a lambda around it is a value")
        } else {
            format!("nothing is called `{name}` here")
        };
        Err(Error::new(place, message))
    }

    fn call(
        &mut self,
        callee: &'a Expr,
        arguments: &'a [Expr],
        place: Place,
    ) -> Result<Term, Error> {
        if let syntax::Kind::Name(name) = &callee.kind
            && self.known_variable(name).is_none()
        {
            if let Some((function, n_parameters)) = self.functions.get(name.as_str()).copied() {
                same_number(name, n_parameters, arguments.len(), place)?;
                let arguments = self.terms(arguments)?;
                return Ok(Term::Call {
                    function,
                    arguments,
                });
            }
            if name == REF {
                same_number(name, 1, arguments.len(), place)?;
                let fields = self.terms(arguments)?;
                return Ok(self.block(Kind::Cell, 0, fields));
            }
            if let Some(builtin) = BUILTINS.iter().find(|builtin| builtin.name == *name) {
                same_number(name, builtin.n_parameters, arguments.len(), place)?;
                return Ok(Term::Builtin(builtin, self.terms(arguments)?));
            }
        }
        let callee = Box::new(self.term(callee)?);
        let arguments = self.terms(arguments)?;
        let local = self.contexts.local();
        Ok(Term::Apply {
            callee,
            arguments,
            local,
        })
    }

    fn matching(&mut self, subject: &'a Expr, arms: &'a [syntax::Arm]) -> Result<Term, Error> {
        let subject = Box::new(self.term(subject)?);
        let local = self.contexts.local();
        let mut lifted = Vec::new();
        let mut otherwise = None;
        for arm in arms {
            if otherwise.is_some() {
                return Err(Error::new(arm.place, "what is above fits everything"));
            }
            match &arm.pattern {
                Pattern::Any(name) => {
                    let body = self.within(&[(name, local)], &arm.body)?;
                    otherwise = Some(Box::new(body));
                }
                Pattern::Construct(name, fields) => {
                    let tag = self.constructor(name, fields.len(), arm.place)?;
                    let mut names = Vec::new();
                    let mut locals = Vec::new();
                    for field in fields {
                        let local = (field != "_").then(|| self.contexts.local());
                        names.extend(local.map(|local| (field.as_str(), local)));
                        locals.push(local);
                    }
                    let body = self.within(&names, &arm.body)?;
                    lifted.push(Arm { tag, locals, body });
                }
            }
        }
        Ok(Term::Match {
            subject,
            local,
            arms: lifted,
            otherwise,
        })
    }

    /// The tag of a constructor, which is known by its first use.
    fn constructor(&mut self, name: &'a str, n_fields: usize, place: Place) -> Result<u32, Error> {
        let next = self.constructors.len() as u32;
        let (tag, expected) = *self.constructors.entry(name).or_insert((next, n_fields));
        same_number(name, expected, n_fields, place)?;
        Ok(tag)
    }
}

/// Errors: they are not.
fn same_number(name: &str, expected: usize, found: usize, place: Place) -> Result<(), Error> {
    if expected == found {
        return Ok(());
    }
    let message = format!("`{name}` takes {expected}, and is given {found}");
    Err(Error::new(place, message))
}
