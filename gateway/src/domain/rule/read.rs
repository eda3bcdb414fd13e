//! Reads a rule. Traefik reads it as an expression of Go, of which rules are a small part.

use regex::Regex;

use crate::domain::rule::{Expression, Matcher, RuleError, network};

/// Parentheses and negations inside each other at most.
const DEEPEST: usize = 64;

pub(super) fn expression(text: &str) -> Result<Expression, RuleError> {
    let mut reader = Reader { text, at: 0, depth: 0 };
    let found = reader.either()?;
    reader.skip_space();
    if reader.at == text.len() { Ok(found) } else { Err(reader.wrong()) }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

impl<'a> Reader<'a> {
    const fn wrong(&self) -> RuleError {
        RuleError::Form(self.at)
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn skip_space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
    }

    fn eat(&mut self, token: &str) -> bool {
        self.skip_space();
        let is_there = self.rest().starts_with(token);
        if is_there {
            self.at += token.len();
        }
        is_there
    }

    fn either(&mut self) -> Result<Expression, RuleError> {
        let mut parts = vec![self.both()?];
        while self.eat("||") {
            parts.push(self.both()?);
        }
        Ok(joined(parts, &Expression::Or))
    }

    fn both(&mut self) -> Result<Expression, RuleError> {
        let mut parts = vec![self.one()?];
        while self.eat("&&") {
            parts.push(self.one()?);
        }
        Ok(joined(parts, &Expression::And))
    }

    fn one(&mut self) -> Result<Expression, RuleError> {
        if self.depth == DEEPEST {
            return Err(self.wrong());
        }
        self.depth += 1;
        let found = if self.eat("!") {
            self.one().map(|inner| Expression::Not(Box::new(inner)))
        } else if self.eat("(") {
            let inner = self.either()?;
            if self.eat(")") { Ok(inner) } else { Err(self.wrong()) }
        } else {
            self.matcher().map(Expression::Matcher)
        };
        self.depth -= 1;
        found
    }

    fn matcher(&mut self) -> Result<Matcher, RuleError> {
        self.skip_space();
        let rest = self.rest();
        let length = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
        let name = &rest[..length];
        if name.is_empty() {
            return Err(self.wrong());
        }
        self.at += length;
        if !self.eat("(") {
            return Err(self.wrong());
        }
        let mut parameters = Vec::new();
        while !self.eat(")") {
            if !parameters.is_empty() && !self.eat(",") {
                return Err(self.wrong());
            }
            // Go allows a comma after the last one.
            if !parameters.is_empty() && self.eat(")") {
                break;
            }
            parameters.push(self.literal()?);
        }
        make(name, &parameters)
    }

    fn literal(&mut self) -> Result<String, RuleError> {
        if self.eat("`") {
            let length = self.rest().find('`').ok_or_else(|| self.wrong())?;
            let found = self.rest()[..length].replace('\r', "");
            self.at += length + 1;
            return Ok(found);
        }
        if !self.eat("\"") {
            return Err(self.wrong());
        }
        let mut found = String::new();
        let mut characters = self.rest().char_indices();
        while let Some((place, c)) = characters.next() {
            match c {
                '"' => {
                    self.at += place + 1;
                    return Ok(found);
                }
                '\n' => break,
                '\\' => match characters.next().map(|(_, c)| c) {
                    Some('n') => found.push('\n'),
                    Some('r') => found.push('\r'),
                    Some('t') => found.push('\t'),
                    Some(c @ ('\\' | '"')) => found.push(c),
                    Some('u') => {
                        let digits: String = characters.by_ref().take(4).map(|(_, c)| c).collect();
                        let code = u32::from_str_radix(&digits, 16).ok().filter(|_| digits.len() == 4);
                        found.push(code.and_then(char::from_u32).ok_or_else(|| self.wrong())?);
                    }
                    // Other escapes are written by nobody; what is not understood is not guessed.
                    _ => break,
                },
                c => found.push(c),
            }
        }
        Err(self.wrong())
    }
}

/// Joins in halves, so that a long chain does not become a deep tree.
fn joined(mut parts: Vec<Expression>, join: &impl Fn(Box<Expression>, Box<Expression>) -> Expression) -> Expression {
    let rest = parts.split_off(parts.len().div_ceil(2));
    match (parts.len(), rest.is_empty()) {
        (1, true) => parts.swap_remove(0),
        _ => join(Box::new(joined(parts, join)), Box::new(joined(rest, join))),
    }
}

/// A matcher is called by its name in the document, in small letters, in capitals, or with one capital.
fn is_named(written: &str, name: &str) -> bool {
    let mut small = name.to_ascii_lowercase();
    let is_small = written == small;
    if let Some(first) = small.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    is_small || written == name || written == name.to_ascii_uppercase() || written == small
}

const NAMES: [&str; 11] = [
    "Host",
    "HostRegexp",
    "Method",
    "Path",
    "PathRegexp",
    "PathPrefix",
    "Header",
    "HeaderRegexp",
    "Query",
    "QueryRegexp",
    "ClientIP",
];

fn make(written: &str, parameters: &[String]) -> Result<Matcher, RuleError> {
    let known = NAMES.into_iter().find(|name| is_named(written, name));
    let name = known.ok_or_else(|| RuleError::Matcher(written.to_owned()))?;
    let wrong = || RuleError::Parameters(name.to_owned());
    let pattern = |text: &str| Regex::new(text).map_err(|_| wrong());
    match (name, parameters) {
        ("Host", [host]) if host.is_ascii() && !host.is_empty() => Ok(Matcher::Host(host.to_ascii_lowercase())),
        ("HostRegexp", [text]) if text.is_ascii() => pattern(text).map(Matcher::HostRegexp),
        ("Method", [method]) => Ok(Matcher::Method(method.to_uppercase())),
        ("Path", [path]) if path.starts_with('/') => Ok(Matcher::Path(path.clone())),
        ("PathRegexp", [text]) => pattern(text).map(Matcher::PathRegexp),
        ("PathPrefix", [path]) if path.starts_with('/') => Ok(Matcher::PathPrefix(path.clone())),
        ("Header", [header, value]) => Ok(Matcher::Header(header.to_ascii_lowercase(), value.clone())),
        ("HeaderRegexp", [header, text]) => {
            pattern(text).map(|found| Matcher::HeaderRegexp(header.to_ascii_lowercase(), found))
        }
        ("Query" | "QueryRegexp", [parameter]) => Ok(Matcher::Query(parameter.clone(), String::new())),
        ("Query", [parameter, value]) => Ok(Matcher::Query(parameter.clone(), value.clone())),
        ("QueryRegexp", [parameter, text]) => pattern(text).map(|found| Matcher::QueryRegexp(parameter.clone(), found)),
        ("ClientIP", [text]) => network(text).map(Matcher::ClientIp).ok_or_else(wrong),
        _ => Err(wrong()),
    }
}
