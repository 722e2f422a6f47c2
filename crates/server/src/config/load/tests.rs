use std::ffi::OsString;
use std::net::SocketAddr;

use storage_hub_adapter_http::RateLimits;

use super::super::validate::check_traces;
use super::super::{KEYS, StoreKind};
use super::*;

fn overrides(values: &[(&str, &str)]) -> Overrides {
    let values = values.iter().map(|(key, value)| ("--set", (*key).to_owned(), Zeroizing::new((*value).to_owned())));
    Overrides { file: None, values: values.collect() }
}

fn with(values: &[(&str, &str)]) -> Result<Config, ConfigError> {
    load(&overrides(values)).map(|loaded| loaded.config)
}

fn message(values: &[(&str, &str)]) -> String {
    with(values).unwrap_err().to_string()
}

fn from_file(text: &str) -> Result<Config, ConfigError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hub.toml");
    fs::write(&path, text).unwrap();
    load(&Overrides { file: Some(path), values: Vec::new() }).map(|loaded| loaded.config)
}

fn variables(pairs: &[(&str, &str)]) -> impl Iterator<Item = (OsString, OsString)> {
    let pairs: Vec<_> = pairs.iter().map(|(name, value)| (OsString::from(name), OsString::from(value))).collect();
    pairs.into_iter()
}

#[test]
fn the_defaults_are_the_embedded_store_on_loopback() {
    let config = with(&[]).unwrap();
    assert_eq!(config.store.kind, StoreKind::Embedded);
    assert_eq!(config.api.listen.to_string(), "127.0.0.1:3000");
    assert_eq!(config.s3.listen.to_string(), "127.0.0.1:9000");
    assert!(config.data_dir.is_absolute());
}

#[test]
fn an_unknown_key_is_refused_with_its_source_and_the_nearest_key() {
    for (key, wanted) in [
        ("s3.regoin", "s3.regoin (--set): there is no such key; did you mean s3.region?"),
        ("S3.Region", "S3.Region (--set): there is no such key; did you mean s3.region?"),
        ("region", "region (--set): there is no such key; did you mean s3.region?"),
        ("datadir", "datadir (--set): there is no such key; did you mean data_dir?"),
        ("log.colour", "log.colour (--set): there is no such key; log has format, level"),
    ] {
        assert_eq!(message(&[(key, "hunter22")]), wanted);
    }
    let message = message(&[("nothing.like.it", "hunter22")]);
    assert!(message.contains("sections api, s3, database, store") && !message.contains("hunter22"), "{message}");
    let error = from_file("[api]\n\nlisen = \"127.0.0.1:1\"\n").unwrap_err().to_string();
    assert!(error.ends_with("hub.toml, line 3): there is no such key; did you mean api.listen?"), "{error}");
    assert!(error.starts_with("api.lisen ("), "{error}");
}

#[test]
fn a_wrong_value_is_refused_with_its_source_and_the_expected_form() {
    for (key, value, wanted) in [
        (
            "api.listen",
            "nowhere",
            "api.listen (--set): must be an IP address and a port, such as 127.0.0.1:3000, got `nowhere`",
        ),
        ("api.workers", "-1", "api.workers (--set): must be a whole number, got `-1`"),
        ("api.docs", "yes", "api.docs (--set): must be true or false, got `yes`"),
        ("store.kind", "gcs", "store.kind (--set): must be embedded, gateway or minio, got `gcs`"),
        (
            "api.proxy_header",
            "x-real-ip",
            "api.proxy_header (--set): must be x-forwarded-for or forwarded, got `x-real-ip`",
        ),
        (
            "api.trusted_proxies",
            "10.0.0.0/40",
            "api.trusted_proxies (--set): must be a network, such as 10.0.0.0/8, got `10.0.0.0/40`",
        ),
        ("auth.bcrypt_cost", "3", "auth.bcrypt_cost (--set): must be from 4 to 31, got 3"),
        (
            "reconcile.interval_seconds",
            "0",
            "reconcile.interval_seconds (--set): must be from 1 to 86400 (a day), got 0",
        ),
    ] {
        assert_eq!(message(&[(key, value)]), wanted);
    }
    let error = from_file("[api.listen]\nport = 3000\n").unwrap_err().to_string();
    assert!(error.ends_with("got a table"), "{error}");
    let error = from_file("s3 = 9000\n").unwrap_err().to_string();
    assert!(error.contains("there is no such key; s3 has listen"), "{error}");
    assert!(from_file("[s3]\n").is_ok());
}

#[test]
fn an_address_is_accepted_with_localhost_and_explained_without_a_host() {
    let listen = |text: &str| with(&[("api.listen", text)]).map(|config| config.api.listen);
    assert_eq!(listen("localhost:3131").unwrap(), SocketAddr::from(([127, 0, 0, 1], 3131)));
    assert_eq!(listen("[::1]:3131").unwrap().to_string(), "[::1]:3131");
    for text in ["3131", ":3131", "*:3131"] {
        let message = listen(text).unwrap_err().to_string();
        assert!(message.contains("use 127.0.0.1:3131") && message.contains("0.0.0.0:3131"), "{message}");
    }
    assert!(from_file("[api]\nlisten = 3131\n").unwrap_err().to_string().contains("0.0.0.0:3131"));
}

#[test]
fn a_list_is_accepted_in_every_usual_form() {
    let (one, both) = (["http://a"].as_slice(), ["http://a", "http://b"].as_slice());
    for (text, wanted) in [
        ("http://a", one),
        ("[\"http://a\"]", one),
        ("[ 'http://a', \"http://b\" ]", both),
        ("[http://a,http://b]", both),
        ("http://a, http://b", both),
        ("[]", &[]),
        ("", &[]),
    ] {
        assert_eq!(with(&[("api.cors_origins", text)]).unwrap().api.cors_origins, wanted, "{text}");
    }
    assert_eq!(from_file("api.cors_origins = \"http://a\"").unwrap().api.cors_origins, one);
    assert_eq!(from_file("api.cors_origins = [\"http://a\", \"http://b\"]").unwrap().api.cors_origins, both);
    let proxies = with(&[("api.trusted_proxies", "10.0.0.0/8,192.0.2.1")]).unwrap().api.trusted_proxies;
    assert_eq!(proxies, ["10.0.0.0/8".parse().unwrap(), "192.0.2.1/32".parse().unwrap()]);
    assert!(message(&[("api.cors_origins", "http://a/")]).ends_with("use http://a"));
}

#[test]
fn a_region_with_which_no_client_can_sign_is_refused() {
    for region in ["", "Region1", "EU", "us_east", "garage.1", "a b"] {
        assert!(message(&[("s3.region", region)]).starts_with("s3.region (--set): must contain only a-z"), "{region}");
    }
    assert!(with(&[("s3.region", "eu-central-1")]).is_ok());
}

#[test]
fn what_a_server_would_refuse_is_refused_at_once() {
    for (key, value) in [
        ("auth.jwt_secret", "short"),
        ("auth.vault_key", "zz"),
        ("admin.email", "nope"),
        ("admin.password", "short"),
        ("store.access_key", "x y"),
        ("store.secret_key", "short"),
        ("store.policy_prefix", "a.b"),
        ("store.endpoint", "minio:9000"),
        ("store.name_reservation_seconds", "31536001"),
        ("store.region", "EU"),
        ("store.bucket_prefix", "-hub"),
        ("store.bucket_prefix", "Hub-"),
        ("store.bucket_prefix", "abcdefghijklmnopqrstuvwxyz123456"),
        ("store.timeout_seconds", "0"),
        ("store.timeout_seconds", "301"),
        ("s3.public_url", "foo"),
        ("api.public_url", "https://example.com/hub"),
        ("s3.domain", "s3.example.com:9000"),
        ("traces.otlp_endpoint", "127.0.0.1:4318"),
        ("log.level", "verbose"),
        ("database.url", "mysql://h/d"),
    ] {
        let message = message(&[(key, value)]);
        assert!(message.starts_with(&format!("{key} (--set): ")), "{message}");
    }
}

#[test]
fn the_embedded_store_on_postgresql_is_refused_with_the_reason() {
    assert!(message(&[("database.url", "postgres://h/d")]).contains("replicas"));
}

#[test]
fn postgresql_goes_with_the_gateway_and_with_minio() {
    for kind in ["gateway", "minio"] {
        let values = [
            ("database.url", "postgres://h/d"),
            ("store.kind", kind),
            ("store.endpoint", "http://h:3900"),
            ("store.access_key", "hub"),
            ("store.secret_key", "12345678"),
        ];
        assert!(with(&values).is_ok(), "{kind}");
    }
}

#[test]
fn a_gateway_without_its_key_is_refused() {
    let mut values = vec![("store.kind", "gateway"), ("store.endpoint", "http://h:3900"), ("store.access_key", "hub")];
    assert_eq!(message(&values), "store.secret_key: is required when store.kind is gateway");
    values.push(("store.secret_key", "12345678"));
    assert_eq!(with(&values).unwrap().s3_public_url(), "http://127.0.0.1:9000", "clients never reach the service");
}

#[test]
fn a_certificate_without_its_key_is_refused() {
    assert_eq!(message(&[("api.tls_cert_file", "c.pem")]), "api.tls_cert_file (--set): needs api.tls_key_file too");
    assert_eq!(message(&[("s3.tls_key_file", "k.pem")]), "s3.tls_key_file (--set): needs s3.tls_cert_file too");
}

#[test]
fn limits_can_be_set_and_switched_off() {
    let config = with(&[("limits.attempts_per_minute", "7")]).unwrap();
    assert_eq!(config.limits.rates().attempts_per_minute, 7);
    assert_eq!(with(&[("limits.enabled", "false")]).unwrap().limits.rates(), RateLimits::OFF);
}

#[test]
fn traces_are_refused_by_a_build_that_cannot_send_them() {
    let endpoint = "http://127.0.0.1:4318";
    assert!(check_traces(Some(endpoint), false).unwrap_err().1.contains("--features otlp"));
    assert!(check_traces(Some(endpoint), true).is_ok());
    assert!(check_traces(None, false).is_ok());
    assert_eq!(with(&[("traces.otlp_endpoint", endpoint)]).is_ok(), cfg!(feature = "otlp"));
}

#[test]
fn minio_without_its_key_is_refused() {
    let mut values = vec![("store.kind", "minio"), ("store.endpoint", "http://h:9000"), ("store.access_key", "root")];
    assert_eq!(message(&values), "store.secret_key: is required when store.kind is minio");
    values.push(("store.secret_key", "12345678"));
    assert_eq!(with(&values).unwrap().s3_public_url(), "http://h:9000");
}

#[test]
fn a_secret_comes_from_a_file_without_its_line_break_and_is_masked() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    fs::write(&file, "hunter22hunter22\n").unwrap();
    let path = file.to_str().unwrap();
    let config = with(&[("admin.password_file", path)]).unwrap();
    assert_eq!(config.admin.password.as_ref().unwrap().expose(), "hunter22hunter22");
    assert!(!format!("{config:?}").contains("hunter22"));
    assert!(KEYS.iter().filter_map(|key| (key.show)(&config)).all(|value| !value.contains("hunter22")));
    assert!(message(&[("admin.password_file", path), ("admin.password", "x")]).contains("both"));
    assert!(message(&[("admin.password_file", "/nowhere/at/all")]).contains("/nowhere/at/all"));
    fs::write(&file, "short\n").unwrap();
    assert!(message(&[("admin.password_file", path)]).starts_with("admin.password (--set): "));
}

#[test]
fn scalars_of_a_file_are_what_is_written_there() {
    let config = from_file("admin.password = 0x1234_5678\nstore.access_key = 12345\napi.workers = 1_000\n").unwrap();
    assert_eq!(config.admin.password.unwrap().expose(), "0x1234_5678");
    assert_eq!(config.store.access_key.unwrap(), "12345");
    assert_eq!(config.api.workers, 1000);
    assert_eq!(from_file("\u{feff}[s3]\r\nregion = 'eu'\r\n").unwrap().s3.region, "eu");
}

#[test]
fn a_file_that_cannot_be_used_is_told_from_one_that_does_not_exist() {
    let folder = tempfile::tempdir().unwrap();
    let error = |path: &Path| load(&Overrides { file: Some(path.to_owned()), values: Vec::new() }).unwrap_err();
    let message = error(folder.path()).to_string();
    assert!(message.contains("is a folder") && message.contains("/storage-hub.toml"), "{message}");
    assert!(error(&folder.path().join("none.toml")).to_string().contains("does not exist"));
    let file = folder.path().join("hub.toml");
    fs::write(&file, [0xff]).unwrap();
    assert!(error(&file).to_string().ends_with("hub.toml cannot be read"));
    let error = from_file("[admin]\n\npassword = hunter22\n").unwrap_err().to_string();
    assert!(error.contains("line 3") && !error.contains("hunter22"), "{error}");
}

#[test]
fn kubernetes_service_links_are_ignored_and_near_misses_are_named() {
    let (assignments, warnings) = environment(variables(&[
        ("STORAGE_HUB_PORT", "tcp://10.0.0.1:3000"),
        ("STORAGE_HUB_SERVICE_HOST", "10.0.0.1"),
        ("STORAGE_HUB_SERVICE_PORT_API", "3000"),
        ("STORAGE_HUB_PORT_3000_TCP_ADDR", "10.0.0.1"),
        ("STORAGE_HUB_S3_PORT", "tcp://10.0.0.2:9000"),
        ("STORAGE_HUB_API_SERVICE_PORT", "3000"),
        ("STORAGE_HUB_TEST_API__LISTEN", "x"),
        ("STORAGE_HUB_TEST_DATA_DIRS", "x"),
        ("STORAGE_HUB_API_LISTEN", "127.0.0.1:1"),
        ("STORAGE_HUB_DATADIR", "/data"),
        ("storage_hub_s3__listen", "127.0.0.1:2"),
        ("STORAGE_HUB_DATA_DIR", "/data"),
        ("OTHER", "x"),
    ]))
    .unwrap();
    let keys: Vec<_> = assignments.iter().map(|assignment| assignment.name.as_str()).collect();
    assert_eq!(keys, ["data_dir", "s3.listen"]);
    let [first, second] = warnings.as_slice() else { panic!("{warnings:?}") };
    assert!(first.contains("STORAGE_HUB_API_LISTEN") && first.ends_with("STORAGE_HUB_API__LISTEN?"), "{first}");
    assert!(second.contains("STORAGE_HUB_DATADIR") && second.ends_with("STORAGE_HUB_DATA_DIR?"), "{second}");
}

#[test]
fn an_environment_variable_is_named_with_the_one_that_was_meant() {
    let (assignments, _) = environment(variables(&[("STORAGE_HUB_S3__REGOIN", "x")])).unwrap();
    let Assignment { name, at, .. } = assignments.into_iter().next().unwrap();
    let hint = suggestion::hint(&name, &at);
    let message = ConfigError::UnknownKey { key: name, at, hint }.to_string();
    let wanted = "s3.regoin (environment variable STORAGE_HUB_S3__REGOIN): there is no such key; did you mean \
                  STORAGE_HUB_S3__REGION?";
    assert_eq!(message, wanted);
}

#[test]
fn an_unspecified_address_is_warned_about() {
    let loaded = load(&overrides(&[("s3.listen", "0.0.0.0:9000"), ("api.listen", "0.0.0.0:3000")])).unwrap();
    let [api, s3] = loaded.warnings.as_slice() else { panic!("{:?}", loaded.warnings) };
    assert!(api.contains("set api.public_url") && s3.contains("http://localhost:9000"), "{api} {s3}");
}

/// The README is what operators read, so it must list every key with its default, and no other key.
#[test]
fn the_readme_lists_every_key_with_its_default() {
    let readme = include_str!("../../../../../README.md");
    let (_, section) = readme.split_once("\n## Configuration\n").unwrap();
    let (section, _) = section.split_once("\n## ").unwrap();
    let mut listed = Vec::new();
    for row in section.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<_> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [names, default, ..] = cells.as_slice() else { panic!("{row}") };
        let mut names: Vec<String> = code_spans(names).map(str::to_owned).collect();
        let literals: Vec<&str> = code_spans(default).collect();
        let literal = !default.contains(' ') || default.split(", ").all(|part| part.starts_with('`'));
        if let Some(at) = names.iter().position(|name| name == "_file") {
            let of = names[at - 1].clone();
            names[at] = format!("{of}_file");
        }
        for (position, name) in names.into_iter().enumerate() {
            let value = literals.get(position).or(literals.first()).filter(|_| literal && !literals.is_empty());
            listed.push((name, value.map(|value| (*value).to_owned())));
        }
    }
    let config = Config::default();
    for key in KEYS {
        let found: Vec<_> = listed.iter().filter(|(name, _)| name == key.name).collect();
        let [(_, default)] = found.as_slice() else { panic!("{} has {} rows in the README", key.name, found.len()) };
        let shown = (key.show)(&config).map(|literal| literal.trim_matches('"').to_owned());
        match (shown, default) {
            (Some(shown), Some(default)) => assert_eq!(*default, shown, "{}", key.name),
            (None, Some(default)) => panic!("{} has no default, the README says {default}", key.name),
            (Some(shown), None) => panic!("the default of {} is {shown}, the README does not say so", key.name),
            (None, None) => {}
        }
    }
    for (name, _) in listed {
        assert!(keys::find(&name).is_some(), "{name} of the README is not a key");
    }
}

fn code_spans(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}
