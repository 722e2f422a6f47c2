use http::Method;

use super::fields::{invalid, non_empty, read_encoding, read_page_size, read_position, read_u32};
use super::request::RequestTemplate;
use super::{ListMultipartUploads, ListObjectVersions, ListObjects};
use crate::error::S3Result;
use crate::head::RequestHead;
use crate::response::token;
use crate::types::ListPosition;

impl ListObjects {
    pub(super) fn parse(head: &RequestHead, v2: bool) -> S3Result<Self> {
        let text = |name| head.query().get(name).map(str::to_owned);
        let mut input = Self {
            v2,
            prefix: text("prefix").unwrap_or_default(),
            delimiter: non_empty(head, "delimiter"),
            max_keys: read_page_size("max-keys", head.query().get("max-keys"))?,
            encode_urls: read_encoding(head)?,
            fetch_owner: true,
            ..Self::default()
        };
        let after = if v2 {
            input.fetch_owner = match head.query().get("fetch-owner") {
                None | Some("" | "false") => false,
                Some("true") => true,
                Some(_) => return Err(invalid("`fetch-owner` must be true or false.")),
            };
            (input.continuation_token, input.start_after) = (text("continuation-token"), text("start-after"));
            match &input.continuation_token {
                Some(token) => Some(token::read(token)?),
                None => input.start_after.clone().filter(|start| !start.is_empty()),
            }
        } else {
            input.marker = text("marker");
            input.marker.clone().filter(|marker| !marker.is_empty())
        };
        input.after = after.map(|key| ListPosition { key, id: None });
        Ok(input)
    }

    /// Where neither a token nor a marker is set, the page begins after the key of [`after`](Self::after).
    pub(super) fn to_request(&self, bucket: Option<&str>) -> RequestTemplate {
        let mut request = RequestTemplate::new(Method::GET, bucket, None);
        let after = self.after.as_ref().map(|after| after.key.as_str());
        if self.v2 {
            request.set_query("list-type", "2");
            let token = self.continuation_token.as_deref();
            request.set_opt_query("continuation-token", token);
            request.set_opt_query("start-after", self.start_after.as_deref().or(after.filter(|_| token.is_none())));
            if self.fetch_owner {
                request.set_query("fetch-owner", "true");
            }
        } else {
            request.set_opt_query("marker", self.marker.as_deref().or(after));
        }
        let page = Page { name: "max-keys", max: self.max_keys, encode_urls: self.encode_urls };
        page.send(&self.prefix, self.delimiter.as_deref(), &mut request);
        request
    }
}

impl ListObjectVersions {
    pub(super) fn parse(head: &RequestHead) -> S3Result<Self> {
        let after = read_position(head, "key-marker", "version-id-marker");
        if after.is_none() && non_empty(head, "version-id-marker").is_some() {
            return Err(invalid("`version-id-marker` must be given together with `key-marker`."));
        }
        Ok(Self {
            prefix: head.query().get("prefix").unwrap_or_default().to_owned(),
            delimiter: non_empty(head, "delimiter"),
            after,
            max_keys: read_page_size("max-keys", head.query().get("max-keys"))?,
            encode_urls: read_encoding(head)?,
        })
    }

    pub(super) fn to_request(&self, bucket: Option<&str>) -> RequestTemplate {
        let mut request = RequestTemplate::new(Method::GET, bucket, None);
        request.set_query("versions", "");
        send_position(self.after.as_ref(), "version-id-marker", &mut request);
        let page = Page { name: "max-keys", max: self.max_keys, encode_urls: self.encode_urls };
        page.send(&self.prefix, self.delimiter.as_deref(), &mut request);
        request
    }
}

impl ListMultipartUploads {
    pub(super) fn parse(head: &RequestHead) -> S3Result<Self> {
        let max_uploads = head.query().get("max-uploads");
        if let Some(text) = max_uploads {
            read_u32("max-uploads", text, 1, i32::MAX.unsigned_abs())?;
        }
        Ok(Self {
            prefix: head.query().get("prefix").unwrap_or_default().to_owned(),
            delimiter: non_empty(head, "delimiter"),
            after: read_position(head, "key-marker", "upload-id-marker"),
            max_uploads: read_page_size("max-uploads", max_uploads)?,
            encode_urls: read_encoding(head)?,
        })
    }

    pub(super) fn to_request(&self, bucket: Option<&str>) -> RequestTemplate {
        let mut request = RequestTemplate::new(Method::GET, bucket, None);
        request.set_query("uploads", "");
        send_position(self.after.as_ref(), "upload-id-marker", &mut request);
        let page = Page { name: "max-uploads", max: self.max_uploads, encode_urls: self.encode_urls };
        page.send(&self.prefix, self.delimiter.as_deref(), &mut request);
        request
    }
}

/// What all lists have in common.
struct Page {
    name: &'static str,
    max: u32,
    encode_urls: bool,
}

impl Page {
    fn send(&self, prefix: &str, delimiter: Option<&str>, request: &mut RequestTemplate) {
        request.set_opt_query("prefix", Some(prefix).filter(|prefix| !prefix.is_empty()));
        request.set_opt_query("delimiter", delimiter);
        request.set_query(self.name, self.max.to_string());
        request.set_opt_query("encoding-type", self.encode_urls.then_some("url"));
    }
}

fn send_position(position: Option<&ListPosition>, id_marker: &str, request: &mut RequestTemplate) {
    if let Some(position) = position {
        request.set_query("key-marker", position.key.as_str());
        request.set_opt_query(id_marker, position.id.as_deref());
    }
}
