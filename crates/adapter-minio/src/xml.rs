//! The little of XML that S3 answers with: texts of elements by their names.

use quick_xml::Reader;
use quick_xml::events::Event;

/// The text of the first element of this name; `None` when there is none or the document breaks off before it.
pub(crate) fn first_text(document: &[u8], element: &str) -> Option<String> {
    texts(document, &[element]).into_iter().next()
}

/// The texts of all elements at the end of a path of names (from anywhere inside the document), in order, up to where
/// the document breaks off.
pub(crate) fn texts(document: &[u8], path: &[&str]) -> Vec<String> {
    let mut reader = Reader::from_reader(document);
    let mut open: Vec<String> = Vec::new();
    let mut found = Vec::new();
    let mut text: Option<String> = None;
    loop {
        match reader.read_event() {
            Ok(Event::Start(start)) => {
                open.push(String::from_utf8_lossy(start.local_name().as_ref()).into_owned());
                text = open.iter().map(String::as_str).collect::<Vec<_>>().ends_with(path).then(String::new);
            }
            Ok(Event::Text(part)) => {
                if let (Some(text), Ok(part)) = (&mut text, part.decode()) {
                    text.push_str(&part);
                }
            }
            Ok(Event::GeneralRef(reference)) => {
                if let (Some(text), Ok(name)) = (&mut text, reference.decode()) {
                    let entity = quick_xml::escape::resolve_predefined_entity(&name).map(str::to_owned);
                    let character = reference.resolve_char_ref().ok().flatten().map(String::from);
                    text.push_str(&entity.or(character).unwrap_or_default());
                }
            }
            Ok(Event::End(_)) => {
                found.extend(text.take());
                open.pop();
            }
            Ok(Event::Eof) | Err(_) => return found,
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
    fn what_is_no_xml_gives_nothing() {
        for document in ["", "<", "<a", "text", "</Name>", "<Name", "&"] {
            assert_eq!(first_text(document.as_bytes(), "Name"), None, "{document}");
        }
    }
}
