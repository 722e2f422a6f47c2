//! Ways around the check that must not compile. Each is a documentation test, which fails when it compiles; the first
//! test shows that the lines around it do.

macro_rules! test {
    ($($attribute:literal $name:ident: $statement:literal)+) => {$(
        #[doc = concat!(
            "```", $attribute, "
             #![allow(unused)]
             use diesel::associations::HasTable;
             use diesel::prelude::*;
             use diesel::query_dsl::methods::OrFilterDsl;
             use diesel::sqlite::Sqlite;

             storage_hub_acl_diesel::guarded_table! {
                 pub mod articles, grants in article_grants (article_id, grant, printed_at), by (printed_at, id) {
                     diesel::table! {
                         articles (id) { id -> BigInt, title -> Text, printed_at -> BigInt, }
                     }
                     diesel::table! {
                         article_grants (article_id, grant) { article_id -> BigInt, grant -> Text, printed_at -> BigInt, }
                     }
                 }
             }
             let nobody = storage_hub_core::acl::Subject::anonymous();
             ", $statement, "
             ```"
        )]
        struct $name;
    )+};
}

test! {
    "" WhatIsRight: "let public = articles::visible_to(&nobody).filter(articles::id.ge(0)).select(articles::title);"
    "compile_fail,E0423" AQueryOfTheTable:
        "let all = articles::table.select(articles::title);"
    "compile_fail,E0451" AValueByItsFields:
        "let all = articles::table { _private: () };"
    "compile_fail,E0599" AValueByDefault:
        "let all = articles::table::default();"
    "compile_fail,E0277" AValueByTheTable:
        "let all = <articles::table as HasTable>::table();"
    "compile_fail,E0277" AValueByAColumn:
        "let all = <<articles::id as Column>::Table as HasTable>::table();"
    "compile_fail,E0277" AValueByAQuery:
        "let all = <articles::Visible as HasTable>::table();"
    "compile_fail,E0599" AnOrFilter:
        "let all = articles::visible_to(&nobody).or_filter(articles::id.ge(0));"
    "compile_fail,E0599" AnOrFilterOfABoxedQuery:
        "let all = articles::visible_to(&nobody).into_boxed::<Sqlite>().or_filter(articles::id.ge(0));"
    "compile_fail" AnOrFilterByItsTrait:
        "let all = OrFilterDsl::or_filter(articles::visible_to(&nobody), articles::id.ge(0));"
    "compile_fail" AnOrFilterOfADeletion:
        "let all = articles::delete_visible_to(&nobody).or_filter(articles::id.ge(0));"
    "compile_fail" AnOrFilterOfAnUpdate:
        "let all = articles::update_visible_to(&nobody).or_filter(articles::id.ge(0));"
    "compile_fail,E0277" ADeletionOfAQuery:
        "let all = diesel::delete(articles::visible_to(&nobody));"
    "compile_fail,E0277" AnUpdateOfAQuery:
        "let all = diesel::update(articles::visible_to(&nobody));"
    "compile_fail,E0599" AnUpdateByAnInsertion:
        "let all = articles::insert().values(articles::id.eq(7)).on_conflict(articles::id);"
}
