use http::header::{CONTENT_TYPE, ETAG, HeaderName, HeaderValue, LOCATION};
use http::{HeaderMap, StatusCode};

use super::{PostObject, SuccessAction};
use crate::response::Answer;
use crate::types::Written;
use crate::uri;
use crate::xml::XmlWriter;

impl PostObject {
    /// The answer to a form whose file was stored in this bucket. `location` is the URL of the object.
    #[must_use]
    pub fn answer(&self, bucket: &str, location: &str, written: &Written) -> Answer {
        let etag = format!("\"{}\"", written.etag);
        let mut headers = HeaderMap::new();
        let mut set = |name: HeaderName, value: &str| {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(name, value);
            }
        };
        set(ETAG, &etag);
        set(LOCATION, location);
        if let Some(version_id) = &written.version_id {
            set(HeaderName::from_static("x-amz-version-id"), version_id);
        }
        if let Some(checksum) = &written.checksum {
            set(checksum.algorithm.header_name(), &checksum.value);
            set(HeaderName::from_static("x-amz-checksum-type"), checksum.kind.name());
        }
        let (status, body) = match &self.success {
            SuccessAction::Empty(status) => (*status, String::new()),
            SuccessAction::Document => {
                set(CONTENT_TYPE, "application/xml");
                let document = XmlWriter::plain_answer("PostResponse", |response| {
                    response.text("Location", location);
                    response.text("Bucket", bucket);
                    response.text("Key", &self.object.key);
                    response.text("ETag", &etag);
                });
                (StatusCode::CREATED, document)
            }
            SuccessAction::Redirect(url) => {
                // A fragment stands at the end of a URL, behind the query.
                let (page, fragment) = url.split_once('#').map_or((url.as_str(), ""), |(page, rest)| (page, rest));
                let separator = if page.contains('?') { '&' } else { '?' };
                let [bucket, key, etag] = [bucket, &self.object.key, &etag].map(uri::encode);
                let query = format!("bucket={bucket}&key={key}&etag={etag}");
                let fragment = if fragment.is_empty() { String::new() } else { format!("#{fragment}") };
                set(LOCATION, &format!("{page}{separator}{query}{fragment}"));
                (StatusCode::SEE_OTHER, String::new())
            }
        };
        Answer { status, headers, body: body.into() }
    }
}
