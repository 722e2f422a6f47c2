//! Random documents, options and users, and the decisions of core on them.

use proptest::collection::{btree_set, vec};
use proptest::option::of;
use proptest::prelude::{Just, Strategy, any};
use proptest::sample::select;
use serde_json::{Value, json};
use storage_hub_acl_diesel::Direction;
use storage_hub_core::acl::{AclOptions, Grant, Nesting, Subject};

use crate::magazine::Article;

const WORDS: [&str; 8] = ["public", "admin", "author-1", "Team", "team", "größe", "it's \"quoted\"", "a\\b{}"];

/// A magazine of flat documents, its options, and a caller.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    options: AclOptions,
    documents: Vec<(i64, Value)>,
    pub(crate) subject: Subject,
}

impl Case {
    /// The rows of the documents, in the order of their ids.
    pub(crate) fn articles(&self) -> Vec<Article> {
        let pointer = format!("/{}", self.options.doc_grants_field().to_string().replace('.', "/"));
        let numbered = self.documents.iter().zip(1..);
        let rows = numbered.map(|((printed_at, document), id)| {
            let list = document.pointer(&pointer).and_then(Value::as_array).into_iter().flatten();
            let grants = list.map(|word| Grant::parse(word.as_str().unwrap()).unwrap()).collect();
            Article { id, printed_at: *printed_at, grants }
        });
        rows.collect()
    }

    /// The ids of the documents that the filter matches, which are those that the check lets through.
    pub(crate) fn visible(&self) -> Vec<i64> {
        let seen = self.documents.iter().zip(1..).filter(|((_, document), _)| {
            let is_found = self.options.filter(&self.subject).matches(document);
            assert_eq!(self.options.check(&self.subject, document).is_ok(), is_found, "{document}");
            is_found
        });
        seen.map(|(_, id)| id).collect()
    }

    /// Their order keys and ids in the order of a list.
    pub(crate) fn visible_in_order(&self, direction: Direction) -> Vec<(i64, i64)> {
        let seen = self.visible();
        let mut keys: Vec<_> = self.documents.iter().zip(1..).map(|((printed_at, _), id)| (*printed_at, id)).collect();
        keys.retain(|(_, id)| seen.contains(id));
        keys.sort_unstable();
        if direction == Direction::Descending {
            keys.reverse();
        }
        keys
    }
}

/// Some of the documents are stamped by the options; the others have arbitrary grants.
pub(crate) fn cases() -> impl Strategy<Value = Case> {
    let document = (0_i64..6, of(words(5)), of(select(vec!["1", "2"])), any::<bool>());
    let user = proptest::prop_oneof![1 => Just(None), 5 => (words(4), of(select(vec!["1", "2"]))).prop_map(Some)];
    (options(), vec(document, 0..24), user).prop_map(|(options, documents, user)| {
        let user = user.map(|(own, id)| json!({"roles": own, "id": id}));
        let subject = options.subject(user.as_ref()).unwrap();
        let documents = documents.into_iter().map(|(printed_at, submitted, author, is_stamped)| {
            let mut document = json!({"title": "flat", "printedAt": printed_at, "author": {"_id": author}});
            if let Some(submitted) = submitted {
                let path = options.doc_grants_field().to_string();
                let (last, way) = path.rsplit_once('.').map_or((path.as_str(), None), |(way, last)| (last, Some(way)));
                match way {
                    Some(way) => document[way] = json!({last: submitted}),
                    None => document[last] = json!(submitted),
                }
            }
            if is_stamped {
                options.stamp_new(&mut document, None).unwrap();
            }
            (printed_at, document)
        });
        Case { documents: documents.collect(), options, subject }
    })
}

fn options() -> impl Strategy<Value = AclOptions> {
    let nestings = vec![Nesting::Intersect, Nesting::EachLevel];
    (of(words(3)), of(words(3)), select(vec!["grants", "acl.grants"]), any::<bool>(), select(nestings)).prop_map(
        |(required, defaults, field, add_author, nesting)| {
            let mut options = AclOptions::builder().doc_grants_field(field).add_author(add_author).nesting(nesting);
            options = options.user_grants_field("roles").user_id_field("id");
            if let Some(required) = required {
                options = options.required(required);
            }
            if let Some(defaults) = defaults {
                options = options.defaults(defaults);
            }
            options.build().unwrap()
        },
    )
}

fn words(most: usize) -> impl Strategy<Value = Vec<&'static str>> {
    btree_set(select(&WORDS), 0..most).prop_map(|words| words.into_iter().collect())
}
