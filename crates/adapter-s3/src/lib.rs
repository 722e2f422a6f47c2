//! The S3 endpoint: reads requests, authenticates them, decides by the core's use cases, and hands them to a backend.
//!
//! [`S3Endpoint`] is built from the use cases, a backend and [`S3Options`]; [`S3Endpoint::serve`] serves a listener. Each
//! request passes these steps in order, and no later step reads the received head again:
//!
//! 1. `request`: head → limits → claim → `authenticate` (one statement) → signature → operation.
//! 2. `access`: the action that the operation needs; core decides.
//! 3. `request::body`: the body, which the client sends only now (`Expect: 100-continue`).
//! 4. `operations`: the backend, or the records, and the answer.
//! 5. `answer_body`, `access_log`: the answer leaves, and the request's line is written.
//!
//! Two operations read a bounded part of the body before the decision, because it names what they are about: HTML forms
//! (their fields), and `DeleteObjects` (its document).

mod endpoint;
mod options;

mod client_rate;
mod places;
mod seldom;
mod server;
mod timed_stream;

mod access;
mod authorization;
mod cors;
mod pages;
mod received_body;
mod request;

mod fixed_answers;
mod operations;

mod access_log;
mod answer_body;

pub use access_log::ACCESS_LOG_TARGET;
pub use endpoint::{InvalidDomain, S3Endpoint};
pub use fixed_answers::fixed_answers_table;
pub use options::{HealthCheck, S3Limits, S3Observer, S3Options, SignatureGuard, TraceHooks};
