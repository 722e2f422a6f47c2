//! MinIO: versions are deleted by the hub for those who manage a bucket, and by nobody through S3.

use reqwest::Method;
use serde_json::json;
use storage_hub_port_contract::services::{ROOT_PASSWORD, ROOT_USER};

use crate::hub::{Backend, Hub, unique};
use crate::isolation::md5_of;
use crate::s3::{Key, Reply, Request};

/// Headers that MinIO reads for its conditions, or for requests between servers.
const FORGED: [&[(&str, &str)]; 6] = [
    &[],
    &[("prefix", ""), ("username", ROOT_USER), ("currenttime", "2000-01-01T00:00:00Z"), ("sourceip", "127.0.0.1")],
    &[("x-minio-source-replication-request", "true")],
    &[("x-amz-bypass-governance-retention", "true")],
    &[("x-minio-source-deletemarker-delete", "true"), ("x-minio-source-deletemarker", "false")],
    &[("versionid", "null"), ("x-minio-source-version-id", "null")],
];

#[tokio::test(flavor = "multi_thread")]
async fn no_principal_deletes_a_version_by_s3_but_its_manager_does_by_the_hub() {
    for backend in [Backend::SqliteMinio, Backend::PostgresMinio] {
        let Some(hub) = Hub::start(backend).await else { continue };
        let (owner, stranger) = (hub.sign_up("owner@example.com").await, hub.sign_up("stranger@example.com").await);
        let admin = hub.admin().await;
        let bucket = unique("versions");
        owner.create_bucket(&bucket).await;
        let send = async |key: &Key, request: Request| hub.s3.send(Some(key), request).await;
        let on = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
        let enabled = send(&owner.key, Request::new(Method::PUT, format!("/{bucket}?versioning=")).body(on)).await;
        assert!(enabled.succeeded(), "{enabled:?}");
        for body in ["first", "second"] {
            let put = send(&owner.key, Request::new(Method::PUT, format!("/{bucket}/key")).body(body)).await;
            assert!(put.succeeded(), "{put:?}");
        }
        let root = Key { access: ROOT_USER.into(), secret: ROOT_PASSWORD.into(), session_token: None };
        let versions = async || {
            let listed = send(&root, Request::new(Method::GET, format!("/{bucket}?versions="))).await;
            let ids = listed.body.split("<VersionId>").skip(1).filter_map(|rest| rest.split_once('<'));
            ids.map(|(id, _)| id.to_owned()).collect::<Vec<_>>()
        };
        let ids = versions().await;
        assert_eq!(ids.len(), 2);

        for key in [&owner.key, &admin.key, &stranger.key] {
            for headers in FORGED {
                for id in &ids {
                    let with = |request: Request| {
                        headers.iter().fold(request, |request, (name, value)| request.header(name, *value))
                    };
                    let single = Request::new(Method::DELETE, format!("/{bucket}/key?versionId={id}"));
                    assert_denied(&send(key, with(single)).await, headers);
                    let body = format!("<Delete><Object><Key>key</Key><VersionId>{id}</VersionId></Object></Delete>");
                    let many = Request::new(Method::POST, format!("/{bucket}?delete=")).body(body.as_str());
                    assert_denied(&send(key, with(many.header("content-md5", md5_of(&body)))).await, headers);
                }
            }
        }
        assert_eq!(versions().await, ids);

        let path = format!("/api/buckets/{bucket}/versions/delete");
        let objects = json!({"objects": [{"key": "key", "versionId": ids[1]}]});
        stranger.api.post(&path, objects.clone()).await.expect(404);
        assert_eq!(versions().await.len(), 2);
        let answer = owner.api.post(&path, objects).await.expect(200);
        assert_eq!(answer["data"][0]["deleted"], true, "{answer}");
        assert_eq!(versions().await, ids[..1]);
        let current = send(&owner.key, Request::new(Method::GET, format!("/{bucket}/key"))).await;
        assert_eq!(current.body, "second");
        let marked = send(&owner.key, Request::new(Method::DELETE, format!("/{bucket}/key"))).await;
        assert!(marked.succeeded(), "deleting the object leaves a marker: {marked:?}");
        assert_eq!(versions().await.len(), 2);
    }
}

#[track_caller]
fn assert_denied(reply: &Reply, headers: &[(&str, &str)]) {
    assert!(reply.status == 403 || reply.body.contains("<Code>AccessDenied</Code>"), "{headers:?}: {reply:?}");
}
