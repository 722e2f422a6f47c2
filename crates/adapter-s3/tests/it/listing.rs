//! Lists of objects, page by page.

use crate::client::{Client, Reply};
use crate::hub::Hub;

async fn hub_with(keys: &[&str]) -> (Hub, Client) {
    let hub = Hub::start().await;
    for key in keys {
        hub.put("photos", key, b"body").await;
    }
    let owner = hub.client("owner");
    (hub, owner)
}

fn keys(reply: &Reply) -> Vec<String> {
    reply.all("Key")
}

/// Those in `CommonPrefixes`, without that of the request.
fn prefixes(reply: &Reply) -> Vec<String> {
    let nested = reply.all("CommonPrefixes");
    nested.iter().map(|text| text.replace("<Prefix>", "").replace("</Prefix>", "")).collect()
}

#[tokio::test]
async fn a_listing_shows_keys_sizes_and_etags_in_byte_order() {
    let (_hub, owner) = hub_with(&["b", "a", "a/b", "B", "ä"]).await;
    for target in ["/photos", "/photos?list-type=2"] {
        let reply = owner.get(target).await.assert_ok();
        assert_eq!(keys(&reply), ["B", "a", "a/b", "b", "ä"]);
        assert_eq!(reply.all("Size"), ["4"; 5]);
        assert_eq!(reply.all("ETag"), ["\"841a2d689ad86bd1611447453c22c6fc\""; 5]);
        assert_eq!(reply.all("IsTruncated"), ["false"]);
        assert_eq!(reply.all("StorageClass"), ["STANDARD"; 5]);
    }
    assert_eq!(owner.get("/photos?list-type=2").await.assert_ok().all("KeyCount"), ["5"]);
}

#[tokio::test]
async fn keys_below_a_delimiter_are_rolled_up() {
    let (_hub, owner) = hub_with(&["a", "a/b", "a/c/d", "a/c/e", "b--x", "b--y", "c"]).await;
    let reply = owner.get("/photos?list-type=2&delimiter=/").await.assert_ok();
    assert_eq!((keys(&reply), prefixes(&reply)), (strings(&["a", "b--x", "b--y", "c"]), strings(&["a/"])));
    assert_eq!(reply.all("KeyCount"), ["5"]);
    let reply = owner.get("/photos?list-type=2&delimiter=/&prefix=a/").await.assert_ok();
    assert_eq!((keys(&reply), prefixes(&reply)), (strings(&["a/b"]), strings(&["a/c/"])));
    let reply = owner.get("/photos?delimiter=--").await.assert_ok();
    assert_eq!((keys(&reply), prefixes(&reply)), (strings(&["a", "a/b", "a/c/d", "a/c/e", "c"]), strings(&["b--"])));
    let reply = owner.get("/photos?prefix=b-&delimiter=-").await.assert_ok();
    assert_eq!((keys(&reply), prefixes(&reply)), (vec![], strings(&["b--"])));
}

#[tokio::test]
async fn an_empty_delimiter_is_none() {
    let (_hub, owner) = hub_with(&["a", "a/b"]).await;
    for target in ["/photos?delimiter=", "/photos?list-type=2&delimiter="] {
        let reply = owner.get(target).await.assert_ok();
        assert_eq!((keys(&reply), prefixes(&reply)), (strings(&["a", "a/b"]), vec![]));
    }
}

#[tokio::test]
async fn pages_put_together_are_the_listing_even_when_keys_come_and_go_between_them() {
    let (hub, owner) = hub_with(&["a", "b/1", "b/2", "b/3", "c", "d/1", "e"]).await;
    let mut entries = Vec::new();
    let mut token = None;
    loop {
        let more = token.map(|token| format!("&continuation-token={token}")).unwrap_or_default();
        let page = owner.get(&format!("/photos?list-type=2&delimiter=/&max-keys=1{more}")).await.assert_ok();
        assert_eq!(page.all("KeyCount"), ["1"]);
        entries.extend(keys(&page).into_iter().chain(prefixes(&page)));
        token = page.all("NextContinuationToken").pop();
        assert_eq!(page.all("IsTruncated"), [token.is_some().to_string()]);
        if token.is_none() {
            break;
        }
        // What was listed goes, and what comes before it comes.
        hub.delete("photos", entries.last().unwrap()).await;
        hub.put("photos", "0", b"").await;
        hub.put("photos", "b/0", b"").await;
    }
    assert_eq!(entries, ["a", "b/", "c", "d/", "e"]);
}

#[tokio::test]
async fn the_first_version_goes_on_from_a_marker() {
    let (_hub, owner) = hub_with(&["a", "b/1", "b/2", "c"]).await;
    let page = owner.get("/photos?delimiter=/&max-keys=2").await.assert_ok();
    assert_eq!((keys(&page), prefixes(&page)), (strings(&["a"]), strings(&["b/"])));
    assert_eq!((page.all("NextMarker"), page.all("IsTruncated")), (strings(&["b/"]), strings(&["true"])));
    let page = owner.get("/photos?delimiter=/&max-keys=2&marker=b/").await.assert_ok();
    assert_eq!((keys(&page), prefixes(&page), page.all("NextMarker")), (strings(&["c"]), vec![], vec![]));
    let page = owner.get("/photos?marker=b/1").await.assert_ok();
    assert_eq!(keys(&page), ["b/2", "c"]);
    assert_eq!(keys(&owner.get("/photos?list-type=2&start-after=b/1").await.assert_ok()), ["b/2", "c"]);
    assert_eq!(keys(&owner.get("/photos?prefix=b/&marker=a").await.assert_ok()), ["b/1", "b/2"]);
    assert_eq!(keys(&owner.get("/photos?prefix=b/&marker=c").await.assert_ok()), Vec::<String>::new());
}

#[tokio::test]
async fn odd_pages_are_answered_or_refused() {
    let (_hub, owner) = hub_with(&["a", "b"]).await;
    let reply = owner.get("/photos?list-type=2&max-keys=0").await.assert_ok();
    assert_eq!((keys(&reply), reply.all("IsTruncated")), (vec![], strings(&["false"])));
    assert_eq!(owner.get("/photos?max-keys=5000").await.assert_ok().all("MaxKeys"), ["1000"]);
    owner.get("/photos?max-keys=-1").await.assert_error(400, "InvalidArgument");
    owner.get("/photos?encoding-type=base64").await.assert_error(400, "InvalidArgument");
    owner.get("/photos?list-type=2&continuation-token=made-up").await.assert_error(400, "InvalidArgument");
    // The last page that is exactly full is not truncated.
    assert_eq!(owner.get("/photos?max-keys=2").await.assert_ok().all("IsTruncated"), ["false"]);
}

#[tokio::test]
async fn names_are_encoded_when_asked_for() {
    let (_hub, owner) = hub_with(&["a b/c+d", "ü"]).await;
    let reply = owner.get("/photos?encoding-type=url&delimiter=%2F&prefix=a%20").await.assert_ok();
    assert_eq!(prefixes(&reply), ["a%20b/"]);
    assert_eq!(reply.all("EncodingType"), ["url"]);
    assert_eq!(keys(&owner.get("/photos?encoding-type=url").await.assert_ok()), ["a%20b/c%2Bd", "%C3%BC"]);
}

fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}
