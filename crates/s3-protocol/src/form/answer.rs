use http::StatusCode;
use http::header::{HeaderValue, LOCATION};

use super::{PostObject, SuccessAction};
use crate::response::{self, Answer};
use crate::types::Written;
use crate::uri;

impl PostObject {
    /// The answer to a form whose file was stored in this bucket. `base` is the URL of the endpoint, without a slash at its
    /// end.
    #[must_use]
    pub fn answer(&self, base: &str, bucket: &str, written: &Written) -> Answer {
        let (status, url) = match &self.success {
            SuccessAction::Status(status) => (*status, None),
            SuccessAction::Redirect(url) => (StatusCode::SEE_OTHER, Some(url)),
        };
        let mut answer = response::post_object(status, base, bucket, &self.object.key, written);
        if let Some(url) = url {
            let [bucket, key, etag] = [bucket, &self.object.key, &format!("\"{}\"", written.etag)].map(uri::encode);
            let url = with_query(url, &format!("bucket={bucket}&key={key}&etag={etag}"));
            if let Ok(url) = HeaderValue::from_str(&url) {
                answer.headers.insert(LOCATION, url);
            }
        }
        answer
    }
}

fn with_query(url: &str, query: &str) -> String {
    // A fragment stands at the end of a URL, behind the query.
    let (page, fragment) = url.find('#').map_or((url, ""), |at| url.split_at(at));
    let separator = if page.contains('?') { '&' } else { '?' };
    format!("{page}{separator}{query}{fragment}")
}
