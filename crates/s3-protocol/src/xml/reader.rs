use quick_xml::Reader;
use quick_xml::events::{BytesDecl, BytesRef, BytesStart, Event};

use super::is_xml_char;
use crate::error::{ErrorCode, S3Error, S3Result};

/// Maximum number of elements around an element, itself included.
const MAX_DEPTH: usize = 16;

/// Maximum number of attributes of an element, each of which is compared with all others.
const MAX_ATTRIBUTES: usize = 16;

/// Maximum length of what an error says of a document, in characters.
const MAX_MESSAGE: usize = 200;

/// An element of a document, with its name without prefix.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Element {
    name: String,
    text: String,
    children: Vec<Self>,
}

/// Reads a document of at most `max_elements` elements. The caller limits its length.
///
/// # Errors
/// `MalformedXML`
///
/// ```
/// let root = storage_hub_s3_protocol::xml::parse(b"<Delete><Key>a<![CDATA[&]]>&#98;</Key></Delete>", 10)?;
/// assert_eq!(root.text_of("Key")?, Some("a&b"));
/// # Ok::<(), storage_hub_s3_protocol::error::S3Error>(())
/// ```
pub fn parse(document: &[u8], max_elements: usize) -> S3Result<Element> {
    let text = std::str::from_utf8(document).map_err(|_| malformed("the document must be UTF-8"))?;
    let mut reader = Reader::from_str(text.strip_prefix('\u{feff}').unwrap_or(text));
    reader.config_mut().check_comments = true;
    let mut tree = Tree { open: Vec::new(), root: None, elements: 0, max_elements };
    let mut is_first = true;
    loop {
        match reader.read_event().map_err(|error| malformed(&error.to_string()))? {
            Event::Start(start) => tree.start(&start)?,
            Event::Empty(start) => {
                tree.start(&start)?;
                tree.end()?;
            }
            Event::End(_) => tree.end()?,
            Event::Text(text) => tree.text(&text.xml10_content().map_err(|_| malformed("a text is not UTF-8"))?)?,
            Event::CData(text) => {
                if tree.open.is_empty() {
                    return Err(malformed("a CDATA section must be within the root element"));
                }
                tree.text(&text.xml10_content().map_err(|_| malformed("a text is not UTF-8"))?)?;
            }
            Event::GeneralRef(reference) => tree.text(resolve(&reference)?.encode_utf8(&mut [0; 4]))?,
            Event::Comment(_) => {}
            Event::Decl(declaration) if is_first => check_declaration(&declaration)?,
            Event::Decl(_) => return Err(malformed("the XML declaration must come first")),
            Event::PI(_) => return Err(malformed("processing instructions are not supported")),
            Event::DocType(_) => return Err(malformed("document types are not supported")),
            Event::Eof => break,
        }
        is_first = false;
    }
    if !tree.open.is_empty() {
        return Err(malformed("an element is not closed"));
    }
    tree.root.ok_or_else(|| malformed("the document is empty"))
}

/// What was read so far.
struct Tree {
    open: Vec<Element>,
    root: Option<Element>,
    elements: usize,
    max_elements: usize,
}

impl Tree {
    fn start(&mut self, start: &BytesStart<'_>) -> S3Result<()> {
        self.elements += 1;
        if self.elements > self.max_elements || self.open.len() >= MAX_DEPTH {
            return Err(malformed("the document has too many elements"));
        }
        if self.root.is_some() {
            return Err(malformed("the document must have one root element"));
        }
        for (number, attribute) in start.attributes().enumerate() {
            attribute.map_err(|error| malformed(&error.to_string()))?;
            if number >= MAX_ATTRIBUTES {
                return Err(malformed("an element has too many attributes"));
            }
        }
        let name = String::from_utf8_lossy(start.local_name().as_ref()).into_owned();
        self.open.push(Element { name, ..Element::default() });
        Ok(())
    }

    fn end(&mut self) -> S3Result<()> {
        let element = self.open.pop().ok_or_else(|| malformed("an element is closed that is not open"))?;
        if !element.children.is_empty() && !element.text.chars().all(is_space) {
            return Err(malformed("an element must not contain both text and elements"));
        }
        match self.open.last_mut() {
            Some(parent) => parent.children.push(element),
            None => self.root = Some(element),
        }
        Ok(())
    }

    fn text(&mut self, text: &str) -> S3Result<()> {
        if !text.chars().all(is_xml_char) {
            return Err(malformed("a text contains a character that XML excludes"));
        }
        match self.open.last_mut() {
            Some(element) => element.text.push_str(text),
            None if text.chars().all(is_space) => {}
            None => return Err(malformed("text must be within the root element")),
        }
        Ok(())
    }
}

const fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r')
}

fn check_declaration(declaration: &BytesDecl<'_>) -> S3Result<()> {
    let Some(encoding) = declaration.encoding() else { return Ok(()) };
    let encoding = encoding.map_err(|error| malformed(&error.to_string()))?;
    if encoding.eq_ignore_ascii_case(b"utf-8") || encoding.eq_ignore_ascii_case(b"us-ascii") {
        return Ok(());
    }
    Err(malformed("the encoding must be UTF-8"))
}

fn resolve(reference: &BytesRef<'_>) -> S3Result<char> {
    if let Some(c) = reference.resolve_char_ref().map_err(|error| malformed(&error.to_string()))? {
        return Ok(c);
    }
    match reference.as_ref() {
        b"lt" => Ok('<'),
        b"gt" => Ok('>'),
        b"amp" => Ok('&'),
        b"apos" => Ok('\''),
        b"quot" => Ok('"'),
        _ => Err(malformed("an entity is not defined")),
    }
}

/// What is wrong may quote a name of the document, which can be as long as the document.
fn malformed(what: &str) -> S3Error {
    let what: String = what.chars().take(MAX_MESSAGE).collect();
    S3Error::with_message(ErrorCode::MalformedXML, format!("The XML document is malformed: {what}."))
}

impl Element {
    /// The name without prefix.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Demands a name.
    ///
    /// # Errors
    /// `MalformedXML`
    pub fn expect_name(&self, name: &str) -> S3Result<()> {
        if self.name == name {
            return Ok(());
        }
        Err(malformed(&format!("the root element must be `{name}`")))
    }

    /// The text, as it is: with the white space around it.
    ///
    /// # Errors
    /// `MalformedXML` if there are elements in it.
    pub fn text(&self) -> S3Result<&str> {
        if self.children.is_empty() {
            return Ok(&self.text);
        }
        Err(malformed(&format!("the element `{}` must contain text only", self.name)))
    }

    /// All child elements.
    #[must_use]
    pub fn children(&self) -> &[Self] {
        &self.children
    }

    /// The child elements of a name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The child element of a name, which must be the only one.
    ///
    /// # Errors
    /// `MalformedXML` if there are several.
    pub fn find(&self, name: &str) -> S3Result<Option<&Self>> {
        let mut found = self.children.iter().filter(|child| child.name == name);
        let first = found.next();
        if found.next().is_some() {
            return Err(malformed(&format!("the element `{name}` must be given once")));
        }
        Ok(first)
    }

    /// The text of the child element of a name.
    ///
    /// # Errors
    /// `MalformedXML` if there are several, or elements in it.
    pub fn text_of(&self, name: &str) -> S3Result<Option<&str>> {
        self.find(name)?.map(Self::text).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cdata_and_references_make_up_one_text() {
        let table = [
            ("<k>a<![CDATA[b]]></k>", "ab"),
            ("<k><![CDATA[k]]></k>", "k"),
            ("<k><![CDATA[]]></k>", ""),
            ("<k>&lt;&#65;&#x42;&amp;&quot;</k>", "<AB&\""),
            ("<k>&#128512;</k>", "😀"),
            ("<k>a&#13;b&#10;\r\nc\rd</k>", "a\rb\n\nc\nd"),
            ("<k> a </k>", " a "),
            ("<k>a<!-- comment -->b</k>", "ab"),
            ("<k/>", ""),
            ("\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<p:k xmlns:p=\"x\" a=\"1\">é</p:k>\n", "é"),
        ];
        for (document, text) in table {
            let root = parse(document.as_bytes(), 1).unwrap_or_else(|error| panic!("{document}: {error}"));
            assert_eq!((root.name(), root.text().unwrap()), ("k", text), "{document}");
        }
    }

    #[test]
    fn what_is_not_well_formed_or_only_used_by_attacks_is_refused() {
        let table = [
            "",
            " ",
            "text",
            "<k>",
            "</k>",
            "<k></l>",
            "<k/><k/>",
            "<k/>text",
            "<k/><![CDATA[]]>",
            "<k>&</k>",
            "<k>&nbsp;</k>",
            "<k>&#0;</k>",
            "<k>&#16;</k>",
            "<k>\u{10}</k>",
            "<k><![CDATA[\u{10}]]></k>",
            "<k>\u{ffff}</k>",
            "<k>&#xD800;</k>",
            "<k>&#x110000;</k>",
            "<k a></k>",
            "<k a='1' a='2'/>",
            "<k>text<l/></k>",
            "<!DOCTYPE k [<!ENTITY e \"x\">]><k>&e;</k>",
            "<!DOCTYPE k><k/>",
            "<?php ?><k/>",
            "<k/><?xml version=\"1.0\"?>",
            "<?xml version=\"1.0\" encoding=\"utf-16\"?><k/>",
        ];
        for document in table {
            let error = parse(document.as_bytes(), 10).err().unwrap_or_else(|| panic!("{document}"));
            assert_eq!(error.code_of_sentence(), ErrorCode::MalformedXML, "{document}");
        }
        assert!(parse(b"<k>\xff</k>", 10).is_err());
        let name = "k".repeat(10_000);
        for document in [format!("<{name}><l/></{name}>"), format!("<{name}></{name}l>"), format!("<{name}")] {
            let error = parse(document.as_bytes(), 10).and_then(|root| root.text().map(str::to_owned)).unwrap_err();
            assert!(error.message().len() < 1000);
        }
    }

    #[test]
    fn elements_attributes_and_depth_are_limited() {
        let attributes = |count: usize| {
            let attributes: String = (0..count).map(|number| format!(" a{number}=''")).collect();
            format!("<k{attributes}/>")
        };
        assert!(parse(attributes(MAX_ATTRIBUTES).as_bytes(), 1).is_ok());
        assert!(parse(attributes(300_000).as_bytes(), 1).is_err());
        let nested = |depth: usize| format!("{}{}", "<k>".repeat(depth), "</k>".repeat(depth));
        assert!(parse(nested(MAX_DEPTH).as_bytes(), 100).is_ok());
        assert!(parse(nested(MAX_DEPTH + 1).as_bytes(), 100).is_err());
        let flat = |count: usize| format!("<k>{}</k>", "<l/>".repeat(count));
        assert!(parse(flat(9).as_bytes(), 10).is_ok());
        assert!(parse(flat(10).as_bytes(), 10).is_err());
    }

    #[test]
    fn a_repeated_element_and_elements_in_a_text_are_refused() {
        let root = parse(b"<k><l>1</l><l>2</l><m><n/></m></k>", 10).unwrap();
        assert!(root.find("l").is_err());
        assert!(root.text_of("m").is_err());
        assert!(root.text().is_err());
        assert_eq!(root.text_of("o").unwrap(), None);
        assert!(root.expect_name("l").is_err());
    }
}
