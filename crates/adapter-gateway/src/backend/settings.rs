use storage_hub_core::domain::BucketRef;
use storage_hub_s3_backend::{BucketSetting, BucketSettingKind, FoundSetting, ObjectSetting, ObjectSettingKind, Write};
use storage_hub_s3_protocol::error::{ErrorCode, S3Error, S3Result};
use storage_hub_s3_protocol::lifecycle::LifecycleConfiguration;
use storage_hub_s3_protocol::object_lock::{self, ObjectLockConfiguration, Retention};
use storage_hub_s3_protocol::operation::{
    GetObject, ObjectVersionRef, Operation, PutBucketLifecycle, PutBucketTagging, PutBucketVersioning,
    PutObjectLegalHold, PutObjectLockConfiguration, PutObjectRetention, PutObjectTagging,
};
use storage_hub_s3_protocol::response::parse_version_id;
use storage_hub_s3_protocol::tags::{TagOwner, Tags};
use storage_hub_s3_protocol::versioning::VersioningState;

use super::{GatewayS3Backend, check_version, require};
use crate::calls::Call;

impl GatewayS3Backend {
    pub(super) async fn bucket_setting(
        &self,
        bucket: &BucketRef,
        kind: BucketSettingKind,
    ) -> S3Result<Option<BucketSetting>> {
        let behind = self.gateway.behind(bucket);
        if self.require_bucket_setting(kind).is_err() {
            // What a store cannot have was never set.
            self.gateway.read(Call::new(&self.gateway, &Operation::HeadBucket, &behind, None)).await?;
            return Ok(None);
        }
        let (operation, absent) = match kind {
            BucketSettingKind::Versioning => (Operation::GetBucketVersioning, None),
            BucketSettingKind::Tags => (Operation::GetBucketTagging, Some(ErrorCode::NoSuchTagSet)),
            BucketSettingKind::Lifecycle => {
                (Operation::GetBucketLifecycle, Some(ErrorCode::NoSuchLifecycleConfiguration))
            }
            BucketSettingKind::ObjectLock => {
                (Operation::GetObjectLockConfiguration, Some(ErrorCode::ObjectLockConfigurationNotFoundError))
            }
        };
        let answer = match self.gateway.read(Call::new(&self.gateway, &operation, &behind, None)).await {
            Err(error) if Some(error.code()) == absent => {
                // Some services say the same of a bucket that does not exist.
                self.gateway.read(Call::new(&self.gateway, &Operation::HeadBucket, &behind, None)).await?;
                return Ok(None);
            }
            answer => answer?,
        };
        let document = &answer.body;
        Ok(match kind {
            BucketSettingKind::Versioning => VersioningState::parse_answer(document)?.map(BucketSetting::Versioning),
            BucketSettingKind::Tags => Some(BucketSetting::Tags(Tags::parse_document(TagOwner::Bucket, document)?)),
            BucketSettingKind::Lifecycle => Some(BucketSetting::Lifecycle(LifecycleConfiguration::parse(document)?)),
            BucketSettingKind::ObjectLock => Some(BucketSetting::ObjectLock(ObjectLockConfiguration::parse(document)?)),
        })
    }

    pub(super) async fn set_bucket_setting(&self, write: Write<'_>, setting: BucketSetting) -> S3Result<()> {
        self.gateway.ready()?;
        self.require_bucket_setting(setting.kind())?;
        self.check_state(write.bucket, &setting).await?;
        let operation = match setting {
            BucketSetting::Versioning(state) => Operation::PutBucketVersioning(PutBucketVersioning { state }),
            BucketSetting::Tags(tags) => Operation::PutBucketTagging(PutBucketTagging { tags }),
            BucketSetting::Lifecycle(configuration) => {
                Operation::PutBucketLifecycle(PutBucketLifecycle { configuration })
            }
            BucketSetting::ObjectLock(configuration) => {
                Operation::PutObjectLockConfiguration(PutObjectLockConfiguration { configuration })
            }
        };
        self.change_bucket(write, &operation).await
    }

    pub(super) async fn remove_bucket_setting(&self, write: Write<'_>, kind: BucketSettingKind) -> S3Result<()> {
        self.gateway.ready()?;
        self.require_bucket_setting(kind)?;
        let operation = match kind {
            BucketSettingKind::Tags => Operation::DeleteBucketTagging,
            BucketSettingKind::Lifecycle => Operation::DeleteBucketLifecycle,
            BucketSettingKind::Versioning | BucketSettingKind::ObjectLock => {
                return Err(ErrorCode::MethodNotAllowed.into());
            }
        };
        match self.change_bucket(write, &operation).await {
            Err(error) if matches!(error.code(), ErrorCode::NoSuchTagSet | ErrorCode::NoSuchLifecycleConfiguration) => {
                Ok(())
            }
            result => result,
        }
    }

    /// Object lock and versioning depend on each other, which not every store checks.
    async fn check_state(&self, bucket: &BucketRef, setting: &BucketSetting) -> S3Result<()> {
        let kind = setting.kind();
        if !matches!(kind, BucketSettingKind::Versioning | BucketSettingKind::ObjectLock) {
            return Ok(());
        }
        let versioning = match self.bucket_setting(bucket, BucketSettingKind::Versioning).await? {
            Some(BucketSetting::Versioning(state)) => Some(state),
            _ => None,
        };
        let has_lock = self.gateway.ready()?.result.object_lock
            && self.bucket_setting(bucket, BucketSettingKind::ObjectLock).await?.is_some();
        setting.check(versioning, has_lock)
    }

    async fn change_bucket(&self, write: Write<'_>, operation: &Operation) -> S3Result<()> {
        let behind = self.gateway.behind(write.bucket);
        write.guard.permit().await?;
        self.gateway.write_digested(Call::new(&self.gateway, operation, &behind, None)).await.map(drop)
    }

    fn require_bucket_setting(&self, kind: BucketSettingKind) -> S3Result<()> {
        let Some(probed) = self.gateway.probed() else { return Ok(()) };
        let result = &probed.result;
        match kind {
            BucketSettingKind::Versioning => require(result.versioning, "Versions"),
            BucketSettingKind::Tags => require(result.tags, "Tags"),
            BucketSettingKind::Lifecycle => require(result.lifecycle, "Lifecycle rules"),
            BucketSettingKind::ObjectLock => require(result.object_lock, "Object locks"),
        }
    }

    pub(super) async fn object_setting(
        &self,
        bucket: &BucketRef,
        object: ObjectVersionRef,
        kind: ObjectSettingKind,
    ) -> S3Result<FoundSetting> {
        let behind = self.gateway.behind(bucket);
        let key = object.key.clone();
        self.gateway.check_key(&key)?;
        if self.check_object(&object, kind).is_err() {
            let head = GetObject { key: key.clone(), version_id: object.version_id, ..GetObject::default() };
            let version_id = self.read_head(bucket, head).await?.version_id;
            return match kind {
                ObjectSettingKind::Tags => {
                    Ok(FoundSetting { version_id, setting: ObjectSetting::Tags(Tags::default()) })
                }
                ObjectSettingKind::Retention | ObjectSettingKind::LegalHold => {
                    Err(S3Error::with_message(ErrorCode::InvalidRequest, "Bucket is missing Object Lock Configuration"))
                }
            };
        }
        let operation = match kind {
            ObjectSettingKind::Tags => Operation::GetObjectTagging(object),
            ObjectSettingKind::Retention => Operation::GetObjectRetention(object),
            ObjectSettingKind::LegalHold => Operation::GetObjectLegalHold(object),
        };
        let answer = match self.gateway.read(Call::new(&self.gateway, &operation, &behind, Some(&key))).await {
            Err(error) if error.code() == ErrorCode::NoSuchObjectLockConfiguration => {
                let setting = match kind {
                    ObjectSettingKind::LegalHold => ObjectSetting::LegalHold(None),
                    ObjectSettingKind::Retention | ObjectSettingKind::Tags => ObjectSetting::Retention(None),
                };
                return Ok(FoundSetting { version_id: None, setting });
            }
            answer => answer?,
        };
        let setting = match kind {
            ObjectSettingKind::Tags => ObjectSetting::Tags(Tags::parse_document(TagOwner::Object, &answer.body)?),
            ObjectSettingKind::Retention => ObjectSetting::Retention(Retention::parse(&answer.body)?),
            ObjectSettingKind::LegalHold => {
                ObjectSetting::LegalHold(Some(object_lock::parse_legal_hold(&answer.body)?))
            }
        };
        Ok(FoundSetting { version_id: parse_version_id(&answer.headers), setting })
    }

    pub(super) async fn set_object_setting(
        &self,
        write: Write<'_>,
        object: ObjectVersionRef,
        setting: ObjectSetting,
        bypass_governance: bool,
    ) -> S3Result<Option<String>> {
        self.gateway.ready()?;
        self.check_object(&object, setting.kind())?;
        let behind = self.gateway.behind(write.bucket);
        let key = object.key.clone();
        let operation = match setting {
            ObjectSetting::Tags(tags) if tags.is_empty() => Operation::DeleteObjectTagging(object),
            ObjectSetting::Tags(tags) => Operation::PutObjectTagging(PutObjectTagging { object, tags }),
            ObjectSetting::Retention(retention) => {
                Operation::PutObjectRetention(PutObjectRetention { object, retention, bypass_governance })
            }
            ObjectSetting::LegalHold(held) => {
                Operation::PutObjectLegalHold(PutObjectLegalHold { object, legal_hold: held.unwrap_or_default() })
            }
        };
        write.guard.permit().await?;
        let call = Call::new(&self.gateway, &operation, &behind, Some(&key));
        let answer = self.gateway.write_digested(call).await?;
        Ok(parse_version_id(&answer.headers))
    }

    fn check_object(&self, object: &ObjectVersionRef, kind: ObjectSettingKind) -> S3Result<()> {
        self.gateway.check_key(&object.key)?;
        check_version(object.version_id.as_deref())?;
        let Some(probed) = self.gateway.probed() else { return Ok(()) };
        match kind {
            ObjectSettingKind::Tags => require(probed.result.tags, "Tags"),
            ObjectSettingKind::Retention | ObjectSettingKind::LegalHold => {
                require(probed.result.object_lock, "Object locks")
            }
        }
    }
}
