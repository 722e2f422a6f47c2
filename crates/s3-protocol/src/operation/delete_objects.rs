use http::Method;

use super::fields::{key, not_implemented, parse_etags, send_write_conditions, version_id, write_conditions};
use super::object_options::{read_bypass, send_bypass};
use super::request::RequestTemplate;
use super::{DeleteEntry, DeleteObjects};
use crate::error::{ErrorCode, S3Error, S3Result};
use crate::head::RequestHead;
use crate::types::{EtagCondition, WriteConditions};
use crate::xml::{self, Element, XmlWriter};

/// Maximum number of objects of one request.
const MAX_OBJECTS: usize = 1000;

impl DeleteEntry {
    pub(super) fn parse(head: &RequestHead) -> S3Result<Self> {
        for name in ["x-amz-if-match-last-modified-time", "x-amz-if-match-size"] {
            if head.amz(name).is_some() {
                return Err(not_implemented(format!("The `{name}` header is not implemented.")));
            }
        }
        let conditions = write_conditions(head)?;
        if conditions.if_none_match.is_some() {
            return Err(not_implemented("The `if-none-match` header is not implemented for deletions."));
        }
        Ok(Self {
            key: key(head),
            version_id: version_id(head)?,
            conditions,
            unsupported: false,
            bypass_governance: read_bypass(head)?,
        })
    }

    pub(super) fn to_request(&self, bucket: Option<&str>) -> RequestTemplate {
        let mut request = RequestTemplate::new(Method::DELETE, bucket, Some(&self.key));
        request.set_opt_query("versionId", self.version_id.as_deref());
        send_write_conditions(&self.conditions, &mut request);
        send_bypass(self.bypass_governance, &mut request);
        request
    }

    fn read(object: &Element, bypass_governance: bool) -> S3Result<Self> {
        let key = object.text_of("Key")?.filter(|key| !key.is_empty());
        let key = key.ok_or_else(|| malformed("Each `Object` must have a `Key`."))?.to_owned();
        let if_match = match object.text_of("ETag")?.map(str::trim) {
            None => None,
            Some(etag) => Some(parse_etags(etag).ok_or_else(|| malformed("An `ETag` is malformed."))?),
        };
        Ok(Self {
            key,
            version_id: object.text_of("VersionId")?.map(str::trim).filter(|id| !id.is_empty()).map(str::to_owned),
            conditions: WriteConditions { if_match, if_none_match: None },
            // Conditions of directory buckets.
            unsupported: object.find("LastModifiedTime")?.is_some() || object.find("Size")?.is_some(),
            bypass_governance,
        })
    }

    fn write(&self, object: &mut XmlWriter) {
        object.text("Key", &self.key);
        object.opt_text("VersionId", self.version_id.as_deref());
        match &self.conditions.if_match {
            None => {}
            Some(EtagCondition::Any) => object.text("ETag", "*"),
            Some(EtagCondition::List(etags)) => {
                let quoted: Vec<_> = etags.iter().map(|etag| format!("\"{etag}\"")).collect();
                object.text("ETag", &quoted.join(","));
            }
        }
        if self.unsupported {
            object.text("Size", "0");
        }
    }
}

impl DeleteObjects {
    pub(super) fn parse(head: &RequestHead) -> S3Result<Self> {
        Ok(Self { bypass_governance: read_bypass(head)?, ..Self::default() })
    }

    pub(super) fn accept_document(&mut self, document: &[u8]) -> S3Result<()> {
        // Key, VersionId, ETag, LastModifiedTime, Size, and room for what is ignored.
        let root = xml::parse(document, MAX_OBJECTS * 10)?;
        root.expect_name("Delete")?;
        self.quiet = match root.text_of("Quiet")?.map(str::trim) {
            None | Some("" | "false") => false,
            Some("true") => true,
            Some(_) => return Err(malformed("`Quiet` must be true or false.")),
        };
        self.objects = root
            .all("Object")
            .map(|object| DeleteEntry::read(object, self.bypass_governance))
            .collect::<S3Result<_>>()?;
        if self.objects.is_empty() || self.objects.len() > MAX_OBJECTS {
            return Err(malformed("The document must name 1 to 1000 objects."));
        }
        Ok(())
    }

    /// A key that XML cannot carry is written with a replacement, so that the request fails or deletes nothing: callers
    /// delete such keys one by one (see [`xml::is_writable`]).
    pub(super) fn to_request(&self, bucket: Option<&str>) -> RequestTemplate {
        let mut request = RequestTemplate::new(Method::POST, bucket, None);
        request.set_query("delete", "");
        send_bypass(self.bypass_governance, &mut request);
        let document = XmlWriter::document("Delete", |delete| {
            for object in &self.objects {
                delete.element("Object", |writer| object.write(writer));
            }
            if self.quiet {
                delete.text("Quiet", "true");
            }
        });
        request.document = document.into();
        request
    }
}

fn malformed(message: &'static str) -> S3Error {
    S3Error::with_message(ErrorCode::MalformedXML, message)
}
