//! What the document says of the options: required, defaults, fields, authors.

use serde_json::{Value, json};
use storage_hub_core::acl::{AclOptions, AclOptionsBuilder, GrantSet, StampError};

use super::holding;

fn stamped(options: AclOptionsBuilder, mut document: Value) -> Value {
    options.build().unwrap().stamp_new(&mut document, None).unwrap();
    document["grants"].clone()
}

fn changed(options: AclOptionsBuilder, old: &Value, mut new: Value) -> Result<Value, StampError> {
    options.build().unwrap().stamp_update(old, &mut new)?;
    Ok(new["grants"].clone())
}

#[test]
fn a_new_document_is_public_and_for_the_admin_by_default() {
    assert_eq!(stamped(AclOptions::builder(), json!({"title": "a"})), json!(["admin", "public"]));
}

#[test]
fn the_options_of_the_document_are_taken_together() {
    let options = AclOptions::builder()
        .required(["admin", "developer"])
        .defaults(["api", "public"])
        .doc_grants_field("grants")
        .user_grants_field("grants")
        .user_id_field("_id")
        .add_author(true)
        .author_id_field("author._id");
    let new = json!({"author": {"_id": "7"}});
    assert_eq!(stamped(options, new), json!(["admin", "api", "author-7", "developer", "public"]));
}

#[test]
fn required_grants_are_merged_with_the_submitted_ones_or_the_defaults() {
    let options = || AclOptions::builder().required(["admin", "developer"]).defaults(["api"]);
    assert_eq!(stamped(options(), json!({"grants": ["x"]})), json!(["admin", "developer", "x"]));
    assert_eq!(stamped(options(), json!({})), json!(["admin", "api", "developer"]));
    assert_eq!(stamped(options().required::<[String; 0]>([]), json!({})), json!(["api"]));
}

#[test]
fn a_grant_that_is_both_required_and_default_is_there_once() {
    let options = AclOptions::builder().required(["admin"]).defaults(["admin", "public"]);
    assert_eq!(stamped(options, json!({})), json!(["admin", "public"]));
}

#[test]
fn removing_a_required_grant_from_an_existing_document_is_an_error() {
    let options = || AclOptions::builder().required(["developer", "admin"]);
    let old = json!({"grants": ["admin", "developer", "x"]});
    for new in [json!({"grants": ["x"]}), json!({"grants": []}), json!({})] {
        let error = changed(options(), &old, new).unwrap_err();
        assert_eq!(error.to_string(), "Missing required Grants: admin,developer");
    }
    let error = changed(options(), &old, json!({"grants": ["admin", "y"]})).unwrap_err();
    assert_eq!(error, StampError::MissingRequired(GrantSet::parse(["developer"]).unwrap()));
    assert_eq!(
        changed(options(), &old, json!({"grants": ["developer", "admin", "y"]})),
        Ok(json!(["admin", "developer", "y"]))
    );
}

#[test]
fn admin_is_required_when_the_option_is_not_given() {
    let error = changed(AclOptions::builder(), &json!({}), json!({"grants": ["public"]})).unwrap_err();
    assert_eq!(error.to_string(), "Missing required Grants: admin");
}

#[test]
fn defaults_are_for_new_documents_that_submit_no_grants() {
    assert_eq!(stamped(AclOptions::builder().defaults(["api"]), json!({})), json!(["admin", "api"]));
    assert_eq!(stamped(AclOptions::builder().defaults(["api"]), json!({"grants": ["x"]})), json!(["admin", "x"]));
    assert_eq!(stamped(AclOptions::builder().defaults(["api"]), json!({"grants": []})), json!(["admin"]));
}

#[test]
fn empty_defaults_leave_the_required_grants_alone() {
    assert_eq!(stamped(AclOptions::builder().defaults::<[String; 0]>([]), json!({})), json!(["admin"]));
}

#[test]
fn a_documents_grants_are_in_the_field_of_the_options() {
    let options = AclOptions::builder().doc_grants_field("acl.grants").build().unwrap();
    let mut document = json!({"title": "a", "acl": {"note": 1}});
    options.stamp_new(&mut document, None).unwrap();
    assert_eq!(document, json!({"title": "a", "acl": {"note": 1, "grants": ["admin", "public"]}}));
    assert!(options.filter(&holding(&["admin"])).matches(&document));
    assert_eq!(options.check(&holding(&[]), &document), Ok(()));
    let mut blocked = json!({"acl": []});
    assert!(options.stamp_new(&mut blocked, None).is_err());
    assert_eq!(blocked, json!({"acl": []}));
}

#[test]
fn a_users_own_grant_comes_from_the_id_field_and_only_with_add_author() {
    let user = json!({"_id": "557847a1ac1235358644d8c8", "id": 7, "grants": ["admin", "promotions"]});
    let subject =
        |options: AclOptionsBuilder| options.build().unwrap().subject(Some(&user)).unwrap().grants().to_string();
    assert_eq!(subject(AclOptions::builder()), "admin,promotions,public");
    let own = AclOptions::builder().add_author(true);
    assert_eq!(subject(own.clone()), "admin,author-557847a1ac1235358644d8c8,promotions,public");
    assert_eq!(subject(own.clone().user_id_field("id")), "admin,author-7,promotions,public");
    assert_eq!(subject(own.user_id_field("no.such")), "admin,promotions,public");
}

#[test]
fn the_own_grant_in_the_list_does_as_well_as_the_id() {
    let options = AclOptions::builder().add_author(true).user_id_field("id").build().unwrap();
    let by_id = json!({"id": "557847a1ac1235358644d8c8", "grants": ["admin", "promotions"]});
    let by_grant = json!({"grants": ["admin", "promotions", "author-557847a1ac1235358644d8c8"]});
    assert_eq!(options.subject(Some(&by_id)), options.subject(Some(&by_grant)));
}

#[test]
fn a_new_document_gets_its_authors_grant_only_with_add_author() {
    let new = json!({"author": {"_id": "7"}, "grants": ["x"]});
    assert_eq!(stamped(AclOptions::builder(), new.clone()), json!(["admin", "x"]));
    assert_eq!(stamped(AclOptions::builder().add_author(true), new), json!(["admin", "author-7", "x"]));
    let elsewhere = json!({"meta": {"writer": {"id": 7}}});
    let options = AclOptions::builder().add_author(true).author_id_field("meta.writer.id");
    assert_eq!(stamped(options, elsewhere), json!(["admin", "author-7", "public"]));
    assert_eq!(stamped(AclOptions::builder().add_author(true), json!({})), json!(["admin", "public"]));
}

#[test]
fn the_author_of_the_session_comes_before_the_one_that_the_document_names() {
    let options = AclOptions::builder().add_author(true).defaults::<[String; 0]>([]).build().unwrap();
    let mut document = json!({"author": {"_id": "somebody-else"}});
    options.stamp_new(&mut document, Some("me")).unwrap();
    assert_eq!(document["grants"], json!(["admin", "author-me"]));
}

#[test]
fn a_change_puts_the_authors_grant_back() {
    let options = || AclOptions::builder().add_author(true);
    let old = json!({"author": {"_id": "7"}, "grants": ["admin", "author-7"]});
    let kept = changed(options(), &old, json!({"author": {"_id": "7"}, "grants": ["admin"]}));
    assert_eq!(kept, Ok(json!(["admin", "author-7"])));
    let unnamed = changed(options(), &old, json!({"grants": ["admin"]}));
    assert_eq!(unnamed, Ok(json!(["admin", "author-7"])));
    let handed_over = changed(options(), &old, json!({"author": {"_id": "8"}, "grants": ["admin"]}));
    assert_eq!(handed_over, Ok(json!(["admin", "author-8"])));
    assert_eq!(changed(AclOptions::builder(), &old, json!({"grants": ["admin"]})), Ok(json!(["admin"])));
}

#[test]
fn strict_mode_refuses_new_grants_without_the_required_ones() {
    let strict = AclOptions::builder().required(["admin", "developer"]).strict(true).build().unwrap();
    let mut lacking = json!({"grants": ["admin"]});
    let error = strict.stamp_new(&mut lacking, None).unwrap_err();
    assert_eq!(error.to_string(), "Missing required Grants: developer");
    assert_eq!(lacking, json!({"grants": ["admin"]}));
    let mut none = json!({});
    strict.stamp_new(&mut none, None).unwrap();
    assert_eq!(none["grants"], json!(["admin", "developer", "public"]));
    let mut all = json!({"grants": ["developer", "x", "admin"]});
    strict.stamp_new(&mut all, None).unwrap();
    assert_eq!(all["grants"], json!(["admin", "developer", "x"]));
}

#[test]
fn a_document_that_cannot_be_stamped_is_left_as_it_was() {
    let options = AclOptions::builder().add_author(true).build().unwrap();
    let refused = [
        json!([]),
        json!("a"),
        json!({"grants": "public"}),
        json!({"grants": null}),
        json!({"grants": ["a,b"]}),
        json!({"grants": [1]}),
        json!({"author": {"_id": {}}}),
        json!({"author": {"_id": ""}}),
        json!({"author": "7"}),
    ];
    for document in refused {
        let mut changed = document.clone();
        assert!(options.stamp_new(&mut changed, None).is_err(), "{document}");
        assert_eq!(changed, document);
        assert!(options.stamp_update(&json!({"grants": ["admin"]}), &mut changed).is_err(), "{document}");
        assert_eq!(changed, document);
    }
}
