//! The operations that are there, by what the endpoint answers; docs/s3-compatibility.md tells users the same.

use crate::hub::Hub;

/// Every operation that s3s routes, and a request that is routed to it.
const OPERATIONS: &str = include_str!("operations.txt");

#[tokio::test]
async fn the_operations_that_are_there_are_those_that_the_documentation_lists() {
    let hub = Hub::start().await;
    let admin = hub.client("admin");
    let (mut there, mut documented) = (Vec::new(), Vec::new());
    for line in OPERATIONS.lines().filter(|line| !line.is_empty()) {
        let [operation, method, target] = line.split_whitespace().collect::<Vec<_>>().try_into().expect(line);
        let mut headers = Vec::new();
        if operation.ends_with("Copy") || operation == "CopyObject" {
            headers.push(("x-amz-copy-source", "/photos/source"));
        }
        if operation == "GetObjectAttributes" {
            headers.push(("x-amz-object-attributes", "ETag"));
        }
        let reply = admin.send(method, target, &headers, b"").await;
        if reply.status != 501 && !reply.text().contains("The hub does this") {
            there.push(operation);
        }
    }
    let table = include_str!("../../../../docs/s3-compatibility.md");
    for line in table.lines().filter(|line| line.starts_with("| `")) {
        let mut cells = line.split('|').map(str::trim).skip(1);
        let (operations, answer) = (cells.next().unwrap(), cells.next().unwrap());
        let names = operations.split(',').map(|name| name.trim().trim_matches('`'));
        if answer == "yes" {
            documented.extend(names);
        }
    }
    there.sort_unstable();
    documented.sort_unstable();
    assert_eq!(there, documented);
}
