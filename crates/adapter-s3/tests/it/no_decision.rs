//! When the records cannot be read, the answer is no.

use crate::directory::Failure;
use crate::hub::Hub;

#[tokio::test]
async fn without_a_decision_nothing_is_given_and_nothing_of_the_inside_is_told() {
    let hub = Hub::start().await;
    let owner = hub.client("owner");
    owner.put("/photos/key", b"body").await.assert_ok();
    let table = [
        (Failure::Unavailable, 503, "ServiceUnavailable"),
        (Failure::Unexpected, 500, "InternalError"),
        (Failure::BucketsUnavailable, 503, "ServiceUnavailable"),
    ];
    for (failure, status, code) in table {
        hub.directory.fail(failure);
        let replies = [
            owner.get("/photos/key").await,
            owner.get("/").await,
            owner.put("/photos/key", b"other").await,
            hub.anonymous().get("/open").await,
        ];
        for reply in replies {
            reply.assert_error(status, code);
            assert!(!reply.text().contains("business"), "{}", reply.text());
        }
        hub.directory.fail(Failure::None);
        assert_eq!(owner.get("/photos/key").await.assert_ok().body, "body");
    }
}
