//! Tags, retention and legal hold of an object, and what else of them is part of reads and writes.

use http::{Response, StatusCode};
use storage_hub_core::s3_action::S3Action;
use storage_hub_s3_backend::{FoundSetting, ObjectSetting, ObjectSettingKind};
use storage_hub_s3_protocol::error::{ErrorCode, S3Result};
use storage_hub_s3_protocol::operation::{ObjectVersionRef, Operation};
use storage_hub_s3_protocol::response;
use storage_hub_s3_protocol::tags::Tags;
use storage_hub_s3_protocol::types::ObjectHead;

use super::{reply, write};
use crate::answer_body::Content;
use crate::endpoint::Endpoint;
use crate::request::Request;

impl Endpoint {
    pub(super) async fn get_object_setting(
        &self,
        request: &Request,
        object: ObjectVersionRef,
        kind: ObjectSettingKind,
    ) -> S3Result<Response<Content>> {
        let authorization = self.decide_without_body(request)?;
        let FoundSetting { version_id, setting } =
            self.backend.find_object_setting(authorization.bucket(), object, kind).await?;
        Ok(reply(match setting {
            ObjectSetting::Tags(tags) => response::get_object_tagging(&tags, version_id.as_deref()),
            ObjectSetting::Retention(Some(retention)) => response::get_object_retention(retention),
            ObjectSetting::LegalHold(Some(legal_hold)) => response::get_object_legal_hold(legal_hold),
            ObjectSetting::Retention(None) | ObjectSetting::LegalHold(None) => {
                return Err(ErrorCode::NoSuchObjectLockConfiguration.into());
            }
        }))
    }

    pub(super) async fn put_object_setting(
        &self,
        request: Request,
        operation: Operation,
    ) -> S3Result<Response<Content>> {
        let mut authorization = self.decide(&request)?;
        let (object, setting, bypass) = match self.accept_document(request, operation).await? {
            Operation::PutObjectTagging(input) => (input.object, ObjectSetting::Tags(input.tags), false),
            Operation::PutObjectRetention(input) => {
                (input.object, ObjectSetting::Retention(input.retention), input.bypass_governance)
            }
            Operation::PutObjectLegalHold(input) => {
                (input.object, ObjectSetting::LegalHold(Some(input.legal_hold)), false)
            }
            _ => return Err(ErrorCode::InternalError.into()),
        };
        if bypass {
            authorization = authorization.also(S3Action::BypassGovernanceRetention)?;
        }
        let version_id = self.backend.put_object_setting(write(&authorization), object, setting, bypass).await?;
        Ok(reply(response::put_object_setting(StatusCode::OK, version_id.as_deref())))
    }

    pub(super) async fn delete_object_tagging(
        &self,
        request: &Request,
        object: ObjectVersionRef,
    ) -> S3Result<Response<Content>> {
        let authorization = self.decide_without_body(request)?;
        let setting = ObjectSetting::Tags(Tags::default());
        let version_id = self.backend.put_object_setting(write(&authorization), object, setting, false).await?;
        Ok(reply(response::put_object_setting(StatusCode::NO_CONTENT, version_id.as_deref())))
    }

    /// Takes out of a head what the caller may not read by itself either.
    pub(super) fn conceal(&self, request: &Request, mut head: ObjectHead) -> ObjectHead {
        let may = |action| self.use_cases.authorize(&request.access, action).is_ok();
        let is_version = request.head.query().has("versionId");
        let of_tags = if is_version { S3Action::GetObjectVersionTagging } else { S3Action::GetObjectTagging };
        if head.tags_count > 0 && !may(of_tags) {
            head.tags_count = 0;
        }
        if head.lock.retention.is_some() && !may(S3Action::GetObjectRetention) {
            head.lock.retention = None;
        }
        if head.lock.legal_hold.is_some() && !may(S3Action::GetObjectLegalHold) {
            head.lock.legal_hold = None;
        }
        head
    }
}
