//! Reads the XML of S3 answers: the texts of elements by their names.

use std::collections::BTreeMap;

use quick_xml::Reader;
use quick_xml::events::Event;

/// Whether XML 1.0 allows a character, literally or as a reference.
pub(crate) const fn can_carry(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// Appends a text with everything escaped that a parser would change, including line ends.
pub(crate) fn escape_into(document: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '&' => document.push_str("&amp;"),
            '<' => document.push_str("&lt;"),
            '>' => document.push_str("&gt;"),
            '"' => document.push_str("&quot;"),
            '\t' => document.push_str("&#9;"),
            '\n' => document.push_str("&#10;"),
            '\r' => document.push_str("&#13;"),
            other => document.push(other),
        }
    }
}

/// The children of every element with this name: their names and texts, up to where the document ends early.
pub(crate) fn children(document: &[u8], element: &str) -> Vec<BTreeMap<String, String>> {
    let mut found = Vec::new();
    let mut fields = BTreeMap::new();
    walk(document, |open, text| match open {
        [.., parent, child] if parent == element => {
            fields.insert(child.clone(), text);
        }
        [.., last] if last == element => found.push(std::mem::take(&mut fields)),
        _ => {}
    });
    found
}

/// The text of the first element with this name; `None` if there is none or the document ends before it.
pub(crate) fn first_text(document: &[u8], element: &str) -> Option<String> {
    texts(document, &[element]).into_iter().next()
}

/// The texts of all elements whose innermost names are this path, in order, up to where the document ends early.
pub(crate) fn texts(document: &[u8], path: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    walk(document, |open, text| {
        if open.iter().map(String::as_str).collect::<Vec<_>>().ends_with(path) {
            found.push(text);
        }
    });
    found
}

/// Calls `ended` at the end of each element, with the names of the elements that are open and the element's own text.
fn walk(document: &[u8], mut ended: impl FnMut(&[String], String)) {
    let mut reader = Reader::from_reader(document);
    let mut open: Vec<String> = Vec::new();
    let mut text = String::new();
    loop {
        match reader.read_event() {
            Ok(Event::Start(start)) => {
                open.push(String::from_utf8_lossy(start.local_name().as_ref()).into_owned());
                text.clear();
            }
            Ok(Event::Text(part)) => {
                if let Ok(part) = part.decode() {
                    text.push_str(&part);
                }
            }
            Ok(Event::GeneralRef(reference)) => {
                if let Ok(name) = reference.decode() {
                    let entity = quick_xml::escape::resolve_predefined_entity(&name).map(str::to_owned);
                    let character = reference.resolve_char_ref().ok().flatten().map(String::from);
                    text.push_str(&entity.or(character).unwrap_or_default());
                }
            }
            Ok(Event::End(_)) => {
                ended(&open, std::mem::take(&mut text));
                open.pop();
            }
            Ok(Event::Eof) | Err(_) => return,
            Ok(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_found_by_their_path() {
        let document = b"<R><Owner><Name>no</Name></Owner><Buckets><Bucket><Name>a&lt;&#98;</Name></Bucket>\
            <Bucket><Name>c</Name></Bucket></Buckets></R>";
        assert_eq!(texts(document, &["Bucket", "Name"]), ["a<b", "c"]);
        assert_eq!(first_text(document, "Name"), Some("no".to_owned()));
        assert_eq!(first_text(document, "None"), None);
    }

    #[test]
    fn the_children_of_each_element_are_found() {
        let document =
            b"<R><Key>no</Key><U><Key>a&#13;</Key><Id>1</Id><Owner><Id>no</Id></Owner></U><U><Id>2</Id></U></R>";
        let found = children(document, "U");
        assert_eq!(found.len(), 2);
        assert_eq!((found[0]["Key"].as_str(), found[0]["Id"].as_str()), ("a\r", "1"));
        assert_eq!(found[1].get("Key"), None);
    }

    #[test]
    fn what_xml_cannot_carry_is_known() {
        assert!("\t\n\r aü日🪣\u{fffd}".chars().all(can_carry));
        assert!(!"\0\u{1}\u{8}\u{b}\u{1f}\u{fffe}\u{ffff}".chars().any(can_carry));
    }

    #[test]
    fn what_is_no_xml_gives_nothing() {
        for document in ["", "<", "<a", "text", "</Name>", "<Name", "&"] {
            assert_eq!(first_text(document.as_bytes(), "Name"), None, "{document}");
        }
    }
}
