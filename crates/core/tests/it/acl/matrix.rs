//! The decisions for a table of documents and subjects, compared with the committed file.

use std::fmt::Write as _;
use std::{env, fs};

use serde_json::{Value, json};
use storage_hub_core::acl::{
    Access, AclOptions, AclOptionsBuilder, Entries, Grant, GrantSet, Nesting, Subject, authorize,
};

use super::holding;

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/acl-matrix.txt");

fn subjects() -> Vec<(&'static str, Subject)> {
    vec![
        ("nobody", Subject::anonymous()),
        ("no grants", holding(&[])),
        ("author 1", Subject::new(&GrantSet::default(), Some("1"))),
        ("editors", holding(&["editors"])),
        ("editors, staff", holding(&["editors", "staff"])),
        ("admin", holding(&["admin"])),
    ]
}

fn documents() -> Vec<Value> {
    let mut documents = vec![
        json!({"grants": ["admin", "public"]}),
        json!({"grants": ["admin", "editors"]}),
        json!({"grants": ["admin", "author-1"]}),
        json!({"grants": ["admin"]}),
        json!({"grants": ["public"], "parent": {"grants": ["admin"], "title": "parent"}}),
        json!({"grants": ["admin", "public"], "parent": {"grants": ["admin", "editors"], "title": "parent"}}),
        json!({"grants": ["admin", "editors"], "list": [{"grants": ["admin", "staff"], "title": "item"}]}),
        json!({"parent": {"grants": ["admin", "public"]}}),
        json!({"grants": ["admin", "public"], "parent": {"title": "x"}}),
        json!({"grants": ["public"], "parent": {"grants": [], "title": "parent"}}),
        json!({"grants": []}),
        json!({"grants": "public"}),
        json!({}),
        json!({"Grants": ["admin"], "child": {"grants": ["public"], "title": "child"}}),
        json!([{"grants": ["public"], "title": "item"}]),
    ];
    for (n, document) in documents.iter_mut().enumerate() {
        if let Some(fields) = document.as_object_mut() {
            fields.insert("title".to_owned(), json!(format!("document {n}")));
        }
    }
    documents
}

fn entries() -> Vec<(&'static str, Access)> {
    vec![("admin", Access::Manage), ("author-1", Access::Manage), ("editors", Access::Write), ("public", Access::Read)]
}

/// The decisions on a document for each subject, under both nesting rules.
fn rows(document: &Value, options: &AclOptionsBuilder) -> String {
    let intersect = options.clone().build().unwrap();
    let each = options.clone().nesting(Nesting::EachLevel).build().unwrap();
    let mut rows = format!("  {:<16}{:<8}{:<13}{:<13}shown\n", "", "found", "intersect", "each level");
    for (name, subject) in subjects() {
        let found = if intersect.filter(&subject).matches(document) { "yes" } else { "-" };
        let status = |options: &AclOptions| match options.check(&subject, document) {
            Ok(()) => "200".to_owned(),
            Err(refusal) => refusal.http_status().to_string(),
        };
        let shown = match intersect.redact(&subject, document) {
            Ok(shown) if shown == *document => "all".to_owned(),
            Ok(shown) => shown.to_string(),
            Err(error) => format!("nothing: {error}"),
        };
        writeln!(rows, "  {name:<16}{found:<8}{:<13}{:<13}{shown}", status(&intersect), status(&each)).unwrap();
    }
    rows
}

/// `UPDATE_GOLDEN=1 cargo test` updates the file.
#[test]
fn the_access_matrix_is_the_committed_one() {
    let mut table = String::new();
    for document in documents() {
        let usual = rows(&document, &AclOptions::builder());
        writeln!(table, "{document}\n{usual}").unwrap();
        let original = rows(&document, &AclOptions::builder().root_must_have_grants(false));
        if original != usual {
            writeln!(table, "the same with root_must_have_grants off\n{original}").unwrap();
        }
    }
    let list: Entries = entries().into_iter().map(|(text, access)| (Grant::parse(text).unwrap(), access)).collect();
    let words: Vec<String> = list.iter().map(|(grant, access)| format!("{grant} {access}")).collect();
    writeln!(table, "entries: {}", words.join(", ")).unwrap();
    for (name, subject) in subjects() {
        let may: Vec<_> =
            Access::ALL.into_iter().filter(|wanted| authorize(&subject, &list, *wanted).is_allowed()).collect();
        let may: Vec<&str> = may.into_iter().map(Access::as_str).collect();
        writeln!(table, "  {name:<16}{}", if may.is_empty() { "nothing".to_owned() } else { may.join(", ") }).unwrap();
    }
    if env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(GOLDEN, &table).unwrap();
    }
    assert_eq!(fs::read_to_string(GOLDEN).unwrap(), table);
}
