//! URLs of the S3 protocol: what the client half writes, the server half reads as the same bucket, key and parameters; and
//! what is read, is written so that it is read the same again.
#![no_main]

use http::Request;
use libfuzzer_sys::fuzz_target;
use storage_hub_s3_protocol::head::{RequestHead, Target, VirtualHosts};
use storage_hub_s3_protocol::operation::{GetObject, ListObjects, Operation};
use storage_hub_s3_protocol::types::ListPosition;
use storage_hub_s3_protocol::uri;

fuzz_target!(|input: (&str, &str, &str, Option<&str>, &str)| {
    let (bucket, key, prefix, delimiter, target) = input;
    if !bucket.is_empty() && !bucket.contains('/') && !key.is_empty() {
        let operation = Operation::GetObject(GetObject { key: key.to_owned(), ..GetObject::default() });
        let head = sent(&operation, bucket);
        assert_eq!(head.target(), &Target::Object { bucket: bucket.to_owned(), key: key.to_owned() });
        assert_eq!(Operation::parse(&head).expect("an operation"), operation);

        let operation = Operation::ListObjects(ListObjects {
            v2: true,
            prefix: prefix.to_owned(),
            delimiter: delimiter.filter(|delimiter| !delimiter.is_empty()).map(str::to_owned),
            after: Some(ListPosition { key: key.to_owned(), id: None }),
            max_keys: 1000,
            start_after: Some(key.to_owned()),
            ..ListObjects::default()
        });
        let head = sent(&operation, bucket);
        assert_eq!(head.target(), &Target::Bucket(bucket.to_owned()));
        let Operation::ListObjects(read) = Operation::parse(&head).expect("an operation") else {
            panic!("another operation")
        };
        let Operation::ListObjects(written) = operation else { unreachable!() };
        assert_eq!((read.prefix, read.delimiter, read.after), (written.prefix, written.delimiter, written.after));
    }

    // A bucket without a name cannot be written, and does not exist.
    let Some(head) = parse(target).filter(|head| head.target().bucket() != Some("")) else { return };
    let path = uri::path_of(head.target().bucket(), head.target().key());
    let query: Vec<_> =
        head.query().iter().map(|(name, value)| format!("{}={}", uri::encode(name), uri::encode(value))).collect();
    let again = parse(&format!("{path}?{}", query.join("&"))).expect("a target that was written");
    assert_eq!((again.target(), again.query()), (head.target(), head.query()));
});

fn sent(operation: &Operation, bucket: &str) -> RequestHead {
    let request = operation.to_request(Some(bucket)).expect("a request");
    parse(&request.target()).expect("a target that can be read")
}

fn parse(target: &str) -> Option<RequestHead> {
    let (request, ()) = Request::get(target).body(()).ok()?.into_parts();
    RequestHead::parse(&request, &VirtualHosts::default()).ok()
}
