use std::fmt::Write as _;

use super::{NAMESPACE, is_xml_char};

/// Writes a document.
///
/// ```
/// use storage_hub_s3_protocol::xml::XmlWriter;
///
/// let document = XmlWriter::document("Delete", |delete| {
///     delete.element("Object", |object| object.text("Key", "a&b"));
/// });
/// assert!(document.ends_with("<Object><Key>a&amp;b</Key></Object></Delete>"));
/// ```
#[derive(Debug)]
pub struct XmlWriter {
    out: String,
    is_answer: bool,
}

/// Whether XML 1.0 can carry a text as it is.
#[must_use]
pub fn is_writable(text: &str) -> bool {
    text.chars().all(is_xml_char)
}

impl XmlWriter {
    /// Writes the document of a request. A character that XML 1.0 excludes becomes a character reference: a server that
    /// reads it takes the right text, and any other refuses the document.
    #[must_use]
    pub fn document(root: &str, content: impl FnOnce(&mut Self)) -> String {
        Self::write(root, Some(NAMESPACE), false, content)
    }

    /// Writes the document of an answer, which is well-formed whatever the texts are: a character that XML 1.0 excludes is
    /// percent-encoded. Clients that need such keys back request `encoding-type=url`.
    #[must_use]
    pub fn answer(root: &str, content: impl FnOnce(&mut Self)) -> String {
        Self::write(root, Some(NAMESPACE), true, content)
    }

    /// As [`answer`](Self::answer), without a namespace.
    #[must_use]
    pub fn plain_answer(root: &str, content: impl FnOnce(&mut Self)) -> String {
        Self::write(root, None, true, content)
    }

    fn write(root: &str, namespace: Option<&str>, is_answer: bool, content: impl FnOnce(&mut Self)) -> String {
        let mut writer = Self { out: String::with_capacity(256), is_answer };
        writer.out.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<");
        writer.out.push_str(root);
        if let Some(namespace) = namespace {
            writer.out.push_str(" xmlns=\"");
            writer.out.push_str(namespace);
            writer.out.push('"');
        }
        writer.out.push('>');
        content(&mut writer);
        writer.close(root);
        writer.out
    }

    /// Writes an element that contains others.
    pub fn element(&mut self, name: &str, content: impl FnOnce(&mut Self)) {
        self.open(name);
        content(self);
        self.close(name);
    }

    /// Writes an element that contains others, with its type (`xsi:type`).
    pub(crate) fn typed_element(&mut self, name: &str, kind: &str, content: impl FnOnce(&mut Self)) {
        let schema = "http://www.w3.org/2001/XMLSchema-instance";
        let _ = write!(self.out, "<{name} xmlns:xsi=\"{schema}\" xsi:type=\"{kind}\">");
        content(self);
        self.close(name);
    }

    /// Writes an element that contains text.
    pub fn text(&mut self, name: &str, text: &str) {
        self.open(name);
        self.escape(text);
        self.close(name);
    }

    /// Writes an element that contains text, if there is one.
    pub fn opt_text(&mut self, name: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.text(name, text);
        }
    }

    /// Writes the text of the element that is open.
    pub fn escape(&mut self, text: &str) {
        let mut plain = 0;
        for (at, c) in text.char_indices() {
            if is_xml_char(c) && !matches!(c, '<' | '>' | '&' | '"' | '\r') {
                continue;
            }
            self.out.push_str(text.get(plain..at).unwrap_or_default());
            plain = at + c.len_utf8();
            self.escape_char(c);
        }
        self.out.push_str(text.get(plain..).unwrap_or_default());
    }

    fn escape_char(&mut self, c: char) {
        match c {
            '<' => self.out.push_str("&lt;"),
            '>' => self.out.push_str("&gt;"),
            '&' => self.out.push_str("&amp;"),
            '"' => self.out.push_str("&quot;"),
            // Parsers read a carriage return that is not a reference as a line feed.
            '\r' => self.out.push_str("&#13;"),
            c if self.is_answer => {
                for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                    let _ = write!(self.out, "%{byte:02X}");
                }
            }
            c => {
                let _ = write!(self.out, "&#x{:X};", u32::from(c));
            }
        }
    }

    fn open(&mut self, name: &str) {
        self.out.push('<');
        self.out.push_str(name);
        self.out.push('>');
    }

    fn close(&mut self, name: &str) {
        self.out.push_str("</");
        self.out.push_str(name);
        self.out.push('>');
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::xml::parse;

    #[test]
    fn a_carriage_return_is_a_reference_and_answers_are_well_formed() {
        let answer = XmlWriter::answer("K", |writer| writer.escape("a\rb\u{10}c\u{ffff}"));
        assert!(answer.ends_with(">a&#13;b%10c%EF%BF%BF</K>"), "{answer}");
        assert_eq!(parse(answer.as_bytes(), 1).unwrap().text().unwrap(), "a\rb%10c%EF%BF%BF");
        let request = XmlWriter::document("K", |writer| writer.escape("b\u{10}"));
        assert!(request.ends_with(">b&#x10;</K>"), "{request}");
        assert!(parse(request.as_bytes(), 1).is_err());
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(text in any::<String>()) {
            let answer = XmlWriter::plain_answer("K", |writer| writer.text("L", &text));
            let root = parse(answer.as_bytes(), 2).unwrap();
            if is_writable(&text) {
                prop_assert_eq!(root.text_of("L").unwrap(), Some(text.as_str()));
            }
        }
    }
}
