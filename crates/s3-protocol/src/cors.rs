//! The CORS configuration document of a bucket.

use crate::error::{ErrorCode, S3Error, S3Result};
use crate::xml::{self, Element, XmlWriter};

/// The methods that rules can allow.
const METHODS: [&str; 5] = ["GET", "PUT", "POST", "DELETE", "HEAD"];

/// The CORS configuration of a bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CorsConfiguration {
    /// At least one, at most 100.
    pub rules: Vec<CorsRule>,
}

/// One rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CorsRule {
    /// A name for people.
    pub id: Option<String>,
    /// Origins, with at most one `*` each.
    pub allowed_origins: Vec<String>,
    /// `GET`, `PUT`, `POST`, `DELETE`, `HEAD`.
    pub allowed_methods: Vec<String>,
    /// Request headers, with at most one `*` each.
    pub allowed_headers: Vec<String>,
    /// Response headers that scripts may read.
    pub expose_headers: Vec<String>,
    /// For how long browsers may remember the answer to a preflight.
    pub max_age_seconds: Option<u32>,
}

impl CorsConfiguration {
    /// Maximum number of rules.
    const MAX_RULES: usize = 100;

    /// Reads the document of `PutBucketCors`, and of the answer to `GetBucketCors`.
    ///
    /// # Errors
    /// `MalformedXML`; `InvalidRequest` for a method that rules cannot have, and for a second `*`.
    pub fn parse(document: &[u8]) -> S3Result<Self> {
        let root = xml::parse(document, 10_000)?;
        root.expect_name("CORSConfiguration")?;
        let rules: Vec<_> = root.all("CORSRule").map(CorsRule::read).collect::<S3Result<_>>()?;
        if rules.is_empty() || rules.len() > Self::MAX_RULES {
            return Err(malformed("The configuration must have 1 to 100 rules."));
        }
        Ok(Self { rules })
    }

    /// Writes the document.
    #[must_use]
    pub fn to_document(&self) -> String {
        XmlWriter::answer("CORSConfiguration", |document| {
            for rule in &self.rules {
                document.element("CORSRule", |writer| rule.write(writer));
            }
        })
    }
}

impl CorsRule {
    fn read(rule: &Element) -> S3Result<Self> {
        let texts = |name| -> S3Result<Vec<String>> {
            rule.all(name).map(|element| element.text().map(|text| text.trim().to_owned())).collect()
        };
        let age = rule.text_of("MaxAgeSeconds")?.map(str::trim).map(|text| {
            let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
            let age = text.parse().ok().filter(|age| is_number && *age <= i32::MAX.unsigned_abs());
            age.ok_or_else(|| malformed("`MaxAgeSeconds` must be an integer from 0 to 2147483647."))
        });
        let read = Self {
            id: rule.text_of("ID")?.map(str::to_owned),
            allowed_origins: texts("AllowedOrigin")?,
            allowed_methods: texts("AllowedMethod")?,
            allowed_headers: texts("AllowedHeader")?,
            expose_headers: texts("ExposeHeader")?,
            max_age_seconds: age.transpose()?,
        };
        read.check()?;
        Ok(read)
    }

    fn check(&self) -> S3Result<()> {
        if self.allowed_origins.is_empty() || self.allowed_methods.is_empty() {
            return Err(malformed("Each `CORSRule` must have an `AllowedOrigin` and an `AllowedMethod`."));
        }
        if self.id.as_ref().is_some_and(|id| id.chars().count() > 255) {
            return Err(malformed("The `ID` of a `CORSRule` must be at most 255 characters long."));
        }
        let unknown = self.allowed_methods.iter().find(|method| !METHODS.contains(&method.as_str()));
        if let Some(unknown) = unknown {
            return Err(invalid(format!("The method `{unknown}` is not supported in a CORS configuration.")));
        }
        for (element, values) in [("AllowedOrigin", &self.allowed_origins), ("AllowedHeader", &self.allowed_headers)] {
            if let Some(value) = values.iter().find(|value| value.matches('*').count() > 1) {
                return Err(invalid(format!("The value `{value}` of `{element}` must have at most one wildcard.")));
            }
        }
        if let Some(value) = self.expose_headers.iter().find(|value| value.contains('*')) {
            return Err(invalid(format!("The value `{value}` of `ExposeHeader` must not have a wildcard.")));
        }
        Ok(())
    }

    fn write(&self, rule: &mut XmlWriter) {
        rule.opt_text("ID", self.id.as_deref());
        let lists = [
            ("AllowedOrigin", &self.allowed_origins),
            ("AllowedMethod", &self.allowed_methods),
            ("AllowedHeader", &self.allowed_headers),
            ("ExposeHeader", &self.expose_headers),
        ];
        for (element, values) in lists {
            for value in values {
                rule.text(element, value);
            }
        }
        rule.opt_text("MaxAgeSeconds", self.max_age_seconds.map(|age| age.to_string()).as_deref());
    }
}

fn malformed(message: &'static str) -> S3Error {
    S3Error::with_message(ErrorCode::MalformedXML, message)
}

fn invalid(message: String) -> S3Error {
    S3Error::with_message(ErrorCode::InvalidRequest, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(rules: &str) -> Result<CorsConfiguration, ErrorCode> {
        let document = format!("<CORSConfiguration xmlns=\"{}\">{rules}</CORSConfiguration>", xml::NAMESPACE);
        CorsConfiguration::parse(document.as_bytes()).map_err(|error| error.code_of_sentence())
    }

    #[test]
    fn rules_are_read_and_wrong_ones_refused() {
        let rule = |more: &str| {
            format!(
                "<CORSRule><AllowedOrigin>https://*.example</AllowedOrigin><AllowedMethod>GET</AllowedMethod>{more}</CORSRule>"
            )
        };
        let read = parse(&rule("<ID>a</ID><MaxAgeSeconds> 3000 </MaxAgeSeconds><AllowedHeader>*</AllowedHeader>"));
        let [read] = read.unwrap().rules.try_into().unwrap();
        assert_eq!((read.id.as_deref(), read.max_age_seconds), (Some("a"), Some(3000)));
        assert_eq!((read.allowed_origins, read.allowed_headers), (vec!["https://*.example".into()], vec!["*".into()]));
        assert!(parse(&rule("").repeat(100)).is_ok());
        let table = [
            (rule("").repeat(101), ErrorCode::MalformedXML),
            (String::new(), ErrorCode::MalformedXML),
            ("<CORSRule><AllowedOrigin>*</AllowedOrigin></CORSRule>".into(), ErrorCode::MalformedXML),
            ("<CORSRule><AllowedMethod>GET</AllowedMethod></CORSRule>".into(), ErrorCode::MalformedXML),
            (rule("<MaxAgeSeconds>-1</MaxAgeSeconds>"), ErrorCode::MalformedXML),
            (rule("<ID>a</ID><ID>b</ID>"), ErrorCode::MalformedXML),
            (rule("<AllowedMethod>PATCH</AllowedMethod>"), ErrorCode::InvalidRequest),
            (rule("<AllowedMethod>get</AllowedMethod>"), ErrorCode::InvalidRequest),
            (rule("<AllowedOrigin>*.*</AllowedOrigin>"), ErrorCode::InvalidRequest),
            (rule("<AllowedHeader>x-*-*</AllowedHeader>"), ErrorCode::InvalidRequest),
            (rule("<ExposeHeader>*</ExposeHeader>"), ErrorCode::InvalidRequest),
        ];
        for (rules, code) in table {
            assert_eq!(parse(&rules), Err(code), "{rules}");
        }
    }
}
