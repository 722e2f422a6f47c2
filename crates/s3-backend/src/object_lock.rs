//! The rules of object lock: which lock a new version gets, whether a lock may be changed, and whether a version may be
//! deleted. Backends compare them in the transaction of the write; the time is an argument.

use storage_hub_s3_protocol::error::{ErrorCode, S3Error, S3Result};
use storage_hub_s3_protocol::object_lock::{ObjectLock, ObjectLockConfiguration, Retention, RetentionMode};
use storage_hub_s3_protocol::types::Millis;

/// The lock of a version that is written now into a bucket with this configuration (`None`: without object lock).
///
/// # Errors
/// `InvalidRequest` for a lock in a bucket without object lock, and for a retention that ends in the past.
pub fn lock_of_write(
    configuration: Option<&ObjectLockConfiguration>,
    asked: ObjectLock,
    now: Millis,
) -> S3Result<ObjectLock> {
    let Some(configuration) = configuration else {
        return if asked.is_empty() { Ok(asked) } else { Err(without_lock()) };
    };
    check_end(asked.retention, now)?;
    let default = || configuration.default_retention.map(|default| default.from(now));
    Ok(ObjectLock { retention: asked.retention.or_else(default), ..asked })
}

/// Requires that a bucket has object lock, before a lock of an object is read or written.
///
/// # Errors
/// `InvalidRequest`.
pub fn require_lock(configuration: Option<&ObjectLockConfiguration>) -> S3Result<&ObjectLockConfiguration> {
    configuration.ok_or_else(without_lock)
}

/// Whether a version may be deleted now. `bypass`: the caller may bypass governance retention, and wants to.
///
/// # Errors
/// `AccessDenied`.
pub fn check_deletion(lock: &ObjectLock, bypass: bool, now: Millis) -> S3Result<()> {
    let is_held = lock.legal_hold == Some(true);
    let is_retained = active(lock.retention, now).is_some_and(|retention| match retention.mode {
        RetentionMode::Compliance => true,
        RetentionMode::Governance => !bypass,
    });
    if is_held || is_retained { Err(protected()) } else { Ok(()) }
}

/// Whether the retention of a version may be changed to another one now, or be removed.
///
/// # Errors
/// `InvalidRequest` for a retention that ends in the past, `AccessDenied` for one that gives less than the present one.
pub fn check_retention_change(
    present: Option<Retention>,
    wanted: Option<Retention>,
    bypass: bool,
    now: Millis,
) -> S3Result<()> {
    check_end(wanted, now)?;
    let Some(present) = active(present, now) else { return Ok(()) };
    let is_extended =
        wanted.is_some_and(|wanted| wanted.mode == present.mode && wanted.retain_until >= present.retain_until);
    let is_bypassed = bypass && present.mode == RetentionMode::Governance;
    if is_extended || is_bypassed { Ok(()) } else { Err(protected()) }
}

/// The retention, as long as it lasts.
fn active(retention: Option<Retention>, now: Millis) -> Option<Retention> {
    retention.filter(|retention| retention.retain_until > now)
}

fn check_end(retention: Option<Retention>, now: Millis) -> S3Result<()> {
    if retention.is_some_and(|retention| retention.retain_until <= now) {
        return Err(S3Error::with_message(
            ErrorCode::InvalidRequest,
            "The date until which the object is retained must be in the future.",
        ));
    }
    Ok(())
}

fn without_lock() -> S3Error {
    S3Error::with_message(ErrorCode::InvalidRequest, "Bucket is missing Object Lock Configuration")
}

fn protected() -> S3Error {
    S3Error::with_message(ErrorCode::AccessDenied, "Access denied, because object lock protects the object.")
}

#[cfg(test)]
mod tests {
    use storage_hub_s3_protocol::object_lock::{DefaultRetention, RetentionPeriod};

    use super::*;

    const NOW: Millis = 1_000_000;

    fn code(result: S3Result<impl Sized>) -> Option<ErrorCode> {
        result.err().map(|error| error.code())
    }

    fn governance(retain_until: Millis) -> Option<Retention> {
        Some(Retention { mode: RetentionMode::Governance, retain_until })
    }

    fn compliance(retain_until: Millis) -> Option<Retention> {
        Some(Retention { mode: RetentionMode::Compliance, retain_until })
    }

    #[test]
    fn a_version_is_deleted_only_when_nothing_protects_it() {
        let denied = Some(ErrorCode::AccessDenied);
        let table = [
            (None, None, false, None),
            (None, Some(false), false, None),
            (None, Some(true), false, denied),
            (None, Some(true), true, denied),
            (governance(NOW), None, false, None),
            (governance(NOW + 1), None, false, denied),
            (governance(NOW + 1), None, true, None),
            (governance(NOW + 1), Some(true), true, denied),
            (compliance(NOW), None, false, None),
            (compliance(NOW + 1), None, true, denied),
        ];
        for (retention, legal_hold, bypass, expected) in table {
            let lock = ObjectLock { retention, legal_hold };
            assert_eq!(code(check_deletion(&lock, bypass, NOW)), expected, "{lock:?} {bypass}");
        }
    }

    #[test]
    fn a_retention_is_extended_by_anybody_and_shortened_only_with_a_bypass() {
        let (denied, past) = (Some(ErrorCode::AccessDenied), Some(ErrorCode::InvalidRequest));
        let (near, far) = (NOW + 10, NOW + 20);
        let table = [
            (None, governance(near), false, None),
            (None, None, false, None),
            (None, governance(NOW), false, past),
            (governance(NOW), None, false, None),
            (governance(near), governance(far), false, None),
            (governance(near), governance(near), false, None),
            (governance(far), governance(near), false, denied),
            (governance(far), governance(near), true, None),
            (governance(near), None, false, denied),
            (governance(near), None, true, None),
            (governance(near), compliance(far), false, denied),
            (governance(near), compliance(far), true, None),
            (compliance(near), compliance(far), false, None),
            (compliance(far), compliance(near), true, denied),
            (compliance(near), governance(far), true, denied),
            (compliance(near), None, true, denied),
            (compliance(NOW), governance(near), false, None),
        ];
        for (present, wanted, bypass, expected) in table {
            let checked = check_retention_change(present, wanted, bypass, NOW);
            assert_eq!(code(checked), expected, "{present:?} {wanted:?} {bypass}");
        }
    }

    #[test]
    fn a_write_gets_the_lock_it_asks_for_or_the_default_of_its_bucket() {
        let default = DefaultRetention { mode: RetentionMode::Governance, period: RetentionPeriod::Days(1) };
        let with_default = ObjectLockConfiguration { default_retention: Some(default) };
        let asked = |retention| ObjectLock { retention, legal_hold: Some(true) };
        let locked = lock_of_write(Some(&with_default), asked(None), NOW).unwrap();
        assert_eq!(locked, asked(Some(default.from(NOW))));
        let own = asked(compliance(NOW + 1));
        assert_eq!(lock_of_write(Some(&with_default), own, NOW).unwrap(), own);
        let without = ObjectLockConfiguration::default();
        assert_eq!(lock_of_write(Some(&without), asked(None), NOW).unwrap(), asked(None));
        let past = lock_of_write(Some(&without), asked(governance(NOW)), NOW);
        assert_eq!(code(past), Some(ErrorCode::InvalidRequest));
        assert_eq!(lock_of_write(None, ObjectLock::default(), NOW).unwrap(), ObjectLock::default());
        assert_eq!(code(lock_of_write(None, own, NOW)), Some(ErrorCode::InvalidRequest));
        assert_eq!(code(require_lock(None)), Some(ErrorCode::InvalidRequest));
    }
}
