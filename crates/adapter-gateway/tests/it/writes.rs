use storage_hub_s3_backend::{S3Backend as _, Write};
use storage_hub_s3_protocol::error::ErrorCode;
use storage_hub_s3_protocol::operation::{CreateMultipartUpload, ListParts, UploadPart, UploadRef};

use crate::bodies::{PROTECTIONS, Protection, Wrong, bytes, received};
use crate::harness::{self, Allowing, Revoked, put};

/// On both sides of the limit up to which bodies are read whole.
const SIZES: [usize; 4] = [0, 1000, 100_000, 3_000_000];

#[tokio::test]
async fn a_body_arrives_however_it_is_protected() {
    for harness in harness::all().await {
        let bucket = harness.bucket().await;
        for size in SIZES {
            for protection in PROTECTIONS {
                let whole = bytes(size, 3);
                let guard = Allowing(bucket.id);
                let body = received(&whole, protection, Wrong::Nothing);
                let write = Write { bucket: &bucket, guard: &guard };
                harness.backend.put_object(write, put("key"), body).await.unwrap();
                assert!(harness.bytes(&bucket, "key").await.unwrap() == whole, "{size} {protection:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_body_that_is_cut_off_or_forged_leaves_what_was_there() {
    for harness in harness::all().await {
        let bucket = harness.bucket().await;
        harness.put(&bucket, "key", b"before").await;
        for size in [1000, 100_000, 3_000_000] {
            for protection in PROTECTIONS {
                for wrong in [Wrong::Short, Wrong::Reset, Wrong::Digest, Wrong::Trailer] {
                    let needs = match wrong {
                        Wrong::Digest => protection != Protection::Nothing,
                        Wrong::Trailer => protection == Protection::Trailer,
                        _ => true,
                    };
                    if !needs {
                        continue;
                    }
                    for key in ["key", "new"] {
                        let guard = Allowing(bucket.id);
                        let write = Write { bucket: &bucket, guard: &guard };
                        let body = received(&bytes(size, 5), protection, wrong);
                        let refused = harness.backend.put_object(write, put(key), body).await.unwrap_err();
                        assert_eq!(refused.status(), 400, "{size} {protection:?} {wrong:?}: {refused}");
                    }
                    assert_eq!(harness.bytes(&bucket, "key").await.unwrap(), b"before", "{protection:?} {wrong:?}");
                    assert_eq!(harness.bytes(&bucket, "new").await, None, "{protection:?} {wrong:?}");
                }
            }
        }
    }
}

#[tokio::test]
async fn a_right_that_is_revoked_while_the_body_arrives_leaves_what_was_there() {
    for harness in harness::all().await {
        let bucket = harness.bucket().await;
        harness.put(&bucket, "key", b"before").await;
        for size in SIZES {
            for protection in PROTECTIONS {
                let body = received(&bytes(size, 5), protection, Wrong::Nothing);
                let write = Write { bucket: &bucket, guard: &Revoked };
                let refused = harness.backend.put_object(write, put("key"), body).await.unwrap_err();
                assert_eq!(refused.code(), ErrorCode::AccessDenied);
                assert_eq!(harness.bytes(&bucket, "key").await.unwrap(), b"before", "{size} {protection:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_part_that_is_cut_off_or_revoked_is_not_kept() {
    for harness in harness::all().await {
        let bucket = harness.bucket().await;
        let allowing = Allowing(bucket.id);
        let write = Write { bucket: &bucket, guard: &allowing };
        let create = CreateMultipartUpload { key: "key".to_owned(), ..CreateMultipartUpload::default() };
        let upload_id = harness.backend.create_multipart_upload(write, create).await.unwrap();
        let upload = UploadRef { key: "key".to_owned(), upload_id };
        for protection in PROTECTIONS {
            let part = || UploadPart { upload: upload.clone(), number: 1 };
            let cut = received(&bytes(200_000, 5), protection, Wrong::Short);
            assert!(harness.backend.upload_part(write, part(), cut).await.is_err());
            let whole = received(&bytes(200_000, 5), protection, Wrong::Nothing);
            let revoked = Write { bucket: &bucket, guard: &Revoked };
            assert!(harness.backend.upload_part(revoked, part(), whole).await.is_err());
        }
        let list = ListParts { upload, after: 0, max_parts: 10 };
        assert_eq!(harness.backend.list_parts(&bucket, &list).await.unwrap().parts, []);
    }
}

/// The file of a form has no announced length.
#[tokio::test]
async fn a_body_of_unknown_length_is_stored_whole_or_not_at_all() {
    use futures::stream;
    use storage_hub_s3_backend::VerifiedBody;
    for harness in harness::all().await {
        let bucket = harness.bucket().await;
        let guard = Allowing(bucket.id);
        let write = Write { bucket: &bucket, guard: &guard };
        for size in [0, 1000, 9_000_000, 17_000_000] {
            let whole = bytes(size, 7);
            let pieces = |broken: bool| {
                let mut pieces: Vec<_> = whole.chunks(100_000).map(|piece| Ok(piece.to_vec().into())).collect();
                if broken {
                    pieces.push(Err(ErrorCode::MalformedPOSTRequest.into()));
                }
                VerifiedBody::from_decoded(stream::iter(pieces), None, None)
            };
            harness.put(&bucket, "key", b"before").await;
            let refused = harness.backend.put_object(write, put("key"), pieces(true)).await.unwrap_err();
            assert_eq!(refused.code(), ErrorCode::MalformedPOSTRequest);
            let revoked = Write { bucket: &bucket, guard: &Revoked };
            let refused = harness.backend.put_object(revoked, put("key"), pieces(false)).await.unwrap_err();
            assert_eq!(refused.code(), ErrorCode::AccessDenied);
            assert_eq!(harness.bytes(&bucket, "key").await.unwrap(), b"before");
            harness.backend.put_object(write, put("key"), pieces(false)).await.unwrap();
            assert!(harness.bytes(&bucket, "key").await.unwrap() == whole, "{size}");
        }
    }
}
