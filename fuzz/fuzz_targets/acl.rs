//! Checks, filters, redactions and explanations of any JSON tree, compared with the plain implementation of the rules
//! that core's tests use too.
#![no_main]

use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value};
use storage_hub_core::acl::{AclOptions, GrantSet, Nesting, RedactError, Subject};

#[path = "../../crates/core/tests/it/acl/naive.rs"]
mod naive;

use naive::Naive;

const WORDS: [&str; 8] = ["a", "admin", "author-1", "b", "public", "", "no,grant", "team red"];
const NAMES: [&str; 5] = ["acl", "grants", "list", "parent", "title"];
const FIELDS: [&[&str]; 4] = [&["grants"], &["acl", "grants"], &["acl", "parent", "grants"], &["grants", "grants"]];

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    field: u8,
    each_level: bool,
    root_may_lack_grants: bool,
    anonymous: bool,
    own: Vec<u8>,
    many: bool,
    document: Document<'a>,
}

#[derive(Arbitrary, Debug)]
enum Document<'a> {
    Built(Tree),
    Parsed(&'a str),
}

#[derive(Arbitrary, Debug)]
enum Tree {
    Null,
    Number(u8),
    Word(u8),
    Grants(Vec<u8>),
    List(Vec<Tree>),
    Object(Vec<(u8, Tree)>),
}

fuzz_target!(|input: Input<'_>| {
    let document = match &input.document {
        Document::Built(tree) => value(tree),
        Document::Parsed(text) => match serde_json::from_str(text) {
            Ok(document) => document,
            Err(_) => return,
        },
    };
    let subject = subject(&input);
    let field = FIELDS[usize::from(input.field) % FIELDS.len()];
    let nesting = if input.each_level { Nesting::EachLevel } else { Nesting::Intersect };
    let root_must_have_grants = !input.root_may_lack_grants;
    let options = AclOptions::builder().doc_grants_field(field.join(".")).nesting(nesting);
    let options = options.root_must_have_grants(root_must_have_grants).build().unwrap();
    let held = subject.grants().iter().map(ToString::to_string).collect();
    let naive = Naive { field, each_level: input.each_level, root_must_have_grants, held };
    let before = document.clone();

    let outcome = options.check(&subject, &document);
    assert_eq!(outcome.is_ok(), naive.passes(&document));
    assert_eq!(options.filter(&subject).matches(&document), naive.finds(&document));
    if root_must_have_grants && outcome.is_ok() {
        assert!(options.filter(&subject).matches(&document));
    }
    let explanation = options.explain(&subject, &document);
    assert_eq!(explanation.refusal(), outcome.err());
    if outcome.is_ok() {
        let named = Subject::new(explanation.granted_by(), None);
        assert_eq!(options.check(&named, &document), Ok(()), "{explanation}");
    }
    match options.redact(&subject, &document) {
        Ok(shown) => {
            if let [_] = field {
                assert_eq!(Some(&shown), naive.redacted(&document).as_ref());
            }
            if outcome.is_ok() {
                assert_eq!(shown, document);
            }
            assert_eq!(options.redact(&subject, &shown), Ok(shown));
        }
        Err(RedactError::NoGrants | RedactError::NoRootGrants) => assert!(outcome.is_err()),
        Err(RedactError::TooDeep) => {}
    }
    assert_eq!(document, before);

    let mut stamped = document;
    match options.stamp_new(&mut stamped, None) {
        Ok(()) => assert!(options.filter(&admin()).matches(&stamped)),
        Err(_) => assert_eq!(stamped, before),
    }
});

fn admin() -> Subject {
    Subject::new(&GrantSet::parse(["admin"]).unwrap(), None)
}

fn subject(input: &Input<'_>) -> Subject {
    if input.anonymous {
        return Subject::anonymous();
    }
    let own = input.own.iter().map(|index| word(*index)).filter(|text| GrantSet::parse([text]).is_ok());
    // More grants than the engine keeps in one machine word.
    let more = (0..if input.many { 70 } else { 0 }).map(|n| format!("team-{n}"));
    Subject::new(&GrantSet::parse(own.map(str::to_owned).chain(more)).unwrap(), None)
}

fn value(tree: &Tree) -> Value {
    match tree {
        Tree::Null => Value::Null,
        Tree::Number(number) => Value::from(*number),
        Tree::Word(index) => Value::from(word(*index)),
        Tree::Grants(list) => list.iter().map(|index| word(*index)).collect(),
        Tree::List(items) => items.iter().map(value).collect(),
        Tree::Object(fields) => {
            let named = fields.iter().map(|(name, inner)| (name_of(*name), value(inner)));
            Value::Object(named.collect::<Map<_, _>>())
        }
    }
}

fn word(index: u8) -> &'static str {
    WORDS[usize::from(index) % WORDS.len()]
}

fn name_of(index: u8) -> String {
    NAMES[usize::from(index) % NAMES.len()].to_owned()
}
