use std::sync::Arc;
use std::time::Duration;

use futures::executor::block_on;
use storage_hub_core::context::Settings;
use storage_hub_core::domain::{Email, PasswordHash, UserRecord};
use storage_hub_core::ports::StoreError;
use storage_hub_core::testing::StoreCall;
use storage_hub_core::use_cases::accounts::{self, AccountError, ChangePassword, LogIn, SignUp};
use storage_hub_core::use_cases::administration;
use storage_hub_core::use_cases::fault::Fault;
use storage_hub_core::use_cases::session::{SessionError, read_token};

use crate::hub::{Hub, PASSWORD, email, password};

#[test]
fn a_new_user_has_a_principal_that_may_do_nothing_yet() {
    let hub = Hub::new();
    let user = hub.user("ann");
    let key = hub.credentials(&hub.session("ann"));
    assert_eq!(key.access_key, user.access_key);
    let accepted = block_on(storage_hub_core::ports::PrincipalStore::accepts(hub.store.as_ref(), &key));
    assert!(accepted.unwrap());
    assert!(!hub.store_lets_put(&key, "any-bucket"));
    assert!(!hub.store_allows(&key, "s3:ListAllMyBuckets", "arn:aws:s3:::*"));
}

#[test]
fn an_email_is_taken_once_whatever_its_case_and_its_password() {
    let hub = Hub::new();
    hub.user("ann");
    assert!(matches!(hub.sign_up("ANN"), Err(AccountError::EmailTaken)));
    assert!(matches!(hub.sign_up_with("ann", "another password"), Err(AccountError::EmailTaken)));
}

#[test]
fn an_unanswered_sign_up_can_be_repeated_with_the_same_password_only() {
    let hub = Hub::new();
    let first = hub.sign_up("ann").unwrap();
    assert!(matches!(hub.sign_up_with("ann", "another password"), Err(AccountError::EmailTaken)));
    assert_eq!(hub.sign_up("ann").unwrap(), first);
}

#[test]
fn a_sign_up_with_the_store_away_is_finished_by_its_repeat() {
    let hub = Hub::new();
    hub.store.set_available(false);
    let error = hub.sign_up("ann").unwrap_err();
    assert!(
        matches!(&error, AccountError::Fault(fault @ Fault::Store(StoreError::Unavailable(_))) if fault.is_temporary())
    );
    hub.store.set_available(true);
    let user = hub.sign_up("ann").unwrap();
    let state = block_on(storage_hub_core::ports::PrincipalStore::find_principal(hub.store.as_ref(), &user.access_key));
    assert_eq!(state.unwrap().unwrap().policies.len(), 1);
}

#[test]
fn a_principal_is_not_created_before_it_has_a_policy() {
    let hub = Hub::new();
    hub.store.fail_next_of(StoreCall::PutPolicy, 1);
    let error = hub.sign_up("ann").unwrap_err();
    assert!(matches!(&error, AccountError::Fault(_)), "{error:?}");
    let user = block_on(administration::disable(&hub.ports, &email("ann"))).unwrap();
    let find = || {
        let store = hub.store.as_ref();
        block_on(storage_hub_core::ports::PrincipalStore::find_principal(store, &user.access_key)).unwrap()
    };
    assert_eq!(find(), None, "it would have none");
    hub.clock.advance(Duration::from_secs(60));
    // The shard's task enqueues the principal's.
    for _ in 0..2 {
        block_on(storage_hub_core::use_cases::reconcile::run_due(&hub.ports)).unwrap();
    }
    let state = find().unwrap();
    assert!(!state.enabled && state.policies.len() == 1, "{state:?}");
}

#[test]
fn nobody_signs_up_where_sign_up_is_closed_but_administrators_add_accounts() {
    let mut hub = Hub::new();
    hub.user("ann");
    hub.ports.settings = Arc::new(Settings { sign_up_open: false, ..(*hub.ports.settings).clone() });
    assert!(matches!(hub.sign_up("bob"), Err(AccountError::SignUpClosed)));
    assert!(hub.log_in("ann", PASSWORD).is_ok());
    let command = SignUp { email: email("bob"), password: password(PASSWORD) };
    block_on(administration::add_user(&hub.ports, command)).unwrap();
    assert!(hub.log_in("bob", PASSWORD).is_ok());
}

#[test]
fn one_mailbox_has_one_account_however_its_domain_is_spelled() {
    let hub = Hub::new();
    let email = |text: &str| Email::parse(text).unwrap();
    let sign_up = |text: &str| {
        block_on(accounts::sign_up(&hub.ports, SignUp { email: email(text), password: password("another password") }))
    };
    let made = sign_up("x@bücher.example").unwrap();
    block_on(accounts::mark_sign_up_answered(&hub.ports, made.id)).unwrap();
    assert!(matches!(sign_up("x@xn--bcher-kva.example"), Err(AccountError::EmailTaken)));
    let command = LogIn { email: email("X@XN--BCHER-KVA.example"), password: Some(password("another password")) };
    let logged_in = block_on(accounts::log_in(&hub.ports, command)).unwrap();
    assert_eq!(logged_in.user.email.as_str(), "x@bücher.example");
}

#[test]
fn a_password_is_the_same_however_its_letters_are_composed() {
    let hub = Hub::new();
    hub.sign_up_with("ann", "contraseña").unwrap();
    assert!(hub.log_in("ann", "contrasen\u{303}a").is_ok());
    assert!(hub.log_in("ann", "contraseña").is_ok());
    assert!(matches!(hub.log_in("ann", "contrasena"), Err(AccountError::InvalidCredentials)));
}

#[test]
fn a_hash_of_the_bytes_as_sent_works_and_is_renewed_by_a_login() {
    let hub = Hub::new();
    let user = hub.user("ann");
    // As a version that did not compose passwords left it.
    let old = PasswordHash::new("plain:7:contrasen\u{303}a".to_owned());
    let stored = || block_on(hub.ports.directory.find_record(user.id)).unwrap().unwrap();
    let record = UserRecord { password_hash: old, ..stored() };
    block_on(async {
        let mut transaction = hub.ports.unit_of_work.begin().await.unwrap();
        transaction.users().update(&record).await.unwrap();
        transaction.commit().await.unwrap();
    });
    let before = hub.log_in("ann", "contrasen\u{303}a").unwrap();
    assert!(stored().password_hash.as_str().ends_with(":contraseña"), "{:?}", stored().password_hash.as_str());
    assert!(hub.log_in("ann", "contraseña").is_ok());
    assert!(block_on(accounts::get_me(&hub.ports, &before.into())).is_ok(), "renewing a hash ends no session");
}

#[test]
fn what_nobody_could_have_chosen_opens_no_account() {
    let hub = Hub::new();
    // A password that cannot be parsed arrives as `None`.
    hub.sign_up_with("ann", "of nobody").unwrap();
    let refused = block_on(accounts::log_in(&hub.ports, LogIn { email: email("ann"), password: None }));
    assert!(matches!(refused, Err(AccountError::InvalidCredentials)));
}

#[test]
fn a_login_needs_the_right_password_of_an_account_that_is_enabled() {
    let hub = Hub::new();
    hub.user("ann");
    assert!(hub.log_in("ann", PASSWORD).is_ok());
    assert!(matches!(hub.log_in("ann", "wrong password"), Err(AccountError::InvalidCredentials)));
    assert!(matches!(hub.log_in("bob", PASSWORD), Err(AccountError::InvalidCredentials)));
    block_on(administration::disable(&hub.ports, &email("ann"))).unwrap();
    assert!(matches!(hub.log_in("ann", PASSWORD), Err(AccountError::Disabled)));
    assert!(matches!(hub.log_in("ann", "wrong password"), Err(AccountError::InvalidCredentials)));
}

#[test]
fn a_token_ends_with_its_time() {
    let hub = Hub::new();
    hub.user("ann");
    let command = accounts::LogIn { email: email("ann"), password: Some(password(PASSWORD)) };
    let token = block_on(accounts::log_in(&hub.ports, command)).unwrap().token;
    assert!(read_token(&hub.ports, token.expose()).is_ok());
    hub.clock.advance(Duration::from_secs(3601));
    assert_eq!(read_token(&hub.ports, token.expose()), Err(SessionError::ExpiredToken));
    assert_eq!(read_token(&hub.ports, "another"), Err(SessionError::InvalidToken));
}

#[test]
fn a_rotation_ends_the_old_secret_and_the_sessions_made_with_it() {
    let hub = Hub::new();
    let user = hub.user("ann");
    let session = hub.session("ann");
    hub.bucket(&session, "photos");
    let old = hub.credentials(&session);
    let revoked = hub.store.sessions_revoked(user.access_key.as_str());

    let new = block_on(accounts::rotate_credentials(&hub.ports, &session)).unwrap().credentials;
    assert_eq!(new.access_key, old.access_key);
    assert!(hub.store_lets_put(&new, "photos"));
    assert!(!hub.store_lets_put(&old, "photos"));
    assert_eq!(hub.credentials(&session), new);
    assert_eq!(hub.store.sessions_revoked(user.access_key.as_str()), revoked + 1);

    block_on(administration::promote(&hub.ports, &email("ann"))).unwrap();
    assert_eq!(hub.store.sessions_revoked(user.access_key.as_str()), revoked + 1, "sessions are ended once");
}

#[test]
fn a_rotation_with_the_store_away_is_written_down_and_followed_later() {
    let hub = Hub::new();
    hub.user("ann");
    let session = hub.session("ann");
    hub.bucket(&session, "photos");
    let old = hub.credentials(&session);
    hub.store.fail_next_of(StoreCall::PutPrincipal, 1);
    assert!(matches!(
        block_on(accounts::rotate_credentials(&hub.ports, &session)),
        Err(AccountError::Fault(Fault::Store(StoreError::Unavailable(_))))
    ));
    let new = hub.credentials(&session);
    assert_ne!(new, old);
    hub.clock.advance(Duration::from_secs(60));
    block_on(storage_hub_core::use_cases::reconcile::run_due(&hub.ports)).unwrap();
    assert!(hub.store_lets_put(&new, "photos"));
    assert!(!hub.store_lets_put(&old, "photos"));
}

#[test]
fn a_rotation_does_not_revive_a_disabled_user() {
    let hub = Hub::new();
    hub.user("ann");
    let session = hub.session("ann");
    hub.bucket(&session, "photos");
    let key = hub.credentials(&session);
    block_on(administration::disable(&hub.ports, &email("ann"))).unwrap();
    assert!(matches!(
        block_on(accounts::rotate_credentials(&hub.ports, &session)),
        Err(AccountError::Session(SessionError::Disabled))
    ));
    assert!(!hub.store_lets_put(&key, "photos"));
}

#[test]
fn a_password_change_ends_every_token_and_needs_the_current_password() {
    let hub = Hub::new();
    hub.user("ann");
    let (one, other) = (hub.session("ann"), hub.session("ann"));
    let wrong = ChangePassword { current: Some(password("wrong password")), new: password("new password") };
    assert!(matches!(
        block_on(accounts::change_password(&hub.ports, &one, wrong)),
        Err(AccountError::InvalidCredentials)
    ));
    let right = ChangePassword { current: Some(password(PASSWORD)), new: password("new password") };
    let token = block_on(accounts::change_password(&hub.ports, &one, right)).unwrap();
    for old in [one, other] {
        let refused = block_on(accounts::get_me(&hub.ports, &old.into()));
        assert!(matches!(refused, Err(AccountError::Session(SessionError::Ended))));
    }
    let new = read_token(&hub.ports, token.expose()).unwrap();
    assert_eq!(block_on(accounts::get_me(&hub.ports, &new.into())).unwrap().email, email("ann"));
    assert!(matches!(hub.log_in("ann", PASSWORD), Err(AccountError::InvalidCredentials)));
    assert!(hub.log_in("ann", "new password").is_ok());
}
