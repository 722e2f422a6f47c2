use http::Response;
use storage_hub_core::s3_action::S3Action;
use storage_hub_s3_protocol::error::{ErrorCode, S3Error, S3Result};
use storage_hub_s3_protocol::operation::{DeleteEntry, Operation};
use storage_hub_s3_protocol::response;
use storage_hub_s3_protocol::response::Deleted;

use super::{reply, write};
use crate::access::needed_of_deletion;
use crate::answer_body::Content;
use crate::authorization::Authorization;
use crate::endpoint::Endpoint;
use crate::request::Request;

impl Endpoint {
    pub(super) async fn delete_object(&self, request: &Request, input: DeleteEntry) -> S3Result<Response<Content>> {
        let mut authorization = self.decide_without_body(request)?;
        if needs_bypass(&input) {
            authorization = authorization.also(S3Action::BypassGovernanceRetention)?;
        }
        if input.unsupported {
            return Err(ErrorCode::NotImplemented.into());
        }
        let results = self.backend.delete_objects(write(&authorization), vec![input]).await?;
        let deleted = results.into_iter().next().unwrap_or_else(|| Err(unanswered()))?;
        Ok(reply(response::delete_object(&deleted)))
    }

    /// Deletes up to 1,000 objects. The document is read before the decision about its entries, but only for callers who
    /// may delete in this bucket at all.
    pub(super) async fn delete_objects(&self, request: Request, operation: Operation) -> S3Result<Response<Content>> {
        let mut authorization = self.decide(&request)?;
        let access = request.access.clone();
        let Operation::DeleteObjects(input) = self.accept_document(request, operation).await? else {
            return Err(ErrorCode::InternalError.into());
        };
        // One decision per action: entries with the same action are decided about alike.
        let mut of_versions = None;
        if input.objects.iter().any(|entry| entry.version_id.is_some()) {
            let decided = Authorization::decide(&self.use_cases, &access, needed_of_deletion(true));
            of_versions = Some(match input.bypass_governance {
                true => decided.and_then(|allowed| allowed.also(S3Action::BypassGovernanceRetention)),
                false => decided,
            });
        }
        if let Some(Ok(allowed)) = &of_versions {
            authorization = authorization.and(allowed);
        }
        let refuse = |entry: &DeleteEntry| -> S3Result<()> {
            self.check_key(&entry.key)?;
            if entry.unsupported {
                let message = "Conditions on the time or the size of an object are not implemented.";
                return Err(S3Error::with_message(ErrorCode::NotImplemented, message));
            }
            match &of_versions {
                Some(Err(error)) if entry.version_id.is_some() => Err(error.code().into()),
                _ => Ok(()),
            }
        };
        let refusals: Vec<S3Result<()>> = input.objects.iter().map(refuse).collect();
        let allowed = input.objects.iter().zip(&refusals).filter(|(_, refusal)| refusal.is_ok());
        let allowed: Vec<_> = allowed.map(|(entry, _)| entry.clone()).collect();
        let mut results = match allowed.is_empty() {
            true => Vec::new(),
            false => self.backend.delete_objects(write(&authorization), allowed).await?,
        }
        .into_iter();
        let results: Vec<S3Result<Deleted>> = refusals
            .into_iter()
            .map(|refusal| refusal.and_then(|()| results.next().unwrap_or_else(|| Err(unanswered()))))
            .collect();
        Ok(reply(response::delete_objects(&input, &results)))
    }
}

/// Whether a deletion asks for a bypass that could have an effect: only versions are deleted for good.
fn needs_bypass(entry: &DeleteEntry) -> bool {
    entry.bypass_governance && entry.version_id.is_some()
}

fn unanswered() -> S3Error {
    S3Error::new(ErrorCode::InternalError).caused_by("the backend did not answer for every entry")
}
