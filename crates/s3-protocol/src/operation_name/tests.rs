use super::*;
use crate::error::ErrorCode;
use crate::head::{RequestHead, VirtualHosts};

fn select(request: &str) -> Result<OperationName, ErrorCode> {
    let mut words = request.split(' ');
    let (method, target) = (words.next().unwrap(), words.next().unwrap());
    let mut builder = http::Request::builder().method(method).uri(target).header("host", "hub.example");
    for header in words {
        let (name, value) = header.split_once(':').unwrap();
        builder = builder.header(name, value);
    }
    let (parts, ()) = builder.body(()).unwrap().into_parts();
    let head = RequestHead::parse(&parts, &VirtualHosts::default()).unwrap();
    OperationName::select(&head).map_err(|error| error.code_of_sentence())
}

#[test]
fn every_operation_is_selected_by_its_request() {
    let table = include_str!("requests.txt");
    let mut missing: Vec<_> = OperationName::ALL.to_vec();
    for line in table.lines() {
        let (name, request) = line.split_once(' ').unwrap();
        let selected = select(request).unwrap_or_else(|code| panic!("{line}: {code:?}"));
        assert_eq!(selected.as_str(), name, "{line}");
        missing.retain(|missing| *missing != selected);
    }
    assert_eq!(missing, []);
}

#[test]
fn a_request_for_something_else_is_never_taken_for_another_operation() {
    use ErrorCode::{InvalidArgument, InvalidRequest, MethodNotAllowed, NotImplemented, PreconditionFailed};
    let table = [
        ("GET /photos?acl&policy", InvalidRequest),
        ("DELETE /photos?cors&lifecycle", InvalidRequest),
        ("GET /photos?list-type=2&versions", InvalidRequest),
        ("POST /photos/key?uploads&uploadId=x", InvalidRequest),
        ("PUT /photos/key?tagging&acl", InvalidRequest),
        ("GET /photos?list-type=1", InvalidArgument),
        ("GET /photos?list-type=", InvalidArgument),
        ("PUT /photos/key?partNumber=1", InvalidArgument),
        ("PUT /photos/key?uploadId=x", InvalidArgument),
        ("DELETE /photos?location", MethodNotAllowed),
        ("DELETE /photos?versioning", MethodNotAllowed),
        ("DELETE /photos?acl", MethodNotAllowed),
        ("PUT /photos?delete", MethodNotAllowed),
        ("HEAD /photos?location", MethodNotAllowed),
        ("DELETE /photos/key?attributes", MethodNotAllowed),
        ("DELETE /photos/key?lifecycle", MethodNotAllowed),
        ("PUT /photos/key?cors", MethodNotAllowed),
        ("DELETE /photos?uploadId=x", MethodNotAllowed),
        ("POST /photos/key", MethodNotAllowed),
        ("PATCH /photos/key", MethodNotAllowed),
        ("OPTIONS /photos", MethodNotAllowed),
        ("POST /", MethodNotAllowed),
        ("HEAD /", MethodNotAllowed),
        ("PUT /", MethodNotAllowed),
        ("DELETE /", MethodNotAllowed),
        ("DELETE /photos?metadataTable", NotImplemented),
        ("DELETE /photos?metadataConfiguration=", NotImplemented),
        ("GET /photos?metadataTable", NotImplemented),
        ("DELETE /photos?somethingNew", NotImplemented),
        ("DELETE /photos/key?somethingNew", NotImplemented),
        ("PUT /photos/key?append", NotImplemented),
        ("GET /?x-id=ListDirectoryBuckets", NotImplemented),
        ("POST /photos", PreconditionFailed),
        ("POST /photos content-type:application/x-www-form-urlencoded", PreconditionFailed),
    ];
    for (request, code) in table {
        assert_eq!(select(request), Err(code), "{request}");
    }
}

#[test]
fn parameters_without_meaning_are_ignored() {
    let table = [
        ("GET /photos/key?cache-buster", OperationName::GetObject),
        ("GET /photos/key?x-id=GetObject", OperationName::GetObject),
        ("PUT /photos/key?x-id=PutObject", OperationName::PutObject),
        ("DELETE /photos/key?versionId=", OperationName::DeleteObject),
        ("PUT /photos/key?x-amz-meta-a=&X-Amz-Security-Token=", OperationName::PutObject),
        ("GET /photos/?prefix=a", OperationName::ListObjects),
        ("GET /photos/key?location", OperationName::GetObject),
        ("POST /photos?x=1 content-type:Multipart/Form-Data;boundary=x", OperationName::PostObject),
        ("PUT /photos/key?x-amz-copy-source=a%2Fb", OperationName::CopyObject),
    ];
    for (request, name) in table {
        assert_eq!(select(request), Ok(name), "{request}");
    }
}
