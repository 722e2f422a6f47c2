//! Forged tokens, sent to the real server.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

use crate::hub::{Backend, Hub};

const SECRET: &str = "the secret that signs the tokens of this test";

fn sign(algorithm: Algorithm, claims: &Value, secret: &str) -> String {
    encode(&Header::new(algorithm), claims, &EncodingKey::from_secret(secret.as_bytes())).expect("a token")
}

fn part(json: &Value) -> String {
    URL_SAFE_NO_PAD.encode(json.to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn no_token_but_the_servers_own_opens_anything() {
    let Some(hub) = Hub::start_with(Backend::SqliteEmbedded, &[("auth.jwt_secret", SECRET)]).await else { return };
    let person = hub.sign_up("test@example.com").await;
    let honest = person.api.token.clone().expect("a token");
    let [header, payload, signature] = honest.split('.').collect::<Vec<_>>().try_into().expect("three parts");
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).expect("base64")).expect("claims");
    let with = |name: &str, value: Value| {
        let mut changed = claims.clone();
        changed[name] = value;
        changed
    };
    // Proves that the table can fail: a token with the right signature is accepted.
    let own = sign(Algorithm::HS256, &claims, SECRET);
    hub.api.with_token(&own).get("/api/users/me").await.expect(200);

    let past = claims["iat"].as_i64().expect("seconds") - 10;
    let mut expired = with("exp", json!(past));
    expired["iat"] = json!(past - 60);
    let table = [
        ("no algorithm", format!("{}.{payload}.", part(&json!({"alg": "none", "typ": "JWT"})))),
        ("no algorithm, signed", format!("{}.{payload}.{signature}", part(&json!({"alg": "none"})))),
        ("no signature", format!("{header}.{payload}.")),
        ("another key", sign(Algorithm::HS256, &claims, "another secret that signs nothing here")),
        ("an empty key", sign(Algorithm::HS256, &claims, "")),
        ("HS384", sign(Algorithm::HS384, &claims, SECRET)),
        ("HS512", sign(Algorithm::HS512, &claims, SECRET)),
        ("RS256 in name", format!("{}.{payload}.{signature}", part(&json!({"alg": "RS256", "typ": "JWT"})))),
        ("another user", format!("{header}.{}.{signature}", part(&with("sub", json!(uuid::Uuid::nil()))))),
        ("a user that is not", sign(Algorithm::HS256, &with("sub", json!(uuid::Uuid::nil())), SECRET)),
        ("another issuer", sign(Algorithm::HS256, &with("iss", json!("somebody")), SECRET)),
        ("another audience", sign(Algorithm::HS256, &with("aud", json!("something")), SECRET)),
        ("expired", sign(Algorithm::HS256, &expired, SECRET)),
        ("an epoch to come", sign(Algorithm::HS256, &with("epoch", json!(1_000_000)), SECRET)),
        ("no epoch", sign(Algorithm::HS256, &with("epoch", Value::Null), SECRET)),
        ("huge", sign(Algorithm::HS256, &with("padding", json!("x".repeat(16_000))), SECRET)),
        ("garbage", "garbage".to_owned()),
        ("dots", "..".to_owned()),
        ("no base64", "%.%.%".to_owned()),
        ("two tokens", format!("{honest} {honest}")),
    ];
    for (what, token) in table {
        for path in ["/api/users/me", "/api/users/me/credentials", "/api/buckets"] {
            let answer = hub.api.with_token(&token).get(path).await;
            assert_eq!(answer.status, 401, "{what}: {}", answer.body);
            assert_eq!(answer.body["success"], false, "{what}");
        }
    }
    hub.api.with_token(&honest).get("/api/users/me").await.expect(200);
}
