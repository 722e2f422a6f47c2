//! XML documents of the S3 protocol: whatever is sent is read without a panic and within its limits; what is written is
//! read as the same texts, and answers are well-formed whatever keys they contain.
#![no_main]

use libfuzzer_sys::fuzz_target;
use storage_hub_s3_protocol::cors::CorsConfiguration;
use storage_hub_s3_protocol::lifecycle::LifecycleConfiguration;
use storage_hub_s3_protocol::object_lock::{ObjectLockConfiguration, Retention};
use storage_hub_s3_protocol::operation::{
    CompleteMultipartUpload, CreateBucket, DeleteEntry, DeleteObjects, Operation, PutBucketCors,
};
use storage_hub_s3_protocol::response;
use storage_hub_s3_protocol::tags::{TagOwner, Tags};
use storage_hub_s3_protocol::versioning::VersioningState;
use storage_hub_s3_protocol::xml::{self, Element, XmlWriter};

fuzz_target!(|input: (&[u8], Vec<&str>)| {
    let (document, texts) = input;
    if let Ok(root) = xml::parse(document, 100) {
        assert!(count(&root) <= 100);
    }
    let operations = [
        Operation::DeleteObjects(DeleteObjects::default()),
        Operation::CompleteMultipartUpload(CompleteMultipartUpload::default()),
        Operation::CreateBucket(CreateBucket::default()),
        Operation::PutBucketCors(PutBucketCors::default()),
    ];
    for mut operation in operations {
        if operation.accept_document(document).is_ok()
            && let Operation::DeleteObjects(input) = operation
        {
            assert!((1..=1000).contains(&input.objects.len()));
            written(&input);
        }
    }
    let _ = response::parse_list_objects(document);
    let _ = response::parse_list_parts(document);
    if let Ok(configuration) = CorsConfiguration::parse(document) {
        let again = CorsConfiguration::parse(configuration.to_document().as_bytes());
        assert_eq!(again.expect("a document that was written"), configuration);
    }

    if let Ok(rules) = LifecycleConfiguration::parse(document) {
        let again = LifecycleConfiguration::parse(rules.to_document().as_bytes());
        assert_eq!(again.expect("a document that was written"), rules);
    }
    for owner in [TagOwner::Object, TagOwner::Bucket] {
        if let Ok(tags) = Tags::parse_document(owner, document) {
            let again = Tags::parse_document(owner, tags.to_document().as_bytes());
            assert_eq!(again.expect("a document that was written"), tags);
        }
    }
    if let Ok(retention) = Retention::parse(document) {
        let again = Retention::parse(Retention::to_document(retention).as_bytes());
        assert_eq!(again.expect("a document that was written"), retention);
    }
    let _ = VersioningState::parse(document);
    let _ = ObjectLockConfiguration::parse(document);

    let answer = XmlWriter::answer("List", |list| texts.iter().for_each(|text| list.text("Key", text)));
    let root = xml::parse(answer.as_bytes(), texts.len() + 1).expect("an answer that is well-formed");
    assert_eq!(root.children().len(), texts.len());
    for (child, text) in root.children().iter().zip(&texts) {
        assert!(!xml::is_writable(text) || child.text().expect("a text") == *text);
    }
    let objects = texts.iter().filter(|text| !text.is_empty() && xml::is_writable(text)).take(1000);
    let entry = |key: &&str| DeleteEntry { key: (*key).to_owned(), ..DeleteEntry::default() };
    let objects = objects.map(entry).collect();
    let input = DeleteObjects { quiet: texts.len() % 2 == 0, bypass_governance: false, objects };
    if !input.objects.is_empty() {
        written(&input);
    }
});

/// What is written names the same objects.
fn written(input: &DeleteObjects) {
    let request = Operation::DeleteObjects(input.clone()).to_request(Some("bucket")).expect("a request");
    let mut read = Operation::DeleteObjects(DeleteObjects::default());
    if input.objects.iter().all(|entry| entry.key.len() <= 1024) {
        read.accept_document(&request.document).expect("a document that was written");
        assert_eq!(read, Operation::DeleteObjects(input.clone()));
    }
}

fn count(element: &Element) -> usize {
    1 + element.children().iter().map(count).sum::<usize>()
}
