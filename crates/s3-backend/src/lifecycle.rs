//! When lifecycle rules are due. Backends that apply rules themselves share it; the time is an argument.

use storage_hub_s3_protocol::lifecycle::{Expiration, LifecycleConfiguration, LifecycleRule};
use storage_hub_s3_protocol::tags::Tags;
use storage_hub_s3_protocol::types::{Millis, ObjectExpiration};

const DAY: Millis = 24 * 60 * 60 * 1000;

/// A version of an object, or a delete marker, as rules see it.
#[derive(Clone, Copy, Debug)]
pub struct VersionFacts<'a> {
    /// The key.
    pub key: &'a str,
    /// In bytes.
    pub size: u64,
    /// The tags.
    pub tags: &'a Tags,
    /// When it was written.
    pub modified_at: Millis,
    /// Whether it is a delete marker.
    pub is_delete_marker: bool,
    /// What it is among the versions of its key.
    pub place: VersionPlace,
}

/// What a version is among the versions of its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VersionPlace {
    /// The current version.
    Current {
        /// Whether there is no other version of the key.
        is_only: bool,
    },
    /// An earlier version.
    Noncurrent {
        /// When its successor was written.
        since: Millis,
        /// How many noncurrent versions are newer.
        newer: u32,
    },
}

/// What a rule does with a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LifecycleAction {
    /// Delete the object as a client does without a version: with versioning this adds a delete marker.
    DeleteObject,
    /// Delete this version.
    DeleteVersion,
}

/// What the rules do with a version now. A version that object lock protects stays all the same.
#[must_use]
pub fn action(
    configuration: &LifecycleConfiguration,
    version: &VersionFacts<'_>,
    now: Millis,
) -> Option<LifecycleAction> {
    enabled(configuration).filter(|rule| applies(rule, version)).find_map(|rule| action_of(rule, version, now))
}

/// Whether the rules abort an unfinished upload now.
#[must_use]
pub fn is_upload_due(configuration: &LifecycleConfiguration, key: &str, initiated_at: Millis, now: Millis) -> bool {
    let rules = enabled(configuration).filter(|rule| rule.filter.matches_key(key));
    rules.filter_map(|rule| rule.abort_upload_days).any(|days| due_after(initiated_at, days) <= now)
}

/// When the first of the rules deletes a current version, which answers tell.
#[must_use]
pub fn expiration_of(
    configuration: &LifecycleConfiguration,
    key: &str,
    size: u64,
    tags: &Tags,
    modified_at: Millis,
) -> Option<ObjectExpiration> {
    let expirations = enabled(configuration).filter(|rule| rule.filter.matches(key, size, tags)).filter_map(|rule| {
        let at = match rule.expiration? {
            Expiration::Days(days) => due_after(modified_at, days),
            Expiration::Date(date) => date,
            Expiration::DeleteMarkers => return None,
        };
        Some(ObjectExpiration { at, rule_id: rule.id.clone() })
    });
    expirations.min_by_key(|expiration| expiration.at)
}

/// The midnight of UTC that follows a number of days after a moment.
#[must_use]
pub fn due_after(moment: Millis, days: u32) -> Millis {
    let days = i64::from(days).saturating_add(1);
    moment.div_euclid(DAY).saturating_add(days).saturating_mul(DAY)
}

fn enabled(configuration: &LifecycleConfiguration) -> impl Iterator<Item = &LifecycleRule> {
    configuration.rules.iter().filter(|rule| rule.enabled)
}

fn applies(rule: &LifecycleRule, version: &VersionFacts<'_>) -> bool {
    // A delete marker has neither size nor tags, so a rule about these is not about it.
    if version.is_delete_marker {
        return !rule.filter.is_about_objects() && rule.filter.matches_key(version.key);
    }
    rule.filter.matches(version.key, version.size, version.tags)
}

fn action_of(rule: &LifecycleRule, version: &VersionFacts<'_>, now: Millis) -> Option<LifecycleAction> {
    match version.place {
        VersionPlace::Noncurrent { since, newer } => {
            let expiration = rule.noncurrent_expiration?;
            let is_surplus = expiration.newer_versions.is_none_or(|kept| newer >= kept);
            (is_surplus && due_after(since, expiration.days) <= now).then_some(LifecycleAction::DeleteVersion)
        }
        VersionPlace::Current { is_only } => {
            let due = match rule.expiration? {
                Expiration::Days(days) => due_after(version.modified_at, days) <= now,
                Expiration::Date(date) => date <= now,
                Expiration::DeleteMarkers => version.is_delete_marker,
            };
            match version.is_delete_marker {
                false => due.then_some(LifecycleAction::DeleteObject),
                // A marker hides earlier versions as long as there are any.
                true => (due && is_only).then_some(LifecycleAction::DeleteVersion),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use storage_hub_s3_protocol::lifecycle::{LifecycleFilter, NoncurrentExpiration};

    use super::*;

    /// 10:30 on the 15th day.
    const WRITTEN: Millis = 15 * DAY + 10 * 60 * 60 * 1000 + 30 * 60 * 1000;

    fn with(rule: LifecycleRule) -> LifecycleConfiguration {
        LifecycleConfiguration { rules: vec![LifecycleRule { id: "a".to_owned(), enabled: true, ..rule }] }
    }

    fn expiring(expiration: Expiration) -> LifecycleConfiguration {
        with(LifecycleRule { expiration: Some(expiration), ..LifecycleRule::default() })
    }

    fn current(tags: &Tags) -> VersionFacts<'_> {
        VersionFacts {
            key: "logs/a",
            size: 10,
            tags,
            modified_at: WRITTEN,
            is_delete_marker: false,
            place: VersionPlace::Current { is_only: true },
        }
    }

    #[test]
    fn days_end_at_the_following_midnight() {
        assert_eq!(due_after(WRITTEN, 3), 19 * DAY);
        assert_eq!(due_after(15 * DAY, 1), 17 * DAY);
        assert_eq!(due_after(16 * DAY - 1, 1), 17 * DAY);
    }

    #[test]
    fn a_current_version_expires_after_days_or_from_a_date_on() {
        let tags = Tags::default();
        let days = expiring(Expiration::Days(3));
        assert_eq!(action(&days, &current(&tags), 19 * DAY - 1), None);
        assert_eq!(action(&days, &current(&tags), 19 * DAY), Some(LifecycleAction::DeleteObject));
        let date = expiring(Expiration::Date(16 * DAY));
        assert_eq!(action(&date, &current(&tags), 16 * DAY - 1), None);
        assert_eq!(action(&date, &current(&tags), 16 * DAY), Some(LifecycleAction::DeleteObject));
        let mut disabled = days;
        disabled.rules.iter_mut().for_each(|rule| rule.enabled = false);
        assert_eq!(action(&disabled, &current(&tags), 100 * DAY), None);
        assert_eq!(action(&expiring(Expiration::DeleteMarkers), &current(&tags), 100 * DAY), None);
    }

    #[test]
    fn a_delete_marker_goes_when_nothing_is_behind_it() {
        let tags = Tags::default();
        let marker = |is_only| VersionFacts {
            size: 0,
            is_delete_marker: true,
            place: VersionPlace::Current { is_only },
            ..current(&tags)
        };
        let markers = expiring(Expiration::DeleteMarkers);
        assert_eq!(action(&markers, &marker(true), WRITTEN), Some(LifecycleAction::DeleteVersion));
        assert_eq!(action(&markers, &marker(false), 100 * DAY), None);
        let days = expiring(Expiration::Days(1));
        assert_eq!(action(&days, &marker(true), WRITTEN), None);
        assert_eq!(action(&days, &marker(true), 17 * DAY), Some(LifecycleAction::DeleteVersion));
        let filter = LifecycleFilter { size_less_than: Some(100), ..LifecycleFilter::default() };
        let sized = with(LifecycleRule { filter, expiration: Some(Expiration::Days(1)), ..LifecycleRule::default() });
        assert_eq!(action(&sized, &marker(true), 100 * DAY), None);
    }

    #[test]
    fn noncurrent_versions_expire_after_days_but_for_the_newest_ones() {
        let tags = Tags::default();
        let earlier = |newer| VersionFacts {
            place: VersionPlace::Noncurrent { since: WRITTEN, newer },
            modified_at: 0,
            ..current(&tags)
        };
        let keeping = |newer_versions| {
            let noncurrent_expiration = Some(NoncurrentExpiration { days: 3, newer_versions });
            with(LifecycleRule { noncurrent_expiration, ..LifecycleRule::default() })
        };
        assert_eq!(action(&keeping(None), &earlier(0), 19 * DAY - 1), None);
        assert_eq!(action(&keeping(None), &earlier(0), 19 * DAY), Some(LifecycleAction::DeleteVersion));
        assert_eq!(action(&keeping(Some(2)), &earlier(1), 19 * DAY), None);
        assert_eq!(action(&keeping(Some(2)), &earlier(2), 19 * DAY), Some(LifecycleAction::DeleteVersion));
        assert_eq!(action(&keeping(None), &current(&tags), 100 * DAY), None);
    }

    #[test]
    fn filters_select_what_rules_apply_to() {
        let tags = Tags::parse_header("a=1&b=2").unwrap();
        let due = |filter| {
            let rule = LifecycleRule { filter, expiration: Some(Expiration::Days(1)), ..LifecycleRule::default() };
            action(&with(rule), &current(&tags), 100 * DAY).is_some()
        };
        let filter = LifecycleFilter::default;
        let tagged = |text| LifecycleFilter { tags: Tags::parse_header(text).unwrap(), ..filter() };
        assert!(due(filter()) && due(LifecycleFilter { prefix: Some("logs/".into()), ..filter() }));
        assert!(!due(LifecycleFilter { prefix: Some("other/".into()), ..filter() }));
        assert!(due(tagged("a=1")) && due(tagged("a=1&b=2")) && !due(tagged("a=2")) && !due(tagged("c=")));
        assert!(due(LifecycleFilter { size_greater_than: Some(9), size_less_than: Some(11), ..filter() }));
        assert!(!due(LifecycleFilter { size_greater_than: Some(10), ..filter() }));
        assert!(!due(LifecycleFilter { size_less_than: Some(10), ..filter() }));
    }

    #[test]
    fn uploads_are_aborted_and_expirations_told() {
        let aborting = with(LifecycleRule { abort_upload_days: Some(3), ..LifecycleRule::default() });
        assert!(!is_upload_due(&aborting, "a", WRITTEN, 19 * DAY - 1));
        assert!(is_upload_due(&aborting, "a", WRITTEN, 19 * DAY));
        let mut both = expiring(Expiration::Days(3));
        both.rules.extend(
            expiring(Expiration::Date(18 * DAY))
                .rules
                .into_iter()
                .map(|rule| LifecycleRule { id: "b".to_owned(), ..rule }),
        );
        let told = expiration_of(&both, "a", 1, &Tags::default(), WRITTEN);
        assert_eq!(told, Some(ObjectExpiration { at: 18 * DAY, rule_id: "b".to_owned() }));
        assert_eq!(expiration_of(&aborting, "a", 1, &Tags::default(), WRITTEN), None);
    }
}
