use std::time::SystemTime;

use aws_credential_types::Credentials as AwsCredentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningParams, SigningSettings,
    UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4;
use storage_hub_core::domain::{Credentials, SecretKey};
use storage_hub_core::ports::Source;

/// The identity that signs requests.
#[derive(Clone, Debug)]
pub enum Identity {
    /// Anonymous: requests are sent unsigned.
    Anonymous,
    /// The holder of a key; its secret is not shown by `Debug`.
    Key(AwsCredentials),
}

impl Identity {
    /// The holder of a long-lived key.
    #[must_use]
    pub fn key(access_key: &str, secret_key: &SecretKey) -> Self {
        Self::Key(AwsCredentials::new(access_key, secret_key.expose(), None, None, "storage-hub"))
    }

    /// The holder of temporary credentials.
    #[must_use]
    pub fn session(access_key: &str, secret_key: &SecretKey, session_token: &str) -> Self {
        let token = Some(session_token.to_owned());
        Self::Key(AwsCredentials::new(access_key, secret_key.expose(), token, None, "storage-hub"))
    }
}

impl From<&Credentials> for Identity {
    fn from(credentials: &Credentials) -> Self {
        Self::key(credentials.access_key.as_str(), &credentials.secret_key)
    }
}

/// The scope of a signature.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scope<'a> {
    pub(crate) region: &'a str,
    /// `s3`, for the admin API too, or `sts`.
    pub(crate) service: &'a str,
}

/// Adds signature version 4 to a request whose URI is encoded and whose `Host` header is set.
pub(crate) fn add_signature(
    request: &mut http::Request<Vec<u8>>,
    identity: &Identity,
    scope: Scope<'_>,
    now: SystemTime,
) -> Result<(), Source> {
    let Identity::Key(credentials) = identity else { return Ok(()) };
    let credentials = credentials.clone().into();
    let mut settings = SigningSettings::default();
    // S3 signs the path as it is sent: it is neither encoded a second time nor normalized.
    settings.percent_encoding_mode = PercentEncodingMode::Single;
    settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
    settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
    let params: SigningParams<'_> = v4::SigningParams::builder()
        .identity(&credentials)
        .region(scope.region)
        .name(scope.service)
        .time(now)
        .settings(settings)
        .build()?
        .into();
    let headers: Vec<_> = request
        .headers()
        .iter()
        .map(|(name, value)| Ok((name.as_str(), value.to_str()?)))
        .collect::<Result<_, Source>>()?;
    let signable = SignableRequest::new(
        request.method().as_str(),
        request.uri().to_string(),
        headers.into_iter(),
        SignableBody::Bytes(request.body()),
    )?;
    let (instructions, _) = sign(signable, &params)?.into_parts();
    instructions.apply_to_request_http1x(request);
    Ok(())
}
