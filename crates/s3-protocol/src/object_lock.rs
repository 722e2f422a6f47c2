//! Object lock: how long versions are kept, and by whom that can be shortened.

use crate::dates;
use crate::error::{ErrorCode, S3Error, S3Result};
use crate::types::Millis;
use crate::xml::{self, Element, XmlWriter};

/// Maximum retention period: 100 years, as S3 has it.
const MAX_DAYS: u32 = 36_500;
const MAX_YEARS: u32 = 100;
const DAY: Millis = 24 * 60 * 60 * 1000;

/// Who can shorten a retention.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetentionMode {
    /// Whoever may bypass governance retention, and says so in the request.
    Governance,
    /// Nobody.
    Compliance,
}

/// How long a version must be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Who can shorten it.
    pub mode: RetentionMode,
    /// The moment at which it ends.
    pub retain_until: Millis,
}

/// The lock of a version, or the one that a write asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ObjectLock {
    /// The retention.
    pub retention: Option<Retention>,
    /// The legal hold. `None`: it was never set, which has the effect of `false`.
    pub legal_hold: Option<bool>,
}

/// The period of a default retention.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetentionPeriod {
    /// 1 to 36,500 days.
    Days(u32),
    /// 1 to 100 years of 365 days.
    Years(u32),
}

/// The retention of objects that are written without one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DefaultRetention {
    /// Who can shorten it.
    pub mode: RetentionMode,
    /// How long it lasts from the time of the write.
    pub period: RetentionPeriod,
}

/// The object lock configuration of a bucket that has object lock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ObjectLockConfiguration {
    /// The retention of objects that are written without one.
    pub default_retention: Option<DefaultRetention>,
}

impl RetentionMode {
    /// The name in headers and documents.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Governance => "GOVERNANCE",
            Self::Compliance => "COMPLIANCE",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Governance, Self::Compliance].into_iter().find(|mode| mode.name() == name)
    }

    fn read(element: &Element) -> S3Result<Option<Self>> {
        let Some(name) = element.text_of("Mode")?.map(str::trim) else { return Ok(None) };
        Self::parse(name).map(Some).ok_or_else(|| malformed("The `Mode` must be GOVERNANCE or COMPLIANCE."))
    }
}

impl ObjectLock {
    /// Whether it asks for nothing.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.retention.is_none() && self.legal_hold.is_none()
    }
}

impl DefaultRetention {
    /// The retention of an object that is written at this moment.
    #[must_use]
    pub fn from(self, written_at: Millis) -> Retention {
        let days = match self.period {
            RetentionPeriod::Days(days) => i64::from(days),
            RetentionPeriod::Years(years) => i64::from(years) * 365,
        };
        // Documents show whole seconds, so there is nothing finer: what is read and sent back must not be shorter.
        let begin = written_at.saturating_add(999).div_euclid(1000).saturating_mul(1000);
        Retention { mode: self.mode, retain_until: begin.saturating_add(days * DAY) }
    }

    fn read(retention: &Element) -> S3Result<Self> {
        let mode = RetentionMode::read(retention)?;
        let mode = mode.ok_or_else(|| malformed("A `DefaultRetention` must have a `Mode`."))?;
        let number = |name, max| -> S3Result<Option<u32>> {
            let Some(text) = retention.text_of(name)?.map(str::trim) else { return Ok(None) };
            let number = text.parse::<i64>().map_err(|_| malformed("A retention period must be an integer."))?;
            let period = u32::try_from(number).ok().filter(|number| (1..=max).contains(number)).map(Some);
            period.ok_or_else(|| {
                let message = format!("The `{name}` of a default retention must be 1 to {max}.");
                S3Error::with_message(ErrorCode::InvalidRetentionPeriod, message)
            })
        };
        let period = match (number("Days", MAX_DAYS)?, number("Years", MAX_YEARS)?) {
            (Some(days), None) => RetentionPeriod::Days(days),
            (None, Some(years)) => RetentionPeriod::Years(years),
            _ => return Err(malformed("A `DefaultRetention` must have either `Days` or `Years`.")),
        };
        Ok(Self { mode, period })
    }
}

impl ObjectLockConfiguration {
    /// Reads the document of `PutObjectLockConfiguration`, and of the answer to `GetObjectLockConfiguration`.
    ///
    /// # Errors
    /// `MalformedXML`; `InvalidRetentionPeriod` for a period that is zero or too long.
    pub fn parse(document: &[u8]) -> S3Result<Self> {
        let root = xml::parse(document, 100)?;
        root.expect_name("ObjectLockConfiguration")?;
        if root.text_of("ObjectLockEnabled")?.map(str::trim) != Some("Enabled") {
            return Err(malformed("`ObjectLockEnabled` must be Enabled."));
        }
        let Some(rule) = root.find("Rule")? else { return Ok(Self::default()) };
        let retention = rule.find("DefaultRetention")?;
        let retention = retention.ok_or_else(|| malformed("A `Rule` must have a `DefaultRetention`."))?;
        Ok(Self { default_retention: Some(DefaultRetention::read(retention)?) })
    }

    /// Writes the document.
    #[must_use]
    pub fn to_document(&self) -> String {
        XmlWriter::answer("ObjectLockConfiguration", |document| {
            document.text("ObjectLockEnabled", "Enabled");
            let Some(default) = self.default_retention else { return };
            document.element("Rule", |rule| {
                rule.element("DefaultRetention", |retention| {
                    retention.text("Mode", default.mode.name());
                    match default.period {
                        RetentionPeriod::Days(days) => retention.text("Days", &days.to_string()),
                        RetentionPeriod::Years(years) => retention.text("Years", &years.to_string()),
                    }
                });
            });
        })
    }
}

impl Retention {
    /// Reads the document of `PutObjectRetention`, and of the answer to `GetObjectRetention`. `None`: it is removed.
    ///
    /// # Errors
    /// `MalformedXML`.
    pub fn parse(document: &[u8]) -> S3Result<Option<Self>> {
        let root = xml::parse(document, 100)?;
        root.expect_name("Retention")?;
        let until = root
            .text_of("RetainUntilDate")?
            .map(|text| read_until(text).ok_or_else(|| malformed("The `RetainUntilDate` must be a date of ISO 8601.")));
        match (RetentionMode::read(&root)?, until.transpose()?) {
            (None, None) => Ok(None),
            (Some(mode), Some(retain_until)) => Ok(Some(Self { mode, retain_until })),
            _ => Err(malformed("`Mode` and `RetainUntilDate` must be given together.")),
        }
    }

    /// Writes the document.
    #[must_use]
    pub fn to_document(retention: Option<Self>) -> String {
        XmlWriter::answer("Retention", |document| {
            if let Some(retention) = retention {
                document.text("Mode", retention.mode.name());
                document.text("RetainUntilDate", &dates::write_iso_date(retention.retain_until));
            }
        })
    }
}

/// Reads the end of a retention, in whole seconds.
pub(crate) fn read_until(text: &str) -> Option<Millis> {
    dates::read_iso_date(text).map(|moment| moment.div_euclid(1000).saturating_mul(1000))
}

/// Reads the document of `PutObjectLegalHold`, and of the answer to `GetObjectLegalHold`.
///
/// # Errors
/// `MalformedXML`.
pub fn parse_legal_hold(document: &[u8]) -> S3Result<bool> {
    let root = xml::parse(document, 100)?;
    root.expect_name("LegalHold")?;
    let status = root.text_of("Status")?.map(str::trim);
    status.and_then(read_legal_hold).ok_or_else(|| malformed("The `Status` must be ON or OFF."))
}

/// Writes the document of a legal hold.
#[must_use]
pub fn legal_hold_document(legal_hold: bool) -> String {
    XmlWriter::answer("LegalHold", |document| document.text("Status", legal_hold_name(legal_hold)))
}

pub(crate) fn read_legal_hold(name: &str) -> Option<bool> {
    match name {
        "ON" => Some(true),
        "OFF" => Some(false),
        _ => None,
    }
}

pub(crate) const fn legal_hold_name(legal_hold: bool) -> &'static str {
    if legal_hold { "ON" } else { "OFF" }
}

fn malformed(message: &'static str) -> S3Error {
    S3Error::with_message(ErrorCode::MalformedXML, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configuration_is_read_and_wrong_ones_refused() {
        let read = |content: &str| {
            let document = format!("<ObjectLockConfiguration>{content}</ObjectLockConfiguration>");
            let read = ObjectLockConfiguration::parse(document.as_bytes());
            read.map(|read| read.default_retention).map_err(|error| error.code_of_sentence())
        };
        let enabled = "<ObjectLockEnabled>Enabled</ObjectLockEnabled>";
        let rule =
            |content: &str| read(&format!("{enabled}<Rule><DefaultRetention>{content}</DefaultRetention></Rule>"));
        let kept = |mode, period| Ok(Some(DefaultRetention { mode, period }));
        assert_eq!(read(enabled), Ok(None));
        let days = kept(RetentionMode::Governance, RetentionPeriod::Days(1));
        assert_eq!(rule("<Mode>GOVERNANCE</Mode><Days>1</Days>"), days);
        let years = kept(RetentionMode::Compliance, RetentionPeriod::Years(100));
        assert_eq!(rule("<Mode>COMPLIANCE</Mode><Years>100</Years>"), years);
        let malformed = Err(ErrorCode::MalformedXML);
        assert_eq!(read(""), malformed);
        assert_eq!(read("<ObjectLockEnabled>Disabled</ObjectLockEnabled>"), malformed);
        assert_eq!(rule("<Mode>governance</Mode><Days>1</Days>"), malformed);
        assert_eq!(rule("<Mode>GOVERNANCE</Mode><Days>1</Days><Years>1</Years>"), malformed);
        assert_eq!(rule("<Mode>GOVERNANCE</Mode>"), malformed);
        assert_eq!(rule("<Days>1</Days>"), malformed);
        for period in ["<Days>0</Days>", "<Days>-1</Days>", "<Days>36501</Days>", "<Years>101</Years>"] {
            let read = rule(&format!("<Mode>GOVERNANCE</Mode>{period}"));
            assert_eq!(read, Err(ErrorCode::InvalidRetentionPeriod), "{period}");
        }
    }

    #[test]
    fn a_retention_has_a_mode_and_an_end_or_is_removed() {
        let read = |content: &str| {
            let document = format!("<Retention>{content}</Retention>");
            Retention::parse(document.as_bytes()).map_err(|error| error.code_of_sentence())
        };
        let date = "<RetainUntilDate>1994-11-06T08:49:37Z</RetainUntilDate>";
        let retention = Retention { mode: RetentionMode::Compliance, retain_until: 784_111_777_000 };
        assert_eq!(read(&format!("<Mode>COMPLIANCE</Mode>{date}")), Ok(Some(retention)));
        assert_eq!(read(""), Ok(None));
        assert_eq!(read(date), Err(ErrorCode::MalformedXML));
        assert_eq!(read("<Mode>COMPLIANCE</Mode>"), Err(ErrorCode::MalformedXML));
        assert_eq!(read(&format!("<Mode>compliance</Mode>{date}")), Err(ErrorCode::MalformedXML));
    }

    #[test]
    fn a_default_retention_ends_whole_days_later() {
        let retention = |period| DefaultRetention { mode: RetentionMode::Governance, period }.from(5).retain_until;
        assert_eq!(retention(RetentionPeriod::Days(2)), 1000 + 2 * DAY);
        assert_eq!(retention(RetentionPeriod::Years(1)), 1000 + 365 * DAY);
    }

    #[test]
    fn a_legal_hold_is_on_or_off() {
        for hold in [true, false] {
            assert_eq!(parse_legal_hold(legal_hold_document(hold).as_bytes()).unwrap(), hold);
        }
        assert!(parse_legal_hold(b"<LegalHold><Status>on</Status></LegalHold>").is_err());
    }
}
