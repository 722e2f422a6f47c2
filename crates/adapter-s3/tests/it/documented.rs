//! docs/s3-compatibility.md says of each operation what the endpoint does.

use std::collections::BTreeMap;

use storage_hub_s3_protocol::operation_name::OperationName;

use crate::hub::Hub;

const DOCUMENT: &str = include_str!("../../../../docs/s3-compatibility.md");
/// A request for each operation.
const REQUESTS: &str = include_str!("../../../s3-protocol/src/operation_name/requests.txt");

/// What the document says of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Documented {
    Implemented,
    /// With some values of a header only.
    Partly,
    /// As are all operations that it does not name.
    NotImplemented,
    /// Nobody may do it here, because it is done in another way.
    Denied,
}

/// What the tables of the document say.
fn documented() -> BTreeMap<&'static str, Documented> {
    let (_, section) = DOCUMENT.split_once("## Operations").unwrap();
    let (section, _) = section.split_once("## Requests").unwrap();
    let mut documented = BTreeMap::new();
    for row in section.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<_> = row.trim_matches('|').split('|').map(str::trim).collect();
        let says = match (cells[1], cells[2]) {
            ("yes", _) => Documented::Implemented,
            ("partly", _) => Documented::Partly,
            ("no", note) if note.contains("`AccessDenied`") => Documented::Denied,
            ("no" | "not yet", _) => Documented::NotImplemented,
            // A fixed answer, which needs an action.
            (action, _) if action.starts_with("`s3:") => Documented::Implemented,
            other => panic!("{other:?} in {row}"),
        };
        // Names stand between backquotes, so every second piece is one.
        for name in cells[0].split('`').skip(1).step_by(2) {
            assert!(OperationName::ALL.iter().any(|known| known.as_str() == name), "{name} is not an operation");
            assert_eq!(documented.insert(name, says), None, "{name} is in two rows");
        }
    }
    documented
}

#[tokio::test]
async fn each_operation_does_what_the_documentation_says() {
    let documented = documented();
    for line in REQUESTS.lines() {
        let mut words = line.split(' ');
        let (name, method, target) = (words.next().unwrap(), words.next().unwrap(), words.next().unwrap());
        let mut headers: Vec<_> = words.map(|header| header.split_once(':').unwrap()).collect();
        let says = documented.get(name).copied().unwrap_or(Documented::NotImplemented);
        let hub = Hub::start().await;
        let owner = hub.client("owner");
        hub.put("photos", "key", b"body").await;
        let code = owner.send(method, target, &headers, b"").await.code();
        match says {
            Documented::Implemented => assert_ne!(code, "NotImplemented", "{line}"),
            Documented::NotImplemented => assert_eq!(code, "NotImplemented", "{line}"),
            Documented::Denied => assert_eq!(code, "AccessDenied", "{line}"),
            Documented::Partly => {
                assert_eq!(code, "NotImplemented", "{line}");
                headers.push(("x-amz-acl", "private"));
                owner.send(method, target, &headers, b"").await.assert_ok();
            }
        }
        hub.stop().await;
    }
}
