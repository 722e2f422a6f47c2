use futures::executor::block_on;
use storage_hub_core::use_cases::accounts::{self, AccountError, SignUp};
use storage_hub_core::use_cases::administration::{self, AdministrationError};
use storage_hub_core::use_cases::session::SessionError;

use crate::hub::{Hub, PASSWORD, email, password};

#[test]
fn the_first_start_is_over_with_the_first_account() {
    let hub = Hub::new();
    assert!(block_on(administration::is_first_start(&hub.ports)).unwrap());
    let command = SignUp { email: email("root"), password: password(PASSWORD) };
    assert!(block_on(administration::create_admin(&hub.ports, command.clone())).unwrap().is_admin());
    assert!(!block_on(administration::is_first_start(&hub.ports)).unwrap());
    let again = block_on(administration::create_admin(&hub.ports, command));
    assert!(matches!(again, Err(AdministrationError::EmailTaken(_))));
}

#[test]
fn an_admin_reaches_every_bucket_of_the_store_but_not_what_the_hub_keeps() {
    let hub = Hub::new();
    hub.user("ann");
    let key = hub.credentials(&hub.session("ann"));
    assert!(!hub.store_lets_put(&key, "not-of-the-hub"));
    block_on(administration::promote(&hub.ports, &email("ann"))).unwrap();
    assert!(hub.store_lets_put(&key, "not-of-the-hub"));
    for (action, resource) in [
        ("s3:CreateBucket", "arn:aws:s3:::new"),
        ("s3:DeleteBucket", "arn:aws:s3:::not-of-the-hub"),
        ("s3:PutBucketPolicy", "arn:aws:s3:::not-of-the-hub"),
        ("admin:CreateUser", ""),
        ("admin:CreateServiceAccount", ""),
    ] {
        assert!(!hub.store_allows(&key, action, resource), "{action}");
    }
}

#[test]
fn a_disabled_user_is_out_everywhere_and_comes_back_with_a_new_login() {
    let hub = Hub::new();
    hub.user("ann");
    let session = hub.session("ann");
    hub.bucket(&session, "photos");
    let key = hub.credentials(&session);

    block_on(administration::disable(&hub.ports, &email("ann"))).unwrap();
    assert!(!hub.store_lets_put(&key, "photos"));
    let refused = block_on(accounts::get_me(&hub.ports, &session.into()));
    assert!(matches!(refused, Err(AccountError::Session(SessionError::Disabled))));

    block_on(administration::enable(&hub.ports, &email("ann"))).unwrap();
    assert!(hub.store_lets_put(&key, "photos"));
    let refused = block_on(accounts::get_me(&hub.ports, &session.into()));
    assert!(matches!(refused, Err(AccountError::Session(SessionError::Ended))));
    assert!(block_on(accounts::get_me(&hub.ports, &hub.session("ann").into())).is_ok());
}

#[test]
fn a_reset_password_replaces_the_old_one_and_ends_the_tokens() {
    let hub = Hub::new();
    hub.user("ann");
    let session = hub.session("ann");
    block_on(administration::reset_password(&hub.ports, &email("ann"), &password("new password"))).unwrap();
    assert!(matches!(hub.log_in("ann", PASSWORD), Err(AccountError::InvalidCredentials)));
    assert!(hub.log_in("ann", "new password").is_ok());
    assert!(block_on(accounts::get_me(&hub.ports, &session.into())).is_err());
}

#[test]
fn an_unknown_email_is_named() {
    let hub = Hub::new();
    let error = block_on(administration::promote(&hub.ports, &email("nobody"))).unwrap_err();
    assert!(error.to_string().contains("nobody@example.com"));
}

#[test]
fn the_last_enabled_administrator_stays() {
    let hub = Hub::new();
    for who in ["ann", "bob", "eve"] {
        hub.user(who);
    }
    let ports = &hub.ports;
    block_on(administration::promote(ports, &email("ann"))).unwrap();
    block_on(administration::promote(ports, &email("bob"))).unwrap();
    block_on(administration::disable(ports, &email("bob"))).unwrap();
    for refused in [
        block_on(administration::demote(ports, &email("ann"))),
        block_on(administration::disable(ports, &email("ann"))),
    ] {
        assert!(matches!(refused, Err(AdministrationError::LastAdministrator(_))), "{refused:?}");
    }
    assert!(block_on(administration::demote(ports, &email("eve"))).is_ok());
    block_on(administration::disable(ports, &email("eve"))).unwrap();

    block_on(administration::enable(ports, &email("bob"))).unwrap();
    assert!(!block_on(administration::demote(ports, &email("ann"))).unwrap().is_admin());
    let refused = block_on(administration::demote(ports, &email("bob")));
    assert!(matches!(refused, Err(AdministrationError::LastAdministrator(_))), "{refused:?}");
}
