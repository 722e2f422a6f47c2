//! The region that a signature is for.

use std::time::Duration;

use crate::hub::Hub;

#[tokio::test]
async fn a_signature_for_another_region_is_told_the_right_one() {
    let hub = Hub::start().await;
    let owner = hub.client("owner");
    owner.put("/photos/key", b"body").await.assert_ok();
    let elsewhere = owner.with_region("eu-somewhere-1");
    let refused = elsewhere.get("/photos/key").await;
    refused.assert_error(400, "AuthorizationHeaderMalformed");
    assert_eq!(refused.all("Region"), ["us-east-1"]);
    assert!(refused.text().contains("expecting 'us-east-1'"), "{}", refused.text());
    assert_eq!(refused.header("x-amz-bucket-region"), "us-east-1");
    let head = elsewhere.send("HEAD", "/photos/key", &[], b"").await;
    assert_eq!((head.status.as_u16(), head.header("x-amz-bucket-region")), (400, "us-east-1"));
    elsewhere.put("/photos/other", b"body").await.assert_error(400, "AuthorizationHeaderMalformed");
    let url = elsewhere.presign("GET", "/photos/key", Duration::from_secs(60));
    hub.anonymous().get(&url).await.assert_error(400, "AuthorizationQueryParametersError");
    // Nothing is found out by it: it comes before any look at the records.
    elsewhere
        .with_secret("another secret of nobody")
        .get("/nowhere")
        .await
        .assert_error(400, "AuthorizationHeaderMalformed");
}

#[tokio::test]
async fn which_region_it_is_and_which_buckets_there_are_can_be_asked_for_with_any() {
    let hub = Hub::start().await;
    let elsewhere = hub.client("owner").with_region("eu-somewhere-1");
    elsewhere.get("/photos?location=").await.assert_ok();
    assert_eq!(elsewhere.get("/").await.assert_ok().all("Name"), ["open", "photos"]);
    let wrong = elsewhere.with_secret("another secret of nobody");
    wrong.get("/photos?location=").await.assert_error(403, "SignatureDoesNotMatch");
}
