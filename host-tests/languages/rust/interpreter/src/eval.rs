//! Data to data.

use alloc::{
    collections::BTreeMap,
    format,
    rc::Rc,
    string::{String, ToString},
    vec::Vec,
};
use core::cell::RefCell;

use crate::{
    Error, builtins,
    symbols::{Symbol, Symbols},
    value::{Closure, Frame, Value},
};

/// Names, and the variables of the global environment.
pub(crate) struct Interpreter {
    pub(crate) symbols: Symbols,
    globals: BTreeMap<Symbol, Value>,
}

/// What a form comes to: a value, or a form in tail position.
enum Step {
    Done(Value),
    Next(Value, Option<Rc<Frame>>),
}

type Scope = Option<Rc<Frame>>;

impl Interpreter {
    pub(crate) fn new() -> Self {
        let mut symbols = Symbols::new();
        let mut globals = BTreeMap::new();
        globals.insert(Symbol::T, Value::Symbol(Symbol::T));
        for (name, builtin) in builtins::ALL {
            globals.insert(symbols.number(name), Value::Builtin(*builtin));
        }
        Self { symbols, globals }
    }

    /// The value of a form at the top, and none of a definition.
    pub(crate) fn top(&mut self, form: &Value) -> Result<Option<Value>, Error> {
        let is_definition = matches!(
            form,
            Value::Pair(pair) if pair.first.is_same(&Value::Symbol(Symbol::DEFINE))
        );
        let value = self.eval(form, &None)?;
        Ok((!is_definition).then_some(value))
    }

    fn eval(&mut self, form: &Value, scope: &Scope) -> Result<Value, Error> {
        let mut step = self.step(form, scope)?;
        loop {
            match step {
                Step::Done(value) => return Ok(value),
                Step::Next(form, scope) => step = self.step(&form, &scope)?,
            }
        }
    }

    fn step(&mut self, form: &Value, scope: &Scope) -> Result<Step, Error> {
        let pair = match form {
            Value::Symbol(name) => return self.lookup(*name, scope).map(Step::Done),
            Value::Pair(pair) => pair,
            other => return Ok(Step::Done(other.clone())),
        };
        if let Value::Symbol(name) = pair.first
            && let Some(step) = self.special(name, &pair.rest, scope)?
        {
            return Ok(step);
        }
        let function = self.eval(&pair.first, scope)?;
        let mut arguments = Vec::new();
        for argument in items(&pair.rest)? {
            arguments.push(self.eval(argument, scope)?);
        }
        self.apply(&function, arguments)
    }

    /// A special form, if `name` is one's.
    fn special(
        &mut self,
        name: Symbol,
        rest: &Value,
        scope: &Scope,
    ) -> Result<Option<Step>, Error> {
        let step = match name {
            Symbol::QUOTE => Step::Done(exactly::<1>(rest)?[0].clone()),
            Symbol::IF => self.choose(rest, scope)?,
            Symbol::DEFINE => {
                let [name, form] = exactly(rest)?;
                let value = self.eval(form, scope)?;
                self.globals.insert(symbol(name)?, value);
                Step::Done(Value::Nil)
            }
            Symbol::SET => {
                let [name, form] = exactly(rest)?;
                let value = self.eval(form, scope)?;
                self.assign(symbol(name)?, value.clone(), scope)?;
                Step::Done(value)
            }
            Symbol::LAMBDA => {
                let (names, body) = first(rest)?;
                let names = items(names)?.into_iter().map(symbol);
                Step::Done(Value::Closure(Rc::new(Closure {
                    names: names.collect::<Result<_, _>>()?,
                    body: body.clone(),
                    frame: scope.clone(),
                })))
            }
            Symbol::LET => {
                let (bindings, body) = first(rest)?;
                let mut variables = Vec::new();
                for binding in items(bindings)? {
                    let [name, form] = exactly(binding)?;
                    variables.push((symbol(name)?, self.eval(form, scope)?));
                }
                self.body(body, inside(scope, variables))?
            }
            Symbol::BEGIN => self.body(rest, scope.clone())?,
            _ => return Ok(None),
        };
        Ok(Some(step))
    }

    fn choose(&mut self, rest: &Value, scope: &Scope) -> Result<Step, Error> {
        let (condition, ways) = first(rest)?;
        let (then, other) = first(ways)?;
        let other = match other {
            Value::Nil => &Value::Nil,
            other => exactly::<1>(other)?[0],
        };
        let is_true = !self.eval(condition, scope)?.is_nil();
        let way = if is_true { then } else { other };
        Ok(Step::Next(way.clone(), scope.clone()))
    }

    /// All forms but the last, which is in tail position.
    fn body(&mut self, forms: &Value, scope: Scope) -> Result<Step, Error> {
        let mut forms = items(forms)?;
        let Some(last) = forms.pop() else {
            return Ok(Step::Done(Value::Nil));
        };
        for form in forms {
            self.eval(form, &scope)?;
        }
        Ok(Step::Next(last.clone(), scope))
    }

    fn apply(&mut self, function: &Value, arguments: Vec<Value>) -> Result<Step, Error> {
        match function {
            Value::Builtin(builtin) => builtin.call(&arguments, &self.symbols).map(Step::Done),
            Value::Closure(closure) => {
                if closure.names.len() != arguments.len() {
                    return Err(format!(
                        "a function takes {} arguments, not {}",
                        closure.names.len(),
                        arguments.len()
                    ));
                }
                let variables = closure.names.iter().copied().zip(arguments).collect();
                self.body(&closure.body, inside(&closure.frame, variables))
            }
            other => {
                let mut text = String::new();
                other.write(&mut text, &self.symbols);
                Err(format!("`{text}` is no function"))
            }
        }
    }

    fn lookup(&self, name: Symbol, scope: &Scope) -> Result<Value, Error> {
        let local = with(scope, name, |value| value.clone());
        local
            .or_else(|| self.globals.get(&name).cloned())
            .ok_or_else(|| self.unbound(name))
    }

    fn assign(&mut self, name: Symbol, value: Value, scope: &Scope) -> Result<(), Error> {
        if with(scope, name, |place| *place = value.clone()).is_some() {
            return Ok(());
        }
        match self.globals.get_mut(&name) {
            Some(place) => *place = value,
            None => return Err(self.unbound(name)),
        }
        Ok(())
    }

    fn unbound(&self, name: Symbol) -> Error {
        format!("`{}` is not bound", self.symbols.name(name))
    }
}

/// What `work` makes of the innermost variable of that name.
fn with<R>(scope: &Scope, name: Symbol, work: impl FnOnce(&mut Value) -> R) -> Option<R> {
    let mut scope = scope.as_ref();
    while let Some(frame) = scope {
        let mut variables = frame.variables.borrow_mut();
        if let Some((_, value)) = variables.iter_mut().find(|(found, _)| *found == name) {
            return Some(work(value));
        }
        drop(variables);
        scope = frame.outer.as_ref();
    }
    None
}

fn inside(outer: &Scope, variables: Vec<(Symbol, Value)>) -> Scope {
    Some(Rc::new(Frame {
        variables: RefCell::new(variables),
        outer: outer.clone(),
    }))
}

/// A list's items.
fn items(list: &Value) -> Result<Vec<&Value>, Error> {
    let mut items = Vec::new();
    let mut rest = list;
    while let Value::Pair(pair) = rest {
        items.push(&pair.first);
        rest = &pair.rest;
    }
    if rest.is_nil() {
        Ok(items)
    } else {
        Err("a form that is no list".to_string())
    }
}

fn exactly<const N: usize>(list: &Value) -> Result<[&Value; N], Error> {
    let items = items(list)?;
    <[&Value; N]>::try_from(items).map_err(|_| "a form of another length".to_string())
}

fn first(list: &Value) -> Result<(&Value, &Value), Error> {
    match list {
        Value::Pair(pair) => Ok((&pair.first, &pair.rest)),
        _ => Err("a form that is too short".to_string()),
    }
}

fn symbol(value: &Value) -> Result<Symbol, Error> {
    match value {
        Value::Symbol(symbol) => Ok(*symbol),
        _ => Err("not a name".to_string()),
    }
}
