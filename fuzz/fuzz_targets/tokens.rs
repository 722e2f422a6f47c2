//! Tokens, keys and sealed secrets: only those that the hub made are accepted, and claims of any value obey their
//! rules.
#![no_main]

use std::sync::LazyLock;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;
use serde_json::json;
use sha2::Sha256;
use storage_hub_adapter_crypto::{AeadVault, JwtIssuer, JwtSecret, JwtSettings, VaultKey};
use storage_hub_core::domain::{SealedSecret, SecretKey, Timestamp, UserId};
use storage_hub_core::ports::{SecretVault as _, TokenIssuer as _};
use uuid::Uuid;

const KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1dfeff";
const SECRET: &str = "a secret of 32 bytes or of more than that";
const NOW: i64 = 1_800_000_000;

struct Made {
    issuer: JwtIssuer,
    token: String,
    vault: AeadVault,
    sealed: Vec<u8>,
}

static MADE: LazyLock<Made> = LazyLock::new(|| {
    let lifetime = Duration::from_secs(3600);
    let settings = JwtSettings { issuer: "hub".to_owned(), audience: "hub".to_owned(), lifetime };
    let issuer = JwtIssuer::new(settings, &JwtSecret::parse(SECRET).expect("a secret"));
    let token = issuer.issue(user(), 7, now()).expect("a token").expose().to_owned();
    let vault = AeadVault::new(&VaultKey::parse(KEY).expect("a key"));
    let sealed = vault.seal(user(), &SecretKey::parse("s3cr3t-s3cr3t").expect("a secret")).expect("sealed");
    Made { issuer, token, vault, sealed: sealed.as_bytes().to_vec() }
});

#[derive(Arbitrary, Debug)]
enum Input<'a> {
    Text(&'a str),
    Changed { at: u16, to: char, cut: Option<u16> },
    Claims { algorithm: &'a str, iat: i64, exp: i64, epoch: i64, issuer: Option<&'a str>, rest: &'a str },
    Key(&'a str),
    Sealed { at: u16, change: u8, other: bool },
}

fuzz_target!(|input: Input<'_>| match input {
    Input::Text(text) => assert!(MADE.issuer.verify(text, now()).is_err() || text == MADE.token),
    Input::Changed { at, to, cut } => {
        let mut changed: Vec<char> = MADE.token.chars().collect();
        let at = usize::from(at) % changed.len();
        changed[at] = to;
        changed.truncate(cut.map_or(usize::MAX, usize::from));
        let changed: String = changed.into_iter().collect();
        assert_eq!(MADE.issuer.verify(&changed, now()).is_ok(), changed == MADE.token, "{changed}");
    }
    Input::Claims { algorithm, iat, exp, epoch, issuer, rest } => {
        let claims = json!({
            "iss": issuer.unwrap_or("hub"), "aud": "hub", "sub": user().uuid(), "jti": Uuid::nil(),
            "iat": iat, "exp": exp, "epoch": epoch, "more": rest,
        });
        let algorithm = if algorithm.is_empty() { "HS256" } else { algorithm };
        let token = sign(&json!({ "alg": algorithm, "typ": "JWT" }), &claims);
        if let Ok(session) = MADE.issuer.verify(&token, now()) {
            assert!(algorithm == "HS256" && issuer.is_none_or(|issuer| issuer == "hub"));
            assert!(iat <= NOW + 60 && exp > NOW && exp >= iat && token.len() <= JwtIssuer::MAX_TOKEN_BYTES);
            assert_eq!((session.claimed_user, session.epoch), (user(), epoch));
        }
    }
    Input::Key(text) => {
        let Ok(key) = VaultKey::parse(text) else { return };
        assert_eq!(VaultKey::parse(text.trim()).expect("the same key").fingerprint(), key.fingerprint());
        assert!(!format!("{key:?}").contains(text.trim()));
    }
    Input::Sealed { at, change, other } => {
        let mut sealed = MADE.sealed.clone();
        let at = usize::from(at) % sealed.len();
        sealed[at] ^= change;
        let user = if other { UserId::new(Uuid::max()) } else { user() };
        let opened = MADE.vault.open(user, &SealedSecret::new(sealed));
        assert_eq!(opened.is_ok(), change == 0 && !other);
    }
});

fn sign(header: &serde_json::Value, claims: &serde_json::Value) -> String {
    let encode = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", encode(header), encode(claims));
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("any key");
    mac.update(signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

fn user() -> UserId {
    UserId::new(Uuid::from_u128(7))
}

fn now() -> Timestamp {
    Timestamp::from_millis(NOW * 1000)
}
