use http::{HeaderName, Method};

use super::fields::{invalid, non_empty, read_u32};
use super::request::RequestTemplate;
use super::{CreateBucket, ListBuckets, PutBucketCors};
use crate::cors::CorsConfiguration;
use crate::error::{ErrorCode, S3Error, S3Result};
use crate::head::RequestHead;
use crate::response::token;
use crate::xml::{self, Element, XmlWriter};

const OBJECT_LOCK: HeaderName = HeaderName::from_static("x-amz-bucket-object-lock-enabled");
/// Maximum number of buckets of one page.
const MAX_BUCKETS: u32 = 10_000;

impl ListBuckets {
    pub(super) fn parse(head: &RequestHead) -> S3Result<Self> {
        let query = head.query();
        let max_buckets = query.get("max-buckets").map(|text| read_u32("max-buckets", text, 1, MAX_BUCKETS));
        Ok(Self {
            prefix: query.get("prefix").unwrap_or_default().to_owned(),
            after: non_empty(head, "continuation-token").as_deref().map(token::read).transpose()?,
            max_buckets: max_buckets.transpose()?,
            region: non_empty(head, "bucket-region"),
        })
    }

    pub(super) fn to_request(&self) -> RequestTemplate {
        let mut request = RequestTemplate::new(Method::GET, None, None);
        request.set_opt_query("bucket-region", self.region.as_deref());
        request.set_opt_query("continuation-token", self.after.as_deref().map(token::write).as_deref());
        request.set_opt_query("max-buckets", self.max_buckets.map(|max| max.to_string()).as_deref());
        request.set_opt_query("prefix", Some(self.prefix.as_str()).filter(|prefix| !prefix.is_empty()));
        request
    }
}

impl CreateBucket {
    pub(super) fn parse(head: &RequestHead) -> S3Result<Self> {
        let object_lock = match head.amz(OBJECT_LOCK.as_str()) {
            None => false,
            Some(text) if text.eq_ignore_ascii_case("false") => false,
            Some(text) if text.eq_ignore_ascii_case("true") => true,
            Some(_) => return Err(invalid(format!("`{OBJECT_LOCK}` must be true or false."))),
        };
        Ok(Self { location: None, object_lock })
    }

    pub(super) fn accept_document(&mut self, document: &[u8]) -> S3Result<()> {
        if document.iter().all(u8::is_ascii_whitespace) {
            return Ok(());
        }
        let root = xml::parse(document, 100)?;
        root.expect_name("CreateBucketConfiguration")?;
        for name in ["Location", "Bucket", "Tags"] {
            if root.find(name)?.is_some() {
                let message = format!("The element `{name}` asks for a feature that is not implemented.");
                return Err(S3Error::with_message(ErrorCode::NotImplemented, message));
            }
        }
        let location = root.find("LocationConstraint")?.map(Element::text).transpose()?;
        self.location = location.map(|location| location.trim().to_owned()).filter(|location| !location.is_empty());
        Ok(())
    }

    pub(super) fn to_request(&self, bucket: Option<&str>) -> RequestTemplate {
        let mut request = RequestTemplate::new(Method::PUT, bucket, None);
        request.set_opt_header(OBJECT_LOCK, self.object_lock.then_some("true"));
        if let Some(location) = &self.location {
            let document = XmlWriter::document("CreateBucketConfiguration", |document| {
                document.text("LocationConstraint", location);
            });
            request.document = document.into();
        }
        request
    }
}

impl PutBucketCors {
    pub(super) fn accept_document(&mut self, document: &[u8]) -> S3Result<()> {
        self.configuration = CorsConfiguration::parse(document)?;
        Ok(())
    }

    pub(super) fn to_request(&self, bucket: Option<&str>) -> RequestTemplate {
        let mut request = RequestTemplate::new(Method::PUT, bucket, None);
        request.set_query("cors", "");
        request.document = self.configuration.to_document().into();
        request
    }
}
