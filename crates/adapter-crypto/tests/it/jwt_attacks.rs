//! Tokens that were never issued, or for somebody else.

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use storage_hub_adapter_crypto::{JwtIssuer, JwtSecret, JwtSettings};
use storage_hub_core::domain::{Timestamp, UserId};
use storage_hub_core::ports::{TokenError, TokenIssuer};
use uuid::Uuid;

const SECRET: &str = "an-honest-secret-of-the-token-tests";
const NOW: Timestamp = Timestamp::from_millis(1_704_067_200_000);

fn issuer() -> JwtIssuer {
    JwtIssuer::new(super::settings(), &JwtSecret::parse(SECRET).unwrap())
}

fn claims() -> Value {
    let (now, user) = (NOW.seconds(), Uuid::from_u128(7));
    json!({"iss": "hub", "aud": "hub-api", "sub": user, "iat": now, "exp": now + 60, "jti": user, "epoch": 1})
}

fn sign(algorithm: Algorithm, claims: &Value, secret: &str) -> String {
    encode(&Header::new(algorithm), claims, &EncodingKey::from_secret(secret.as_bytes())).unwrap()
}

fn verify(claims: &Value) -> Result<UserId, TokenError> {
    issuer().verify(&sign(Algorithm::HS256, claims, SECRET), NOW).map(|session| session.claimed_user)
}

#[track_caller]
fn assert_invalid(token: &str) {
    let answer = issuer().verify(token, NOW);
    assert!(matches!(answer, Err(TokenError::Invalid)), "{answer:?}");
}

fn base64url(json: &Value) -> String {
    use base64::Engine;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(json.to_string())
}

#[test]
fn the_honest_token_of_these_tests_is_valid() {
    assert_eq!(verify(&claims()).unwrap(), UserId::new(Uuid::from_u128(7)));
}

#[test]
fn a_token_without_a_signature_is_invalid() {
    for algorithm in ["none", "None", "NONE", "HS256", ""] {
        let unsigned = format!("{}.{}.", base64url(&json!({"alg": algorithm, "typ": "JWT"})), base64url(&claims()));
        assert_invalid(&unsigned);
        assert_invalid(unsigned.trim_end_matches('.'));
    }
    let honest = sign(Algorithm::HS256, &claims(), SECRET);
    let (_, signature) = honest.rsplit_once('.').unwrap();
    assert_invalid(&format!("{}.{}.{signature}", base64url(&json!({"alg": "none"})), base64url(&claims())));
}

#[test]
fn another_algorithm_with_the_right_secret_is_invalid() {
    for algorithm in [Algorithm::HS384, Algorithm::HS512] {
        assert_invalid(&sign(algorithm, &claims(), SECRET));
    }
    let honest = sign(Algorithm::HS256, &claims(), SECRET);
    let (_, rest) = honest.split_once('.').unwrap();
    for algorithm in ["HS384", "RS256", "ES256", "EdDSA", "hs256"] {
        assert_invalid(&format!("{}.{rest}", base64url(&json!({"alg": algorithm, "typ": "JWT"}))));
    }
}

#[test]
fn another_secret_is_invalid() {
    assert_invalid(&sign(Algorithm::HS256, &claims(), "another-secret-of-the-token-tests.."));
    assert_invalid(&sign(Algorithm::HS256, &claims(), ""));
}

#[test]
fn a_key_that_the_token_brings_is_not_used() {
    let key = "another-secret-of-the-token-tests..";
    let mut header = Header::new(Algorithm::HS256);
    header.kid = Some("../../dev/null".to_owned());
    header.jku = Some("https://example.com/keys".to_owned());
    assert_invalid(&encode(&header, &claims(), &EncodingKey::from_secret(key.as_bytes())).unwrap());
}

#[test]
fn a_changed_payload_is_invalid() {
    let honest = sign(Algorithm::HS256, &claims(), SECRET);
    let parts: Vec<_> = honest.split('.').collect();
    let mut changed = claims();
    changed["sub"] = json!(Uuid::from_u128(8));
    assert_invalid(&format!("{}.{}.{}", parts[0], base64url(&changed), parts[2]));
}

#[test]
fn a_token_of_another_issuer_or_for_another_audience_is_invalid() {
    let other = |settings: JwtSettings| {
        let other = JwtIssuer::new(settings, &JwtSecret::parse(SECRET).unwrap());
        let token = other.issue(UserId::new(Uuid::from_u128(7)), 1, NOW).unwrap();
        assert!(other.verify(token.expose(), NOW).is_ok());
        assert_invalid(token.expose());
    };
    other(JwtSettings { issuer: "other".to_owned(), ..super::settings() });
    other(JwtSettings { audience: "other".to_owned(), ..super::settings() });
}

#[test]
fn every_claim_is_required() {
    for name in ["iss", "aud", "sub", "iat", "exp", "jti", "epoch"] {
        let mut without = claims();
        without.as_object_mut().unwrap().remove(name);
        assert!(matches!(verify(&without), Err(TokenError::Invalid)), "without {name}");
        let mut null = claims();
        null[name] = Value::Null;
        assert!(matches!(verify(&null), Err(TokenError::Invalid)), "{name} is null");
    }
}

#[test]
fn a_claim_of_another_form_is_invalid() {
    for (name, value) in [
        ("iss", json!("Hub")),
        ("iss", json!(["hub", "other"])),
        ("aud", json!(["hub-api", "other"])),
        ("aud", json!("")),
        ("sub", json!("7")),
        ("exp", json!("1904067200")),
        ("exp", json!(1e300)),
        ("exp", json!(-1)),
        ("exp", json!(NOW.seconds() - 1)),
        ("iat", json!("now")),
        ("epoch", json!("1")),
        ("epoch", json!(1.5)),
    ] {
        let mut changed = claims();
        changed[name] = value.clone();
        if name == "exp" && value == json!(NOW.seconds() - 1) {
            changed["iat"] = json!(NOW.seconds());
        }
        assert!(matches!(verify(&changed), Err(TokenError::Invalid)), "{name} is {value}");
    }
}

#[test]
fn a_token_from_the_future_is_invalid_beyond_the_skew_of_clocks() {
    let from = |ahead: i64| {
        let mut early = claims();
        early["iat"] = json!(NOW.seconds() + ahead);
        early["exp"] = json!(NOW.seconds() + ahead + 60);
        verify(&early)
    };
    assert!(from(60).is_ok());
    assert!(matches!(from(61), Err(TokenError::Invalid)));
}

#[test]
fn an_expired_token_has_no_grace() {
    let mut old = claims();
    old["iat"] = json!(NOW.seconds() - 60);
    old["exp"] = json!(NOW.seconds());
    assert!(matches!(verify(&old), Err(TokenError::Expired)));
    old["exp"] = json!(NOW.seconds() + 1);
    assert!(verify(&old).is_ok());
}

#[test]
fn a_token_that_is_too_long_is_not_looked_at() {
    let padded = |bytes: usize| {
        let mut long = claims();
        long["padding"] = json!("x".repeat(bytes));
        sign(Algorithm::HS256, &long, SECRET)
    };
    let (fits, beyond) = (padded(2700), padded(3000));
    assert!(fits.len() < JwtIssuer::MAX_TOKEN_BYTES && beyond.len() > JwtIssuer::MAX_TOKEN_BYTES);
    assert!(issuer().verify(&fits, NOW).is_ok());
    assert_invalid(&beyond);
}
