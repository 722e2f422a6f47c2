//! How the text of a value becomes the type of its key.
//!
//! Every source gives text: an environment variable and a flag by their nature, and a file because a scalar of TOML
//! counts as what is written there. So a secret such as `0123` or `true` is the same secret in every source.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use ipnet::IpNet;
use zeroize::Zeroizing;

/// A value as its source gives it. It may be a secret, so it has no `Debug`.
pub(super) enum Given {
    /// One value.
    Text(Zeroizing<String>),
    /// Several values.
    List(Vec<Zeroizing<String>>),
    /// A table of a file, which no key has as its value.
    Table,
}

/// Why a value was refused.
#[derive(Debug)]
pub(crate) struct Mismatch {
    expected: &'static str,
    got: String,
    hint: Option<String>,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "must be {}, got {}", self.expected, self.got)?;
        self.hint.iter().try_for_each(|hint| write!(f, "; {hint}"))
    }
}

/// A type that a key of the configuration can have.
pub(super) trait Setting: Sized {
    /// Reads the value.
    fn read(given: &Given) -> Result<Self, Mismatch>;

    /// The value as a TOML literal; `None` when it is absent.
    fn show(&self) -> Option<String>;
}

/// A type that is written as one word or number.
pub(super) trait Scalar: Sized {
    /// What the text must be; completes the sentence "must be …".
    const FORM: &'static str;
    /// Whether messages must not contain the text.
    const SECRET: bool = false;

    fn parse(text: &str) -> Option<Self>;

    /// The value as a TOML literal.
    fn literal(&self) -> String;

    /// Advice for a frequent mistake.
    fn hint(_text: &str) -> Option<String> {
        None
    }
}

fn read_scalar<T: Scalar>(text: &str) -> Result<T, Mismatch> {
    T::parse(text).ok_or_else(|| Mismatch {
        expected: T::FORM,
        got: if T::SECRET { "something else".to_owned() } else { format!("`{}`", text.escape_debug()) },
        hint: T::hint(text),
    })
}

impl<T: Scalar> Setting for T {
    fn read(given: &Given) -> Result<Self, Mismatch> {
        let mismatch = |got: &str| Mismatch { expected: T::FORM, got: got.to_owned(), hint: None };
        match given {
            Given::Text(text) => read_scalar(text),
            Given::List(_) => Err(mismatch("a list")),
            Given::Table => Err(mismatch("a table")),
        }
    }

    fn show(&self) -> Option<String> {
        Some(self.literal())
    }
}

impl<T: Scalar> Setting for Option<T> {
    fn read(given: &Given) -> Result<Self, Mismatch> {
        T::read(given).map(Some)
    }

    fn show(&self) -> Option<String> {
        self.as_ref().map(Scalar::literal)
    }
}

impl<T: Scalar> Setting for Vec<T> {
    /// Reads a list of a file, or text: one value, several with commas between them, or the same in brackets.
    fn read(given: &Given) -> Result<Self, Mismatch> {
        match given {
            Given::List(items) => items.iter().map(|item| read_scalar(item)).collect(),
            Given::Text(text) => split(text).map(read_scalar).collect(),
            Given::Table => Err(Mismatch { expected: T::FORM, got: "a table".to_owned(), hint: None }),
        }
    }

    fn show(&self) -> Option<String> {
        let items: Vec<_> = self.iter().map(Scalar::literal).collect();
        Some(format!("[{}]", items.join(", ")))
    }
}

fn split(text: &str) -> impl Iterator<Item = &str> {
    let text = text.trim();
    let inner = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    inner.split(',').map(|item| unquoted(item.trim())).filter(|item| !item.is_empty())
}

fn unquoted(text: &str) -> &str {
    let quoted = |quote| text.strip_prefix(quote).and_then(|rest: &str| rest.strip_suffix(quote));
    quoted('"').or_else(|| quoted('\'')).unwrap_or(text)
}

/// A string as TOML writes it.
pub(super) fn quote(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

macro_rules! numbers {
    ($($type:ty: $form:literal),+) => {
        $(impl Scalar for $type {
            const FORM: &'static str = $form;

            fn parse(text: &str) -> Option<Self> {
                text.replace('_', "").parse().ok()
            }

            fn literal(&self) -> String {
                self.to_string()
            }
        })+
    };
}

numbers!(usize: "a whole number", u32: "a whole number up to 4294967295", u64: "a whole number");

impl Scalar for bool {
    const FORM: &'static str = "true or false";

    fn parse(text: &str) -> Option<Self> {
        text.parse().ok()
    }

    fn literal(&self) -> String {
        self.to_string()
    }
}

impl Scalar for String {
    const FORM: &'static str = "text";

    fn parse(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }

    fn literal(&self) -> String {
        quote(self)
    }
}

impl Scalar for PathBuf {
    const FORM: &'static str = "a path";

    fn parse(text: &str) -> Option<Self> {
        (!text.is_empty()).then(|| Self::from(text))
    }

    fn literal(&self) -> String {
        quote(&self.to_string_lossy())
    }
}

impl Scalar for SocketAddr {
    const FORM: &'static str = "an IP address and a port, such as 127.0.0.1:3000";

    fn parse(text: &str) -> Option<Self> {
        match text.strip_prefix("localhost:") {
            Some(port) => Some(Self::from(([127, 0, 0, 1], port.parse().ok()?))),
            None => text.parse().ok(),
        }
    }

    fn literal(&self) -> String {
        quote(&self.to_string())
    }

    /// A port alone could mean this machine or every interface, so the operator must say which.
    fn hint(text: &str) -> Option<String> {
        let port: u16 = text.strip_prefix(['*', ':']).unwrap_or(text).trim_start_matches(':').parse().ok()?;
        Some(format!("use 127.0.0.1:{port} for this machine alone, or 0.0.0.0:{port} for every interface"))
    }
}

impl Scalar for IpNet {
    const FORM: &'static str = "a network, such as 10.0.0.0/8";

    fn parse(text: &str) -> Option<Self> {
        text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(Self::from))
    }

    fn literal(&self) -> String {
        quote(&self.to_string())
    }
}
