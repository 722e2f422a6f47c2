use super::chunk_signatures::ChunkSignatures;
use crate::checksum::ChecksumAlgorithm;
use crate::error::{ErrorCode, S3Error, S3Result};

const SIGNATURE: &str = "x-amz-trailer-signature";

/// What follows the last chunk of a body.
pub(super) struct Trailers<'a> {
    /// Names in lower case, and values without white space around them.
    lines: Vec<(String, &'a str)>,
    complete: bool,
}

impl<'a> Trailers<'a> {
    /// Reads the lines `name:value`, which an empty line ends.
    ///
    /// Empty lines between them are skipped, and a line may end with LF alone: minio-go sends both.
    pub(super) fn parse(bytes: &'a [u8]) -> S3Result<Self> {
        let text = std::str::from_utf8(bytes).map_err(|_| malformed())?;
        let mut lines = Vec::new();
        for line in text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line)) {
            if line.is_empty() {
                continue;
            }
            let (name, value) = line.split_once(':').ok_or_else(malformed)?;
            let value = value.trim_matches([' ', '\t']);
            if value.bytes().any(|byte| byte.is_ascii_control()) {
                return Err(malformed());
            }
            lines.push((name.to_ascii_lowercase(), value));
        }
        Ok(Self { lines, complete: text == "\r\n" || text.ends_with("\n\r\n") })
    }

    /// Verifies that exactly the announced checksum is there, and its signature where trailers are signed. Returns the
    /// checksum.
    pub(super) fn verify(
        self,
        announced: Option<ChecksumAlgorithm>,
        signed: bool,
        signatures: Option<ChunkSignatures>,
    ) -> S3Result<Option<String>> {
        let mut lines = self.lines.into_iter();
        let checksum = match announced {
            Some(algorithm) => {
                let (_, value) = lines.next().filter(|(name, _)| name == algorithm.header()).ok_or_else(malformed)?;
                Some((algorithm, value))
            }
            None => None,
        };
        if signed {
            let (_, signature) = lines.next().filter(|(name, _)| name == SIGNATURE).ok_or_else(malformed)?;
            let canonical =
                checksum.map(|(algorithm, value)| format!("{}:{value}\n", algorithm.header())).unwrap_or_default();
            signatures.ok_or_else(malformed)?.end_trailers(&canonical, signature)?;
        }
        if lines.next().is_some() {
            return Err(malformed());
        }
        if !self.complete {
            return Err(ErrorCode::IncompleteBody.into());
        }
        match checksum {
            Some((algorithm, value)) if !algorithm.is_well_formed(value) => {
                let message = format!("The value of the `{}` trailer is invalid.", algorithm.header());
                Err(S3Error::with_message(ErrorCode::InvalidRequest, message))
            }
            checksum => Ok(checksum.map(|(_, value)| value.to_owned())),
        }
    }
}

fn malformed() -> S3Error {
    ErrorCode::MalformedTrailerError.into()
}
