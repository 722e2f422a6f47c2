//! XML documents, read strictly and written safely.
//!
//! The reader refuses what documents of S3 never have and what only attacks use: document types, processing instructions,
//! entities besides the five predefined ones, characters that XML 1.0 excludes, deep nesting, and more elements than the
//! caller allows. Text, CDATA sections and character references make up one text, as XML demands.

mod reader;
mod writer;

pub use reader::{Element, parse};
pub use writer::{XmlWriter, is_writable};

/// The namespace of S3's documents. Errors have none.
pub const NAMESPACE: &str = "http://s3.amazonaws.com/doc/2006-03-01/";

/// Whether XML 1.0 can contain a character, be it as a reference.
const fn is_xml_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}
