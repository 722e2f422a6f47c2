//! What is answered about settings that a bucket or an object does not have: the same by the hub's endpoint and by MinIO.

use reqwest::Method;
use storage_hub_port_contract::services::{ROOT_PASSWORD, ROOT_USER};

use crate::hub::{Backend, Hub, unique};
use crate::s3::{Key, Request};

/// Queries, and the status and the code of the answer.
const ANSWERS: [(&str, u16, &str); 19] = [
    ("?acl", 200, ""),
    ("?tagging", 404, "NoSuchTagSet"),
    ("?cors", 404, "NoSuchCORSConfiguration"),
    ("?lifecycle", 404, "NoSuchLifecycleConfiguration"),
    ("?encryption", 404, "ServerSideEncryptionConfigurationNotFoundError"),
    ("?object-lock", 404, "ObjectLockConfigurationNotFoundError"),
    ("?website", 404, "NoSuchWebsiteConfiguration"),
    ("?replication", 404, "ReplicationConfigurationNotFoundError"),
    ("?logging", 200, ""),
    ("?notification", 200, ""),
    ("?requestPayment", 200, ""),
    ("?accelerate", 200, ""),
    ("?versioning", 200, ""),
    ("?versions", 200, ""),
    ("?policyStatus", 200, ""),
    ("/key?acl", 200, ""),
    ("/key?tagging", 200, ""),
    ("/key?retention", 400, "InvalidRequest"),
    ("/key?legal-hold", 400, "InvalidRequest"),
];

#[tokio::test(flavor = "multi_thread")]
async fn settings_that_do_not_exist_are_answered_as_minio_does() {
    for backend in Backend::ALL {
        let Some(hub) = Hub::start(backend).await else { continue };
        let owner = hub.sign_up("test@example.com").await;
        let bucket = unique("plain");
        owner.create_bucket(&bucket).await;
        let put = Request::new(Method::PUT, format!("/{bucket}/key")).body("x");
        assert!(hub.s3.send(Some(&owner.key), put).await.succeeded());
        // MinIO's policies do not give everything to an owner.
        let key = match backend.serves_s3() {
            true => owner.key.clone(),
            false => Key { access: ROOT_USER.to_owned(), secret: ROOT_PASSWORD.to_owned(), session_token: None },
        };
        for (query, status, code) in ANSWERS {
            let reply = hub.s3.send(Some(&key), Request::new(Method::GET, format!("/{bucket}{query}"))).await;
            let got = (reply.status, reply.element("Code").unwrap_or_default());
            assert_eq!(got, (status, code), "{backend:?}: {query}: {reply:?}");
        }
    }
}
