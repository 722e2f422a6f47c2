//! Reads the table of requests.
//!
//! A file has groups of cases. A group begins with `== its name` and has two empty buckets of its own, `{b}` and `{c}`. A case is one
//! line, whose parts are separated by ` |`:
//!
//! ```text
//! PUT /{b}/key?partNumber=1 | content-type: text/plain ; x-amz-meta-a: b | the body => etag=header etag
//! ! why the endpoints differ
//! ```
//!
//! The headers and the body may be missing. `{name}` is replaced by a name or by what an earlier case has saved, `{5MiB}`
//! by that many bytes, `\n`, `\r` and `\0` by these characters, `{md5}` in a header by the base64 of the body's MD5. An `anonymous` before the
//! method leaves the request unsigned. `=> name=header etag` and `=> name=element UploadId` save a part of the answer. A
//! line that begins with `!` says why the endpoints answer the case before it differently; `!!` says it for the whole group.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use md5::{Digest as _, Md5};
use reqwest::Method;

use crate::s3::{Request, WholeReply};

/// Cases that share two buckets.
pub(crate) struct Group {
    pub(crate) name: String,
    pub(crate) reason: Option<String>,
    pub(crate) cases: Vec<Case>,
}

/// One request.
pub(crate) struct Case {
    /// The line of the table.
    pub(crate) line: String,
    pub(crate) anonymous: bool,
    pub(crate) saves: Vec<Save>,
    pub(crate) reason: Option<String>,
    method: Method,
    path: String,
    headers: Vec<(&'static str, String)>,
    body: String,
}

/// A part of an answer that later cases use.
pub(crate) struct Save {
    pub(crate) name: String,
    pub(crate) place: Place,
}

/// Where a part of an answer is.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    Header(String),
    Element(String),
}

impl Place {
    /// The value in an answer.
    pub(crate) fn find(&self, reply: &WholeReply) -> Option<String> {
        match self {
            Self::Header(name) => Some(reply.headers.iter().find(|(known, _)| known == name)?.1.clone()),
            Self::Element(name) => {
                let text = String::from_utf8_lossy(&reply.body);
                let (_, rest) = text.split_once(&format!("<{name}>"))?;
                Some(rest.split_once("</")?.0.to_owned())
            }
        }
    }
}

/// The buckets of a group, and what its cases have saved.
pub(crate) struct Names(Vec<(String, String)>);

impl Names {
    pub(crate) fn new(names: &[(&str, String)]) -> Self {
        Self(names.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect())
    }

    pub(crate) fn get(&self, name: &str) -> &str {
        let found = self.0.iter().rev().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str()).expect("a name that was saved")
    }

    pub(crate) fn set(&mut self, name: &str, value: String) {
        self.0.push((name.to_owned(), value));
    }

    /// Replaces every `{name}`.
    fn fill(&self, text: &str) -> String {
        let mut filled = text.to_owned();
        for (name, value) in self.0.iter().rev() {
            filled = filled.replace(&format!("{{{name}}}"), value);
        }
        filled
    }

    /// Replaces every value by its name, so that answers can be compared.
    pub(crate) fn mask(&self, text: &str) -> String {
        let mut masked = text.to_owned();
        for (name, value) in self.0.iter().rev().filter(|(_, value)| value.len() > 7) {
            masked = masked.replace(value, &format!("{{{name}}}"));
        }
        masked
    }
}

impl Case {
    /// The request, with names in place.
    pub(crate) fn request(&self, names: &Names) -> Request {
        let body = bytes(&names.fill(&self.body));
        let md5 = BASE64.encode(Md5::digest(&body));
        let mut request = Request::new(self.method.clone(), names.fill(&self.path));
        for (name, value) in &self.headers {
            request = request.header(name, names.fill(value).replace("{md5}", &md5));
        }
        request.body(body)
    }
}

/// Reads every file of the folder.
pub(crate) fn read(folder: &Path) -> Vec<Group> {
    let files = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let mut files: Vec<_> = files
        .filter(|path| path.extension().is_some_and(|kind| kind == "txt") && !path.ends_with("answers.txt"))
        .collect();
    files.sort();
    let mut groups = Vec::new();
    for file in files {
        read_groups(&std::fs::read_to_string(&file).expect("a file"), &mut groups);
    }
    groups
}

fn read_groups(text: &str, groups: &mut Vec<Group>) {
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(name) = line.strip_prefix("== ") {
            groups.push(Group { name: name.to_owned(), reason: None, cases: Vec::new() });
            continue;
        }
        let group = groups.last_mut().unwrap_or_else(|| panic!("`{line}` is before the first group"));
        if let Some(reason) = line.strip_prefix("!! ") {
            group.reason = Some(reason.to_owned());
        } else if let Some(reason) = line.strip_prefix("! ") {
            group.cases.last_mut().unwrap_or_else(|| panic!("`{line}` is before a case")).reason =
                Some(reason.to_owned());
        } else {
            group.cases.push(read_case(line));
        }
    }
}

fn read_case(line: &str) -> Case {
    let (request, saves) = line.split_once(" => ").map_or((line, ""), |(request, saves)| (request, saves));
    let mut parts = request.split(" |").map(|part| part.strip_prefix(' ').unwrap_or(part));
    let first = parts.next().unwrap_or_default();
    let (anonymous, first) = first.strip_prefix("anonymous ").map_or((false, first), |rest| (true, rest));
    let (method, path) = first.split_once(' ').unwrap_or_else(|| panic!("`{line}` has no path"));
    let headers = parts.next().unwrap_or_default().split(" ; ").filter(|header| !header.trim().is_empty());
    let header = |header: &str| {
        let (name, value) = header.split_once(':').unwrap_or_else(|| panic!("`{line}`: `{header}` is not a header"));
        // Requests of the tests have static names; the table is read once.
        let name: &'static str = Box::leak(name.trim().to_owned().into_boxed_str());
        (name, value.trim().to_owned())
    };
    Case {
        line: line.to_owned(),
        anonymous,
        saves: saves.split(" ; ").filter(|save| !save.is_empty()).map(read_save).collect(),
        reason: None,
        method: method.parse().unwrap_or_else(|_| panic!("`{line}` has no method")),
        path: path.to_owned(),
        headers: headers.map(header).collect(),
        body: parts.next().unwrap_or_default().to_owned(),
    }
}

fn read_save(save: &str) -> Save {
    let (name, place) = save.split_once('=').unwrap_or_else(|| panic!("`{save}` has no name"));
    let place = match place.split_once(' ') {
        Some(("header", name)) => Place::Header(name.to_owned()),
        Some(("element", name)) => Place::Element(name.to_owned()),
        _ => panic!("`{save}` is neither of a header nor of an element"),
    };
    Save { name: name.to_owned(), place }
}

/// The bytes of a body.
fn bytes(text: &str) -> Vec<u8> {
    let mebibytes = text.strip_prefix('{').and_then(|text| text.strip_suffix("MiB}"));
    if let Some(count) = mebibytes.and_then(|count| count.parse::<usize>().ok()) {
        return vec![b'x'; count << 20];
    }
    text.replace("\\n", "\n").replace("\\r", "\r").replace("\\0", "\0").into_bytes()
}
