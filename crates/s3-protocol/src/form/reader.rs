use bytes::Bytes;

use super::FormFields;
use super::file_scanner::FileScanner;
use super::part_head::{PartHead, boundary};
use crate::error::{ErrorCode, S3Error, S3Result};
use crate::head::RequestHead;

/// Maximum length of everything before the file.
const MAX_FIELDS: usize = 64 * 1024;
/// Maximum number of fields before the file.
const MAX_COUNT: usize = 100;
/// Maximum length of the head of a part.
const MAX_HEAD: usize = 8 * 1024;
/// Maximum length of what follows the file, which is ignored: a browser may send the name of the button there.
const MAX_BEHIND: usize = 64 * 1024;
/// How much is added at a time to what is held, so that little of the file is ever copied.
const STEP: usize = 4 * 1024;

/// Something that was read of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FormEvent {
    /// The fields are complete: the file begins. Comes once, and first.
    Fields(FormFields),
    /// The next bytes of the file.
    File(Bytes),
}

/// Reads a form while it arrives: the fields as a whole, and the file as a stream.
///
/// ```text
/// Delimiter ──▶ Head ──▶ Value ──▶ Delimiter …
///                 └────▶ File ──▶ Behind       (a part with the name `file`)
/// ```
#[derive(Debug)]
pub struct FormReader {
    /// CR LF, two dashes and the boundary.
    delimiter: Bytes,
    state: State,
    /// What was received and belongs to no whole part yet.
    held: Vec<u8>,
    /// Everything before this place of `held` was searched already.
    searched: usize,
    /// The number of bytes before the file so far.
    before_file: usize,
    fields: FormFields,
}

#[derive(Debug)]
enum State {
    /// Before the first delimiter.
    Begin,
    /// Behind a delimiter.
    Delimiter,
    Head,
    /// Within the value of this field.
    Value(String),
    File(FileScanner),
    /// Behind the delimiter that ends the file.
    Behind(Behind),
    Failed,
}

impl FormReader {
    /// Reads how the form is delimited.
    ///
    /// # Errors
    /// `MalformedPOSTRequest` for a `Content-Type` other than `multipart/form-data` with a boundary.
    pub fn new(head: &RequestHead) -> S3Result<Self> {
        Self::with_content_type(head.header("content-type").unwrap_or_default())
    }

    pub(super) fn with_content_type(content_type: &str) -> S3Result<Self> {
        let delimiter = Bytes::from(format!("\r\n--{}", boundary(content_type)?));
        // The first delimiter has no line before it that it must end.
        let (state, held) = (State::Begin, b"\r\n".to_vec());
        Ok(Self { delimiter, state, held, searched: 0, before_file: 0, fields: FormFields::default() })
    }

    /// Takes the next received bytes, and returns what they complete.
    ///
    /// # Errors
    /// 400 for whatever is malformed or too large, and for a form without a file. The form must then be given up.
    pub fn push(&mut self, received: Bytes) -> S3Result<Vec<FormEvent>> {
        let mut events = Vec::new();
        match self.read(received, &mut events) {
            Ok(()) => Ok(events),
            Err(error) => {
                self.state = State::Failed;
                Err(error)
            }
        }
    }

    /// Ends the form.
    ///
    /// # Errors
    /// `IncompleteBody` if the file has not ended.
    pub fn finish(self) -> S3Result<()> {
        match self.state {
            State::Behind(Behind { received, .. }) if received >= 2 => Ok(()),
            _ => Err(S3Error::with_message(ErrorCode::IncompleteBody, "The form ended before the end of its file.")),
        }
    }

    fn read(&mut self, mut received: Bytes, events: &mut Vec<FormEvent>) -> S3Result<()> {
        loop {
            match &mut self.state {
                State::File(scanner) => {
                    let mut file = Vec::new();
                    let behind = scanner.push(received, &mut file);
                    events.extend(file.into_iter().map(FormEvent::File));
                    let Some(behind) = behind else { return Ok(()) };
                    self.state = State::Behind(Behind::default());
                    received = behind;
                }
                State::Behind(behind) => return behind.push(&received),
                State::Failed => return Err(malformed("The form could not be read.")),
                State::Begin | State::Delimiter | State::Head | State::Value(_) => {
                    if received.is_empty() {
                        return Ok(());
                    }
                    let whole = received.clone();
                    let step = received.split_to(received.len().min(STEP));
                    self.held.extend_from_slice(&step);
                    while self.advance()? {}
                    let mut before_file = self.before_file;
                    if matches!(self.state, State::File(_)) {
                        events.push(FormEvent::Fields(std::mem::take(&mut self.fields)));
                        // What is held behind the head arrived in this step, together with the end of the head.
                        let file = std::mem::take(&mut self.held);
                        received = whole.slice(step.len().saturating_sub(file.len())..);
                    } else {
                        before_file = before_file.saturating_add(self.held.len());
                    }
                    if before_file > MAX_FIELDS {
                        return Err(ErrorCode::MaxPostPreDataLengthExceededError.into());
                    }
                }
            }
        }
    }

    /// Reads the next piece of what is held before the file; `false` if it is not complete, or if the file begins.
    fn advance(&mut self) -> S3Result<bool> {
        match &self.state {
            State::Begin => {
                let Some(before) = self.take_until(&self.delimiter.clone()) else { return Ok(false) };
                // Some clients end a line before the first delimiter.
                if !matches!(before.as_slice(), b"" | b"\r\n") {
                    return Err(malformed("The body must begin with the boundary."));
                }
                self.state = State::Delimiter;
            }
            State::Delimiter => match self.held.get(..2) {
                None => return Ok(false),
                Some(b"\r\n") => {
                    // The line end stays, so that a head without lines is found like any other.
                    self.state = State::Head;
                }
                Some(b"--") => {
                    return Err(S3Error::with_message(
                        ErrorCode::InvalidArgument,
                        "A form must have exactly one file.",
                    ));
                }
                Some(_) => return Err(malformed("A boundary must end its line.")),
            },
            State::Head => {
                let Some(head) = self.take_until(b"\r\n\r\n") else {
                    return if self.held.len() > MAX_HEAD {
                        Err(malformed("The head of a part is too long."))
                    } else {
                        Ok(false)
                    };
                };
                let PartHead { name, file_name } = PartHead::parse(&head)?;
                if name == "file" {
                    let file_name = file_name.unwrap_or_default();
                    self.fields.file_name = file_name.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
                    self.state = State::File(FileScanner::new(self.delimiter.clone()));
                    return Ok(false);
                }
                if self.fields.fields.contains_key(&name) {
                    return Err(malformed(format!("The field `{name}` must not be given more than once.")));
                }
                if self.fields.fields.len() >= MAX_COUNT {
                    return Err(malformed("A form must have at most 100 fields."));
                }
                self.state = State::Value(name);
            }
            State::Value(_) => {
                let Some(value) = self.take_until(&self.delimiter.clone()) else { return Ok(false) };
                let State::Value(name) = std::mem::replace(&mut self.state, State::Delimiter) else { return Ok(false) };
                let value =
                    String::from_utf8(value).map_err(|_| malformed(format!("The field `{name}` must be UTF-8.")))?;
                self.fields.fields.insert(name, value);
            }
            State::File(_) | State::Behind(_) | State::Failed => return Ok(false),
        }
        Ok(true)
    }

    /// Takes what is before a text, and drops the text; `None` if it has not arrived.
    fn take_until(&mut self, text: &[u8]) -> Option<Vec<u8>> {
        let unsearched = self.held.get(self.searched..).unwrap_or_default();
        let Some(found) = unsearched.windows(text.len()).position(|window| window == text) else {
            self.searched = self.held.len().saturating_sub(text.len() - 1);
            return None;
        };
        let at = self.searched + found;
        self.searched = 0;
        self.before_file = self.before_file.saturating_add(at + text.len());
        let rest = self.held.split_off(at + text.len());
        let mut before = std::mem::replace(&mut self.held, rest);
        before.truncate(at);
        Some(before)
    }
}

/// What follows the file: either CR LF and further parts, or two dashes.
#[derive(Debug, Default)]
struct Behind {
    received: usize,
    last: u8,
}

impl Behind {
    fn push(&mut self, bytes: &[u8]) -> S3Result<()> {
        for byte in bytes {
            let is_allowed = match (self.received, self.last) {
                (0, _) => matches!(byte, b'\r' | b'-'),
                (1, b'\r') => *byte == b'\n',
                (1, _) => *byte == b'-',
                (received, _) => received < MAX_BEHIND,
            };
            if !is_allowed {
                return Err(malformed("What follows the file is too long, or does not begin with a boundary."));
            }
            self.received += 1;
            self.last = *byte;
        }
        Ok(())
    }
}

pub(super) fn malformed(message: impl Into<std::borrow::Cow<'static, str>>) -> S3Error {
    S3Error::with_message(ErrorCode::MalformedPOSTRequest, message)
}
