//! Tokens to syntax, by recursive descent.

use crate::error::{Error, Place};
use crate::syntax::{Arm, Expr, Item, Kind, Operator, Pattern};
use crate::token::{Token, tokens};

/// How deep expressions may lie in one another. What follows recurses over them, and a stack has an end.
const MOST_NESTED: u32 = 100;
/// The most parameters, arguments or fields: engines set a limit to those of a function.
const MOST_FIELDS: usize = 100;

/// What stands for the end of a list and for its cells.
const NIL: &str = "Nil";
const CONS: &str = "Cons";

/// Binary operators, and how tightly each binds. `::` is not among them: it makes a `Cons`.
const OPERATORS: &[(&str, Operator, u32)] = &[
    ("==", Operator::Equal, 1),
    ("<=", Operator::AtMost, 1),
    ("<", Operator::Less, 1),
    ("++", Operator::Concat, 3),
    ("+", Operator::Add, 4),
    ("-", Operator::Subtract, 4),
    ("*", Operator::Multiply, 5),
    ("/", Operator::Divide, 5),
    ("%", Operator::Remainder, 5),
];
/// How tightly `::` binds; to the right.
const CONS_BINDS: u32 = 2;

/// Returns the program's items.
///
/// Errors: the first thing that is not in the language.
pub(crate) fn program(source: &str) -> Result<Vec<Item>, Error> {
    let mut parser = Parser {
        tokens: tokens(source)?,
        at: 0,
        nested: 0,
    };
    let mut items = Vec::new();
    while *parser.token() != Token::End {
        items.push(parser.item()?);
    }
    Ok(items)
}

struct Parser {
    tokens: Vec<(Token, Place)>,
    at: usize,
    nested: u32,
}

impl Parser {
    fn token(&self) -> &Token {
        &self.tokens[self.at].0
    }

    fn place(&self) -> Place {
        self.tokens[self.at].1
    }

    fn found(&mut self, symbol: &'static str) -> bool {
        let found = *self.token() == Token::Fixed(symbol);
        if found {
            self.at += 1;
        }
        found
    }

    fn expect(&mut self, symbol: &'static str) -> Result<(), Error> {
        if self.found(symbol) {
            return Ok(());
        }
        Err(self.unexpected(&format!("`{symbol}`")))
    }

    fn unexpected(&self, expected: &str) -> Error {
        let found = match self.token() {
            Token::Name(name) | Token::Constructor(name) => format!("`{name}`"),
            Token::Integer(number) => format!("`{number}`"),
            Token::Text(_) => "a text".into(),
            Token::Fixed(symbol) => format!("`{symbol}`"),
            Token::End => "the end".into(),
        };
        Error::new(self.place(), format!("expected {expected}, found {found}"))
    }

    fn name(&mut self) -> Result<String, Error> {
        let Token::Name(name) = self.token().clone() else {
            return Err(self.unexpected("a name"));
        };
        self.at += 1;
        Ok(name)
    }

    /// What stands between an opening bracket, which has been read, and `close`, with commas between.
    fn list<T>(
        &mut self,
        close: &'static str,
        mut element: impl FnMut(&mut Self) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        let place = self.place();
        let mut elements = Vec::new();
        while !self.found(close) {
            if !elements.is_empty() && !self.found(",") {
                return Err(self.unexpected(&format!("`,` or `{close}`")));
            }
            elements.push(element(self)?);
        }
        if elements.len() > MOST_FIELDS {
            return Err(Error::new(
                place,
                format!("more than {MOST_FIELDS} of them"),
            ));
        }
        Ok(elements)
    }

    fn item(&mut self) -> Result<Item, Error> {
        let place = self.place();
        if self.found("fn") {
            let name = self.name()?;
            self.expect("(")?;
            let parameters = self.list(")", Self::name)?;
            self.expect("=")?;
            let body = self.expr()?;
            return Ok(Item::Function {
                name,
                parameters,
                body,
                place,
            });
        }
        if self.found("let") {
            let name = self.name()?;
            self.expect("=")?;
            let value = self.expr()?;
            return Ok(Item::Let { name, value });
        }
        if self.found("print") {
            let text = self.expr()?;
            return Ok(Item::Print { text, place });
        }
        Err(self.unexpected("`fn`, `let` or `print`"))
    }

    fn expr(&mut self) -> Result<Expr, Error> {
        self.binary(0)
    }

    /// Operands with operators that bind more tightly than `least` between them.
    fn binary(&mut self, least: u32) -> Result<Expr, Error> {
        self.nested += 1;
        if self.nested > MOST_NESTED {
            return Err(too_deep(self.place()));
        }
        let mut left = self.prefix()?;
        loop {
            let place = self.place();
            let Token::Fixed(symbol) = *self.token() else {
                break;
            };
            if symbol == "::" && CONS_BINDS > least {
                self.at += 1;
                let right = self.binary(CONS_BINDS - 1)?;
                left = expr(place, Kind::Construct(CONS.into(), vec![left, right]))?;
                continue;
            }
            let known = OPERATORS.iter().find(|(name, ..)| *name == symbol);
            let Some((_, operator, binds)) = known.filter(|(.., binds)| *binds > least) else {
                break;
            };
            self.at += 1;
            let right = self.binary(*binds)?;
            left = expr(place, Kind::Operator(*operator, Box::new([left, right])))?;
        }
        self.nested -= 1;
        Ok(left)
    }

    /// What begins with a keyword reaches as far as it can.
    fn prefix(&mut self) -> Result<Expr, Error> {
        let place = self.place();
        let kind = if self.found("let") {
            let name = self.name()?;
            self.expect("=")?;
            let value = self.expr()?;
            self.expect("in")?;
            Kind::Let(name, Box::new([value, self.expr()?]))
        } else if self.found("if") {
            let condition = self.expr()?;
            self.expect("then")?;
            let yes = self.expr()?;
            self.expect("else")?;
            Kind::If(Box::new([condition, yes, self.expr()?]))
        } else if self.found("\\") {
            let mut parameters = Vec::new();
            while !self.found("->") {
                parameters.push(self.name()?);
            }
            if parameters.len() > MOST_FIELDS {
                return Err(Error::new(
                    place,
                    format!("more than {MOST_FIELDS} parameters"),
                ));
            }
            Kind::Lambda(parameters, Box::new(self.expr()?))
        } else if self.found("lazy") {
            Kind::Lazy(Box::new(self.expr()?))
        } else if self.found("print") {
            Kind::Print(Box::new(self.expr()?))
        } else {
            return self.tight();
        };
        expr(place, kind)
    }

    /// `-x`, `force x`, and what can be called.
    fn tight(&mut self) -> Result<Expr, Error> {
        let place = self.place();
        if self.found("-") {
            let zero = expr(place, Kind::Integer(0))?;
            let operand = self.called()?;
            let both = Box::new([zero, operand]);
            return expr(place, Kind::Operator(Operator::Subtract, both));
        }
        if self.found("force") {
            let lazy = Box::new(self.called()?);
            return expr(place, Kind::Force(lazy));
        }
        self.called()
    }

    fn called(&mut self) -> Result<Expr, Error> {
        let mut callee = self.primary()?;
        loop {
            let place = self.place();
            if !self.found("(") {
                return Ok(callee);
            }
            let arguments = self.list(")", Self::expr)?;
            callee = expr(place, Kind::Call(Box::new(callee), arguments))?;
        }
    }

    fn primary(&mut self) -> Result<Expr, Error> {
        let place = self.place();
        let start = self.at;
        let token = self.token().clone();
        self.at += 1;
        let kind = match token {
            Token::Integer(number) => Kind::Integer(number),
            Token::Text(bytes) => Kind::Text(bytes),
            // `_` is a name for nothing: there is nothing to read.
            Token::Name(name) if name != "_" => Kind::Name(name),
            Token::Constructor(name) => Kind::Construct(name, self.fields(Self::expr)?),
            Token::Fixed("(") => {
                let inner = self.expr()?;
                self.expect(")")?;
                return Ok(inner);
            }
            Token::Fixed("[") => return self.elements(place),
            Token::Fixed("scope") => {
                self.expect("{")?;
                let body = Box::new(self.expr()?);
                self.expect("}")?;
                Kind::Scope(body)
            }
            Token::Fixed("match") => {
                let subject = Box::new(self.expr()?);
                self.expect("{")?;
                Kind::Match(subject, self.list("}", Self::arm)?)
            }
            _ => {
                self.at = start;
                return Err(self.unexpected("an expression"));
            }
        };
        expr(place, kind)
    }

    /// The fields of a constructor, in brackets; none where there are no brackets.
    fn fields<T>(
        &mut self,
        field: impl FnMut(&mut Self) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        if self.found("(") {
            return self.list(")", field);
        }
        Ok(Vec::new())
    }

    /// `[a, b]` is `a :: b :: Nil`.
    fn elements(&mut self, place: Place) -> Result<Expr, Error> {
        let elements = self.list("]", Self::expr)?;
        let nil = expr(place, Kind::Construct(NIL.into(), Vec::new()))?;
        elements.into_iter().rev().try_fold(nil, |tail, head| {
            expr(place, Kind::Construct(CONS.into(), vec![head, tail]))
        })
    }

    fn arm(&mut self) -> Result<Arm, Error> {
        let place = self.place();
        let pattern = match self.token().clone() {
            Token::Constructor(name) => {
                self.at += 1;
                Pattern::Construct(name, self.fields(Self::name)?)
            }
            Token::Name(_) => Pattern::Any(self.name()?),
            _ => return Err(self.unexpected("a pattern")),
        };
        self.expect("->")?;
        Ok(Arm {
            place,
            pattern,
            body: self.expr()?,
        })
    }
}

fn too_deep(place: Place) -> Error {
    let message = format!("expressions lie more than {MOST_NESTED} deep in one another");
    Error::new(place, message)
}

/// Errors: it is too deep.
fn expr(place: Place, kind: Kind) -> Result<Expr, Error> {
    let height = 1 + match &kind {
        Kind::Integer(_) | Kind::Text(_) | Kind::Name(_) => 0,
        Kind::Construct(_, fields) => highest(fields),
        Kind::Call(callee, arguments) => callee.height.max(highest(arguments)),
        Kind::Operator(_, both) | Kind::Let(_, both) => highest(&**both),
        Kind::If(all) => highest(&**all),
        Kind::Match(subject, arms) => {
            let bodies = arms.iter().map(|arm| arm.body.height);
            bodies.fold(subject.height, u32::max)
        }
        Kind::Lambda(_, inner)
        | Kind::Lazy(inner)
        | Kind::Force(inner)
        | Kind::Scope(inner)
        | Kind::Print(inner) => inner.height,
    };
    if height > MOST_NESTED {
        return Err(too_deep(place));
    }
    Ok(Expr {
        place,
        height,
        kind,
    })
}

fn highest(inner: &[Expr]) -> u32 {
    inner.iter().map(|expr| expr.height).max().unwrap_or(0)
}
