use s3s::{S3Error, s3_error};

/// Why the body of a request was refused while it arrived. s3s does not keep the reasons of bodies that break off, so
/// the endpoint notes them aside and answers them itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum BodyFault {
    #[error("the body ended early")]
    Incomplete,
    #[error("the body took too long, or paused for too long")]
    TooSlow,
    #[error("the body contains a CDATA section")]
    Cdata,
    #[error("the body has too many elements")]
    TooManyElements,
    #[error("a chunk of the body is malformed")]
    MalformedChunk,
    #[error("a signed chunk of the body is too large")]
    LargeChunk,
}

impl From<BodyFault> for S3Error {
    fn from(fault: BodyFault) -> Self {
        match fault {
            BodyFault::Incomplete => s3_error!(IncompleteBody, "The request body ended early."),
            BodyFault::TooSlow => {
                s3_error!(RequestTimeout, "Your socket connection to the server was not written to within the timeout.")
            }
            BodyFault::Cdata => s3_error!(MalformedXML, "The request body must not contain CDATA sections."),
            BodyFault::TooManyElements => s3_error!(MalformedXML, "The request body has too many elements."),
            BodyFault::MalformedChunk => s3_error!(IncompleteBody, "The request body is not valid aws-chunked data."),
            BodyFault::LargeChunk => {
                s3_error!(InvalidRequest, "A signed chunk of the request body must be at most 8 MiB large.")
            }
        }
    }
}
