//! Lists of ETags, which services read differently: several know one ETag only, and some ignore `If-None-Match` with an ETag.
//! A list is compared with the object as it is, and the request is then bound to that one ETag, so that the service still
//! decides at the commit.

use storage_hub_s3_protocol::error::{ErrorCode, S3Result};
use storage_hub_s3_protocol::operation::{GetObject, Operation};
use storage_hub_s3_protocol::response::parse_object_head;
use storage_hub_s3_protocol::types::{EtagCondition, ReadConditions, WriteConditions};

use super::GatewayS3Backend;
use crate::calls::Call;

fn one(etag: String) -> Option<EtagCondition> {
    Some(EtagCondition::List(vec![etag]))
}

impl GatewayS3Backend {
    /// The ETag of the object that a key has.
    pub(super) async fn find_etag(&self, behind: &str, key: &str) -> S3Result<Option<String>> {
        let head = GetObject { key: key.to_owned(), ..GetObject::default() };
        let operation = Operation::HeadObject(head);
        match self.gateway.read(Call::new(&self.gateway, &operation, behind, Some(key))).await {
            Ok(answer) => Ok(Some(parse_object_head(answer.status, &answer.headers)?.etag)),
            Err(error) if error.code() == ErrorCode::NoSuchKey => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Preconditions of a write that every service understands: `*`, or one ETag that must match.
    pub(super) async fn narrow(
        &self,
        behind: &str,
        key: &str,
        conditions: WriteConditions,
    ) -> S3Result<WriteConditions> {
        let is_list = |condition: &Option<EtagCondition>, least: usize| matches!(condition, Some(EtagCondition::List(etags)) if etags.len() >= least);
        if !is_list(&conditions.if_match, 2) && !is_list(&conditions.if_none_match, 1) {
            return Ok(conditions);
        }
        let etag = self.find_etag(behind, key).await?;
        storage_hub_s3_backend::conditions::check_write(&conditions, etag.as_deref())?;
        Ok(match etag {
            Some(etag) => WriteConditions { if_match: one(etag), if_none_match: None },
            None => WriteConditions { if_match: None, if_none_match: Some(EtagCondition::Any) },
        })
    }

    /// The same for a read.
    pub(super) async fn narrow_read(
        &self,
        behind: &str,
        key: &str,
        conditions: ReadConditions,
    ) -> S3Result<ReadConditions> {
        let several = |condition: &Option<EtagCondition>| matches!(condition, Some(EtagCondition::List(etags)) if etags.len() > 1);
        if !several(&conditions.if_match) && !several(&conditions.if_none_match) {
            return Ok(conditions);
        }
        let Some(etag) = self.find_etag(behind, key).await? else { return Ok(conditions) };
        let narrowed = |condition: Option<EtagCondition>| match condition {
            Some(EtagCondition::List(etags)) if etags.contains(&etag) => one(etag.clone()),
            Some(EtagCondition::List(etags)) => etags.into_iter().next().and_then(one),
            other => other,
        };
        Ok(ReadConditions {
            if_match: narrowed(conditions.if_match),
            if_none_match: narrowed(conditions.if_none_match),
            ..conditions
        })
    }
}
