//! Signatures of HTML forms: over the text of the policy.

use subtle::ConstantTimeEq as _;

use super::credential::Place;
use super::timestamp::Timestamp;
use super::v4::{ALGORITHM, Scope};
use super::v4_claim::{MAX_EXPIRES, MAX_SKEW, expired};
use super::{Secrets, SignatureForm, SignatureRules, v2};
use crate::error::{ErrorCode, S3Error, S3Result};

/// Who claims to have made the policy of a form. Nothing in it is proven until it is verified.
#[derive(Clone, Debug)]
pub struct FormClaim {
    /// The access key that is named.
    pub access_key: String,
    /// [`SignatureForm::V4Form`] or [`SignatureForm::V2Form`].
    pub form: SignatureForm,
    security_token: Option<String>,
    policy: String,
    signature: String,
    /// Of version 4.
    scope: Option<Scope>,
}

impl FormClaim {
    /// Reads the claim of a form; `None` if it is anonymous. `field` returns the value of a field whose name is given in
    /// lower case.
    ///
    /// # Errors
    /// `InvalidArgument` for a malformed, incomplete or ambiguous claim, also one for another region; `AccessDenied` for a
    /// policy that was signed in the future, or more than 7 days ago.
    pub fn read<'a>(field: impl Fn(&str) -> Option<&'a str>, rules: &SignatureRules) -> S3Result<Option<Self>> {
        const V4: [&str; 4] = ["x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-signature"];
        const V2: [&str; 2] = ["awsaccesskeyid", "signature"];
        let policy = field("policy");
        let has_v4 = V4.iter().any(|name| field(name).is_some());
        let has_v2 = V2.iter().any(|name| field(name).is_some());
        let required = |name: &str| {
            field(name).ok_or_else(|| Place::Form.error(format!("A signed form must have the field `{name}`.")))
        };
        let (form, access_key, signature, scope) = match (has_v4, has_v2) {
            (false, false) if policy.is_none() => return Ok(None),
            (true, true) => return Err(Place::Form.error("A form must have one kind of signature only.")),
            (true, false) => {
                let [algorithm, credential, time, signature] =
                    [required(V4[0])?, required(V4[1])?, required(V4[2])?, required(V4[3])?];
                if algorithm != ALGORITHM {
                    return Err(Place::Form.error("`x-amz-algorithm` must be AWS4-HMAC-SHA256."));
                }
                let time = Timestamp::parse(time)
                    .ok_or_else(|| Place::Form.error("`x-amz-date` must have the form YYYYMMDDTHHMMSSZ."))?;
                let (access_key, scope) = Place::Form.read_credential(credential, &time)?;
                Place::Form.check_region(&scope, rules)?;
                // The policy has an expiration of its own; a day's key of version 4 is good for a week whatever it says.
                let end = time.seconds.saturating_add(MAX_EXPIRES);
                if end < rules.now {
                    return Err(expired(end, rules.now));
                }
                if time.seconds > rules.now.saturating_add(MAX_SKEW) {
                    return Err(S3Error::with_message(ErrorCode::AccessDenied, "The policy is not valid yet."));
                }
                (SignatureForm::V4Form, access_key, signature, Some(scope))
            }
            (false, _) => (SignatureForm::V2Form, required(V2[0])?, required(V2[1])?, None),
        };
        Ok(Some(Self {
            access_key: access_key.to_owned(),
            form,
            security_token: field("x-amz-security-token").map(str::to_owned),
            policy: required("policy")?.to_owned(),
            signature: signature.to_owned(),
            scope,
        }))
    }

    /// The token of temporary credentials that comes with the claim. It is signed if the policy has a condition for it.
    #[must_use]
    pub fn security_token(&self) -> Option<&str> {
        self.security_token.as_deref()
    }

    /// Verifies the signature of the policy. What the policy says of the other fields is for the reader of the form.
    ///
    /// # Errors
    /// `InvalidAccessKeyId` for an unknown key; `SignatureDoesNotMatch`.
    pub fn verify(&self, secrets: &dyn Secrets) -> S3Result<()> {
        let secret = secrets.secret_of(&self.access_key).ok_or(ErrorCode::InvalidAccessKeyId)?;
        let policy = self.policy.as_bytes();
        let signature = match &self.scope {
            Some(scope) => scope.sign(&secret, policy),
            None => v2::sign(&secret, policy),
        };
        match self.signature.as_bytes().ct_eq(signature.as_bytes()).into() {
            true => Ok(()),
            false => Err(S3Error::new(ErrorCode::SignatureDoesNotMatch)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::SecretKey;
    use super::*;

    struct One;

    impl Secrets for One {
        fn secret_of(&self, access_key: &str) -> Option<SecretKey> {
            let known = access_key == "AKIAIOSFODNN7EXAMPLE";
            known.then(|| SecretKey::new("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"))
        }
    }

    type Fields = Vec<(&'static str, String)>;

    fn outcome(fields: &Fields, now: i64) -> Result<Option<SignatureForm>, ErrorCode> {
        let field = |name: &str| fields.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str());
        let rules = SignatureRules { region: "us-east-1".to_owned(), now };
        let Some(claim) = FormClaim::read(field, &rules).map_err(|error| error.code_of_sentence())? else {
            return Ok(None);
        };
        claim.verify(&One).map_err(|error| error.code_of_sentence())?;
        Ok(Some(claim.form))
    }

    /// 2015-12-29T00:00:00Z
    const NOW: i64 = 1_451_347_200;

    fn v4() -> Fields {
        let policy = "eyAiZXhwaXJhdGlvbiI6ICIyMDE1LTEyLTMwVDEyOjAwOjAwLjAwMFoiLA0KICAiY29uZGl0aW9ucyI6IFsNCiAgICB7ImJ1Y2tldCI6ICJzaWd2NGV4YW1wbGVidWNrZXQifSwNCiAgICBbInN0YXJ0cy13aXRoIiwgIiRrZXkiLCAidXNlci91c2VyMS8iXSwNCiAgICB7ImFjbCI6ICJwdWJsaWMtcmVhZCJ9LA0KICAgIHsic3VjY2Vzc19hY3Rpb25fcmVkaXJlY3QiOiAiaHR0cDovL3NpZ3Y0ZXhhbXBsZWJ1Y2tldC5zMy5hbWF6b25hd3MuY29tL3N1Y2Nlc3NmdWxfdXBsb2FkLmh0bWwifSwNCiAgICBbInN0YXJ0cy13aXRoIiwgIiRDb250ZW50LVR5cGUiLCAiaW1hZ2UvIl0sDQogICAgeyJ4LWFtei1tZXRhLXV1aWQiOiAiMTQzNjUxMjM2NTEyNzQifSwNCiAgICB7IngtYW16LXNlcnZlci1zaWRlLWVuY3J5cHRpb24iOiAiQUVTMjU2In0sDQogICAgWyJzdGFydHMtd2l0aCIsICIkeC1hbXotbWV0YS10YWciLCAiIl0sDQoNCiAgICB7IngtYW16LWNyZWRlbnRpYWwiOiAiQUtJQUlPU0ZPRE5ON0VYQU1QTEUvMjAxNTEyMjkvdXMtZWFzdC0xL3MzL2F3czRfcmVxdWVzdCJ9LA0KICAgIHsieC1hbXotYWxnb3JpdGhtIjogIkFXUzQtSE1BQy1TSEEyNTYifSwNCiAgICB7IngtYW16LWRhdGUiOiAiMjAxNTEyMjlUMDAwMDAwWiIgfQ0KICBdDQp9";
        vec![
            ("policy", policy.to_owned()),
            ("x-amz-algorithm", "AWS4-HMAC-SHA256".to_owned()),
            ("x-amz-credential", "AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/s3/aws4_request".to_owned()),
            ("x-amz-date", "20151229T000000Z".to_owned()),
            ("x-amz-signature", "8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e".to_owned()),
        ]
    }

    fn v2() -> Fields {
        let policy = "eyAiZXhwaXJhdGlvbiI6ICIyMDA3LTEyLTAxVDEyOjAwOjAwLjAwMFoiIH0=".to_owned();
        let secret = SecretKey::new("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
        let signature = v2::sign(&secret, policy.as_bytes());
        vec![("policy", policy), ("awsaccesskeyid", "AKIAIOSFODNN7EXAMPLE".to_owned()), ("signature", signature)]
    }

    /// The form of Amazon's documentation ("Example: Browser-Based Upload using HTTP POST").
    #[test]
    fn the_documented_form_is_verified() {
        assert_eq!(outcome(&v4(), NOW), Ok(Some(SignatureForm::V4Form)));
        assert_eq!(outcome(&v2(), NOW), Ok(Some(SignatureForm::V2Form)));
        assert_eq!(outcome(&Vec::new(), NOW), Ok(None));
    }

    #[test]
    fn no_changed_or_incomplete_form_is_verified() {
        for fields in [v4(), v2()] {
            for at in 0..fields.len() {
                let mut missing = fields.clone();
                missing.remove(at);
                assert_eq!(outcome(&missing, NOW), Err(ErrorCode::InvalidArgument), "{at}");
                let mut changed = fields.clone();
                changed[at].1 = changed[at].1.replacen(['A', 'a', '0'], "1", 1);
                assert!(outcome(&changed, NOW).is_err(), "{at}");
            }
        }
        assert_eq!(outcome(&[v4(), v2()].concat(), NOW), Err(ErrorCode::InvalidArgument));
        assert_eq!(outcome(&v4(), NOW + MAX_EXPIRES + 1), Err(ErrorCode::AccessDenied));
        assert_eq!(outcome(&v4(), NOW - MAX_SKEW - 1), Err(ErrorCode::AccessDenied));
    }
}
