use std::time::Duration;

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};
use storage_hub_core::domain::{Session, Timestamp, Token, UserId};
use storage_hub_core::ports::{TokenError, TokenIssuer};
use uuid::Uuid;

use crate::JwtSecret;

/// Proves sessions by JSON Web Tokens, signed with HS256 and nothing else.
pub struct JwtIssuer {
    settings: JwtSettings,
    signing: EncodingKey,
    reading: DecodingKey,
    validation: Validation,
}

/// What the tokens of a [`JwtIssuer`] say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JwtSettings {
    /// Who issues them (`iss`).
    pub issuer: String,
    /// Whom they are for (`aud`).
    pub audience: String,
    /// How long they are good for, counted in whole seconds.
    pub lifetime: Duration,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: Uuid,
    iat: i64,
    exp: i64,
    jti: Uuid,
    epoch: i64,
}

impl JwtIssuer {
    /// The longest token that is looked at, in bytes. Those that are issued have a few hundred.
    pub const MAX_TOKEN_BYTES: usize = 4096;
    /// How far the clocks of two replicas may differ: a token from further in the future is not valid.
    const CLOCK_SKEW_SECONDS: i64 = 60;

    /// An issuer with these settings and this secret.
    #[must_use]
    pub fn new(settings: JwtSettings, secret: &JwtSecret) -> Self {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[&settings.issuer]);
        validation.set_audience(&[&settings.audience]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // The library would go by the system's clock: expiry is checked against the caller's.
        validation.validate_exp = false;
        let (signing, reading) = (EncodingKey::from_secret(secret.expose()), DecodingKey::from_secret(secret.expose()));
        Self { settings, signing, reading, validation }
    }
}

impl TokenIssuer for JwtIssuer {
    fn issue(&self, user: UserId, epoch: i64, now: Timestamp) -> Result<Token, TokenError> {
        let lifetime = i64::try_from(self.settings.lifetime.as_secs()).unwrap_or(i64::MAX);
        let claims = Claims {
            iss: self.settings.issuer.clone(),
            aud: self.settings.audience.clone(),
            sub: user.uuid(),
            iat: now.seconds(),
            exp: now.seconds().saturating_add(lifetime),
            jti: Uuid::new_v4(),
            epoch,
        };
        encode(&Header::new(Algorithm::HS256), &claims, &self.signing)
            .map(Token::new)
            .map_err(|error| TokenError::Signing(error.into()))
    }

    fn verify(&self, token: &str, now: Timestamp) -> Result<Session, TokenError> {
        if token.len() > Self::MAX_TOKEN_BYTES {
            return Err(TokenError::Invalid);
        }
        let read = decode::<Claims>(token, &self.reading, &self.validation).map_err(|_| TokenError::Invalid)?;
        let Claims { sub, iat, exp, epoch, .. } = read.claims;
        if iat > now.seconds().saturating_add(Self::CLOCK_SKEW_SECONDS) || exp < iat {
            return Err(TokenError::Invalid);
        }
        if exp <= now.seconds() {
            return Err(TokenError::Expired);
        }
        Ok(Session {
            claimed_user: UserId::new(sub),
            epoch,
            issued_at: Timestamp::from_millis(iat.saturating_mul(1000)),
            expires_at: Timestamp::from_millis(exp.saturating_mul(1000)),
        })
    }
}

impl std::fmt::Debug for JwtIssuer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("JwtIssuer").field("settings", &self.settings).finish_non_exhaustive()
    }
}
