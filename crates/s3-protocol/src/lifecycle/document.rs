use std::collections::BTreeSet;

use super::{Expiration, LifecycleConfiguration, LifecycleFilter, LifecycleRule, NoncurrentExpiration};
use crate::dates;
use crate::error::{ErrorCode, S3Error, S3Result};
use crate::tags::{TagOwner, Tags, read_tag};
use crate::types::Millis;
use crate::xml::{self, Element, XmlWriter};

const MAX_RULES: usize = 1000;
const MAX_ID: usize = 255;
const MAX_NEWER_VERSIONS: u32 = 100;
const DAY: Millis = 24 * 60 * 60 * 1000;

impl LifecycleConfiguration {
    /// Reads the document of `PutBucketLifecycleConfiguration`, and of the answer to `GetBucketLifecycleConfiguration`. A
    /// rule without an id gets one.
    ///
    /// # Errors
    /// `MalformedXML`; `InvalidArgument` for a number, date or id that rules cannot have; `InvalidRequest` for actions that
    /// do not go with the filter; `NotImplemented` for transitions and for elements that are not known.
    pub fn parse(document: &[u8]) -> S3Result<Self> {
        let root = xml::parse(document, MAX_RULES * 40)?;
        root.expect_name("LifecycleConfiguration")?;
        expect_children(&root, &["Rule"])?;
        let mut rules: Vec<_> = root.all("Rule").map(LifecycleRule::read).collect::<S3Result<_>>()?;
        if rules.is_empty() || rules.len() > MAX_RULES {
            return Err(malformed("The configuration must have 1 to 1000 rules."));
        }
        let mut ids: BTreeSet<_> = rules.iter().map(|rule| rule.id.clone()).filter(|id| !id.is_empty()).collect();
        let named = rules.iter().filter(|rule| !rule.id.is_empty()).count();
        if ids.len() != named {
            return Err(invalid("Rule ID must be unique. Found same ID for more than one rule."));
        }
        for (number, rule) in (1..).zip(&mut rules) {
            let mut suffix = number;
            while rule.id.is_empty() {
                let id = format!("rule-{suffix}");
                if ids.insert(id.clone()) {
                    rule.id = id;
                }
                suffix += MAX_RULES;
            }
        }
        Ok(Self { rules })
    }

    /// Writes the document.
    #[must_use]
    pub fn to_document(&self) -> String {
        XmlWriter::answer("LifecycleConfiguration", |document| {
            for rule in &self.rules {
                document.element("Rule", |writer| rule.write(writer));
            }
        })
    }
}

impl LifecycleRule {
    fn read(rule: &Element) -> S3Result<Self> {
        for name in ["Transition", "NoncurrentVersionTransition"] {
            if rule.all(name).next().is_some() {
                return Err(not_implemented("Transitions to other storage classes are not implemented."));
            }
        }
        expect_children(
            rule,
            &[
                "ID",
                "Status",
                "Prefix",
                "Filter",
                "Expiration",
                "NoncurrentVersionExpiration",
                "AbortIncompleteMultipartUpload",
            ],
        )?;
        let id = rule.text_of("ID")?.unwrap_or_default().to_owned();
        if id.chars().count() > MAX_ID {
            return Err(invalid("ID length should not exceed allowed limit of 255"));
        }
        let enabled = match rule.text_of("Status")?.map(str::trim) {
            Some("Enabled") => true,
            Some("Disabled") => false,
            _ => return Err(malformed("The `Status` of a rule must be Enabled or Disabled.")),
        };
        let filter = match (rule.find("Filter")?, rule.text_of("Prefix")?) {
            (Some(_), Some(_)) => return Err(malformed("A rule must not have both a `Filter` and a `Prefix`.")),
            (Some(filter), None) => LifecycleFilter::read(filter)?,
            (None, Some(prefix)) => {
                LifecycleFilter { prefix: Some(prefix.to_owned()), is_old_prefix: true, ..LifecycleFilter::default() }
            }
            (None, None) => return Err(malformed("A rule must have a `Filter` or a `Prefix`.")),
        };
        let read = Self {
            id,
            enabled,
            filter,
            expiration: rule.find("Expiration")?.map(Expiration::read).transpose()?,
            noncurrent_expiration: rule
                .find("NoncurrentVersionExpiration")?
                .map(NoncurrentExpiration::read)
                .transpose()?,
            abort_upload_days: rule.find("AbortIncompleteMultipartUpload")?.map(read_abort).transpose()?,
        };
        read.check()?;
        Ok(read)
    }

    fn check(&self) -> S3Result<()> {
        if self.expiration.is_none() && self.noncurrent_expiration.is_none() && self.abort_upload_days.is_none() {
            return Err(invalid_request("A rule must have at least one action."));
        }
        if self.filter.is_about_objects() {
            if self.abort_upload_days.is_some() {
                return Err(invalid_request(
                    "`AbortIncompleteMultipartUpload` must not be given with tags or object sizes.",
                ));
            }
            if self.expiration == Some(Expiration::DeleteMarkers) {
                return Err(invalid_request(
                    "`ExpiredObjectDeleteMarker` must not be given with tags or object sizes.",
                ));
            }
        }
        Ok(())
    }

    fn write(&self, rule: &mut XmlWriter) {
        rule.text("ID", &self.id);
        rule.text("Status", if self.enabled { "Enabled" } else { "Disabled" });
        self.filter.write(rule);
        if let Some(expiration) = self.expiration {
            rule.element("Expiration", |writer| match expiration {
                Expiration::Days(days) => writer.text("Days", &days.to_string()),
                Expiration::Date(date) => writer.text("Date", &dates::write_iso_date(date)),
                Expiration::DeleteMarkers => writer.text("ExpiredObjectDeleteMarker", "true"),
            });
        }
        if let Some(noncurrent) = self.noncurrent_expiration {
            rule.element("NoncurrentVersionExpiration", |writer| {
                writer.text("NoncurrentDays", &noncurrent.days.to_string());
                let newer = noncurrent.newer_versions.map(|newer| newer.to_string());
                writer.opt_text("NewerNoncurrentVersions", newer.as_deref());
            });
        }
        if let Some(days) = self.abort_upload_days {
            rule.element("AbortIncompleteMultipartUpload", |writer| {
                writer.text("DaysAfterInitiation", &days.to_string());
            });
        }
    }
}

impl LifecycleFilter {
    fn read(filter: &Element) -> S3Result<Self> {
        expect_children(filter, &["Prefix", "Tag", "ObjectSizeGreaterThan", "ObjectSizeLessThan", "And"])?;
        let conditions = match filter.children() {
            [and] if and.name() == "And" => and,
            [] | [_] => filter,
            _ => return Err(malformed("A `Filter` must have one condition, or an `And`.")),
        };
        expect_children(conditions, &["Prefix", "Tag", "ObjectSizeGreaterThan", "ObjectSizeLessThan"])?;
        let size = |name| -> S3Result<Option<u64>> {
            let Some(text) = conditions.text_of(name)?.map(str::trim) else { return Ok(None) };
            let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
            let size = text.parse().ok().filter(|size| is_number && *size <= i64::MAX.unsigned_abs());
            size.map(Some).ok_or_else(|| invalid("An object size must be an integer that is not negative."))
        };
        let tags: Vec<_> = conditions.all("Tag").map(read_tag).collect::<S3Result<_>>()?;
        let read = Self {
            prefix: conditions.text_of("Prefix")?.map(str::to_owned),
            tags: Tags::new(TagOwner::Object, tags)?,
            size_greater_than: size("ObjectSizeGreaterThan")?,
            size_less_than: size("ObjectSizeLessThan")?,
            is_old_prefix: false,
        };
        if let (Some(greater), Some(less)) = (read.size_greater_than, read.size_less_than)
            && less <= greater
        {
            return Err(invalid_request("`ObjectSizeLessThan` must be greater than `ObjectSizeGreaterThan`."));
        }
        Ok(read)
    }

    fn write(&self, rule: &mut XmlWriter) {
        if self.is_old_prefix {
            rule.text("Prefix", self.prefix.as_deref().unwrap_or_default());
            return;
        }
        let sizes = usize::from(self.size_greater_than.is_some()) + usize::from(self.size_less_than.is_some());
        let conditions = usize::from(self.prefix.is_some()) + self.tags.len() + sizes;
        rule.element("Filter", |filter| {
            if conditions > 1 {
                filter.element("And", |and| self.write_conditions(and));
            } else {
                self.write_conditions(filter);
            }
        });
    }

    fn write_conditions(&self, writer: &mut XmlWriter) {
        writer.opt_text("Prefix", self.prefix.as_deref());
        self.tags.write_each(writer);
        writer.opt_text("ObjectSizeGreaterThan", self.size_greater_than.map(|size| size.to_string()).as_deref());
        writer.opt_text("ObjectSizeLessThan", self.size_less_than.map(|size| size.to_string()).as_deref());
    }
}

impl Expiration {
    fn read(expiration: &Element) -> S3Result<Self> {
        expect_children(expiration, &["Days", "Date", "ExpiredObjectDeleteMarker"])?;
        let days = read_days(expiration, "Days", "'Days' for Expiration action must be a positive integer")?;
        let date = expiration.text_of("Date")?.map(read_midnight).transpose()?;
        let markers = match expiration.text_of("ExpiredObjectDeleteMarker")?.map(str::trim) {
            None | Some("false") => false,
            Some("true") => true,
            Some(_) => return Err(malformed("`ExpiredObjectDeleteMarker` must be true or false.")),
        };
        match (days, date, markers) {
            (Some(days), None, false) => Ok(Self::Days(days)),
            (None, Some(date), false) => Ok(Self::Date(date)),
            (None, None, true) => Ok(Self::DeleteMarkers),
            _ => Err(malformed("An `Expiration` must have one of `Days`, `Date` and `ExpiredObjectDeleteMarker`.")),
        }
    }
}

impl NoncurrentExpiration {
    fn read(expiration: &Element) -> S3Result<Self> {
        expect_children(expiration, &["NoncurrentDays", "NewerNoncurrentVersions"])?;
        let message = "'NoncurrentDays' for NoncurrentVersionExpiration action must be a positive integer";
        let days = read_days(expiration, "NoncurrentDays", message)?;
        let days = days.ok_or_else(|| malformed("A `NoncurrentVersionExpiration` must have `NoncurrentDays`."))?;
        let message = "'NewerNoncurrentVersions' must be an integer from 1 to 100";
        let newer_versions = read_days(expiration, "NewerNoncurrentVersions", message)?;
        if newer_versions.is_some_and(|newer| newer > MAX_NEWER_VERSIONS) {
            return Err(invalid(message));
        }
        Ok(Self { days, newer_versions })
    }
}

fn read_abort(abort: &Element) -> S3Result<u32> {
    expect_children(abort, &["DaysAfterInitiation"])?;
    let message = "'DaysAfterInitiation' for AbortIncompleteMultipartUpload action must be a positive integer";
    let days = read_days(abort, "DaysAfterInitiation", message)?;
    days.ok_or_else(|| malformed("An `AbortIncompleteMultipartUpload` must have `DaysAfterInitiation`."))
}

/// A positive number.
fn read_days(element: &Element, name: &str, message: &'static str) -> S3Result<Option<u32>> {
    let Some(text) = element.text_of(name)?.map(str::trim) else { return Ok(None) };
    let number = text.parse::<i64>().map_err(|_| malformed("A number of days must be an integer."))?;
    let days = u32::try_from(number).ok().filter(|days| (1..=i32::MAX.unsigned_abs()).contains(days));
    days.map(Some).ok_or_else(|| invalid(message))
}

fn read_midnight(text: &str) -> S3Result<Millis> {
    let text = text.trim();
    // Some clients send the day alone.
    let date = dates::read_iso_date(text).or_else(|| dates::read_iso_date(&format!("{text}T00:00:00Z")));
    let date = date.ok_or_else(|| malformed("The `Date` must be a date of ISO 8601."))?;
    if date.rem_euclid(DAY) != 0 {
        return Err(invalid("'Date' must be at midnight GMT"));
    }
    Ok(date)
}

/// Refuses an element that is not known: ignoring a condition would delete what it protects.
fn expect_children(element: &Element, known: &[&str]) -> S3Result<()> {
    match element.children().iter().find(|child| !known.contains(&child.name())) {
        None => Ok(()),
        Some(unknown) => Err(not_implemented(format!("The element `{}` is not implemented.", unknown.name()))),
    }
}

fn malformed(message: &'static str) -> S3Error {
    S3Error::with_message(ErrorCode::MalformedXML, message)
}

fn invalid(message: &'static str) -> S3Error {
    S3Error::with_message(ErrorCode::InvalidArgument, message)
}

fn invalid_request(message: &'static str) -> S3Error {
    S3Error::with_message(ErrorCode::InvalidRequest, message)
}

fn not_implemented(message: impl Into<std::borrow::Cow<'static, str>>) -> S3Error {
    S3Error::with_message(ErrorCode::NotImplemented, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE_DAY: &str = "<Expiration><Days>1</Days></Expiration>";

    fn parse(rules: &str) -> Result<LifecycleConfiguration, ErrorCode> {
        let document = format!("<LifecycleConfiguration>{rules}</LifecycleConfiguration>");
        LifecycleConfiguration::parse(document.as_bytes()).map_err(|error| error.code())
    }

    fn rule(content: &str) -> String {
        format!("<Rule><Status>Enabled</Status><Filter/>{content}</Rule>")
    }

    #[test]
    fn rules_are_read_and_written_back() {
        let all = "<ObjectSizeGreaterThan>5</ObjectSizeGreaterThan><ObjectSizeLessThan>9</ObjectSizeLessThan>";
        let rules = [
            format!("<Rule><ID>a</ID><Status>Disabled</Status><Prefix>logs/</Prefix>{ONE_DAY}</Rule>"),
            format!(
                "<Rule><Status>Enabled</Status><Filter><And><Prefix>x</Prefix><Tag><Key>k</Key><Value>v</Value></Tag>{all}\
                 </And></Filter><Expiration><Date>2030-01-01</Date></Expiration></Rule>"
            ),
            rule(
                "<Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>\
                 <NoncurrentVersionExpiration><NoncurrentDays>3</NoncurrentDays>\
                 <NewerNoncurrentVersions>2</NewerNoncurrentVersions></NoncurrentVersionExpiration>\
                 <AbortIncompleteMultipartUpload><DaysAfterInitiation>7</DaysAfterInitiation>\
                 </AbortIncompleteMultipartUpload>",
            ),
        ];
        let read = parse(&rules.concat()).unwrap();
        let ids: Vec<_> = read.rules.iter().map(|rule| rule.id.as_str()).collect();
        assert_eq!(ids, ["a", "rule-2", "rule-3"]);
        assert_eq!(LifecycleConfiguration::parse(read.to_document().as_bytes()).unwrap(), read);
        let [old, dated, versions] = read.rules.as_slice() else { panic!("{read:?}") };
        assert!(old.filter.is_old_prefix && !old.enabled && old.expiration == Some(Expiration::Days(1)));
        assert_eq!(dated.expiration, Some(Expiration::Date(1_893_456_000_000)));
        let tags = Tags::parse_header("k=v").unwrap();
        assert!(dated.filter.matches("xy", 6, &tags) && !dated.filter.matches("xy", 5, &tags));
        assert!(!dated.filter.matches("xy", 9, &tags) && !dated.filter.matches("xy", 6, &Tags::default()));
        assert!(!dated.filter.matches("y", 6, &tags));
        assert_eq!(versions.noncurrent_expiration, Some(NoncurrentExpiration { days: 3, newer_versions: Some(2) }));
        assert_eq!((versions.expiration, versions.abort_upload_days), (Some(Expiration::DeleteMarkers), Some(7)));
    }

    #[test]
    fn wrong_rules_are_refused() {
        let expiration = |content: &str| rule(&format!("<Expiration>{content}</Expiration>"));
        let filtered = |filter: &str, action: &str| {
            format!("<Rule><Status>Enabled</Status><Filter>{filter}</Filter>{action}</Rule>")
        };
        let (tag, abort) = (
            "<Tag><Key>k</Key><Value>v</Value></Tag>",
            "<AbortIncompleteMultipartUpload><DaysAfterInitiation>1</DaysAfterInitiation></AbortIncompleteMultipartUpload>",
        );
        let table = [
            (rule(ONE_DAY).repeat(1000), None),
            (rule(ONE_DAY).repeat(1001), Some(ErrorCode::MalformedXML)),
            (String::new(), Some(ErrorCode::MalformedXML)),
            (rule(""), Some(ErrorCode::InvalidRequest)),
            (rule(&format!("<ID>a</ID>{ONE_DAY}")).repeat(2), Some(ErrorCode::InvalidArgument)),
            (rule(&format!("<ID>{}</ID>{ONE_DAY}", "a".repeat(256))), Some(ErrorCode::InvalidArgument)),
            (format!("<Rule><Filter/>{ONE_DAY}</Rule>"), Some(ErrorCode::MalformedXML)),
            (format!("<Rule><Status>enabled</Status><Filter/>{ONE_DAY}</Rule>"), Some(ErrorCode::MalformedXML)),
            (format!("<Rule><Status>Enabled</Status>{ONE_DAY}</Rule>"), Some(ErrorCode::MalformedXML)),
            (rule(&format!("<Prefix/>{ONE_DAY}")), Some(ErrorCode::MalformedXML)),
            (expiration("<Days>0</Days>"), Some(ErrorCode::InvalidArgument)),
            (expiration("<Days>-1</Days>"), Some(ErrorCode::InvalidArgument)),
            (expiration("<Days>x</Days>"), Some(ErrorCode::MalformedXML)),
            (expiration("<Date>2030-01-01T01:00:00Z</Date>"), Some(ErrorCode::InvalidArgument)),
            (expiration("<Date>20300101</Date>"), Some(ErrorCode::MalformedXML)),
            (expiration("<Days>1</Days><Date>2030-01-01</Date>"), Some(ErrorCode::MalformedXML)),
            (expiration("<ExpiredObjectAllVersions>true</ExpiredObjectAllVersions>"), Some(ErrorCode::NotImplemented)),
            (rule("<Transition><Days>1</Days></Transition>"), Some(ErrorCode::NotImplemented)),
            (rule("<DelMarkerExpiration><Days>1</Days></DelMarkerExpiration>"), Some(ErrorCode::NotImplemented)),
            (filtered(&format!("<Prefix/>{tag}"), ONE_DAY), Some(ErrorCode::MalformedXML)),
            (filtered(tag, ONE_DAY), None),
            (filtered(tag, abort), Some(ErrorCode::InvalidRequest)),
            (filtered("<Prefix>a</Prefix>", abort), None),
            (filtered("<ObjectSizeGreaterThan>-1</ObjectSizeGreaterThan>", ONE_DAY), Some(ErrorCode::InvalidArgument)),
            (filtered("<Unknown/>", ONE_DAY), Some(ErrorCode::NotImplemented)),
        ];
        for (rules, expected) in table {
            let shown: String = rules.chars().take(300).collect();
            assert_eq!(parse(&rules).err(), expected, "{shown}");
        }
    }
}
