//! Tags and lifecycle rules of buckets.

use crate::hub::Hub;

const TAGS: &str = "<Tagging><TagSet><Tag><Key>team</Key><Value>blue</Value></Tag></TagSet></Tagging>";
const RULES: &str = "<LifecycleConfiguration><Rule><ID>logs</ID><Status>Enabled</Status><Filter><Prefix>logs/</Prefix>\
    </Filter><Expiration><Days>3</Days></Expiration></Rule></LifecycleConfiguration>";

#[tokio::test]
async fn a_setting_is_kept_until_it_is_deleted() {
    let hub = Hub::start().await;
    let owner = hub.client("owner");
    for (target, document, element, code) in [
        ("/photos?tagging=", TAGS, ("Value", "blue"), "NoSuchTagSet"),
        ("/photos?lifecycle=", RULES, ("Days", "3"), "NoSuchLifecycleConfiguration"),
    ] {
        owner.get(target).await.assert_error(404, code);
        owner.put(target, document.as_bytes()).await.assert_ok();
        assert_eq!(owner.get(target).await.assert_ok().all(element.0), [element.1]);
        owner.put(target, b"<Any/>").await.assert_error(400, "MalformedXML");
        assert_eq!(owner.get(target).await.assert_ok().all(element.0), [element.1]);
        for user in ["writer", "reader", "stranger"] {
            let client = hub.client(user);
            client.put(target, document.as_bytes()).await.assert_error(403, "AccessDenied");
            client.get(target).await.assert_error(403, "AccessDenied");
            client.delete(target).await.assert_error(403, "AccessDenied");
        }
        assert_eq!(owner.delete(target).await.status, 204);
        owner.get(target).await.assert_error(404, code);
    }
}

#[tokio::test]
async fn answers_tell_when_a_rule_deletes_an_object() {
    let hub = Hub::start().await;
    let owner = hub.client("owner");
    owner.put("/photos?lifecycle=", RULES.as_bytes()).await.assert_ok();
    let written = owner.put("/photos/logs/a", b"a").await.assert_ok();
    assert!(written.header("x-amz-expiration").ends_with("rule-id=\"logs\""), "{written:?}");
    assert!(owner.get("/photos/logs/a").await.assert_ok().header("x-amz-expiration").starts_with("expiry-date=\""));
    assert_eq!(owner.put("/photos/other", b"a").await.assert_ok().header("x-amz-expiration"), "");
}
