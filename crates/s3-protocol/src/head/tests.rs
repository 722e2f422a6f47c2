use http::Request;

use super::*;

fn parse(method: &str, uri: &str, lines: &[(&str, &[u8])]) -> S3Result<RequestHead> {
    let mut request = Request::builder().method(method).uri(uri);
    for (name, value) in lines {
        request = request.header(*name, HeaderValue::from_bytes(value).unwrap());
    }
    let hosts = VirtualHosts::new(["s3.example.com"]).unwrap();
    RequestHead::parse(&request.body(()).unwrap().into_parts().0, &hosts)
}

fn refusal(uri: &str, lines: &[(&str, &[u8])]) -> Option<ErrorCode> {
    parse("PUT", uri, lines).err().map(|error| error.code_of_sentence())
}

#[test]
fn a_header_that_can_be_read_in_two_ways_is_refused() {
    let repeated: &[&str] = &[
        "authorization",
        "cache-control",
        "content-disposition",
        "content-encoding",
        "content-language",
        "content-length",
        "content-md5",
        "content-type",
        "date",
        "expect",
        "expires",
        "host",
        "if-match",
        "if-modified-since",
        "if-none-match",
        "if-range",
        "if-unmodified-since",
        "origin",
        "range",
        "transfer-encoding",
        "x-amz-acl",
        "x-amz-date",
        "x-amz-metadata-directive",
        "x-amz-tagging",
        "x-amz-unknown",
    ];
    for name in repeated {
        assert_eq!(refusal("/b/k", &[(name, b"a")]), None, "{name}");
        assert_eq!(refusal("/b/k", &[(name, b"a"), (name, b"a")]), Some(ErrorCode::InvalidArgument), "{name}");
    }
    for name in ["authorization", "content-type", "host", "range", "x-amz-acl", "x-amz-copy-source", "content-md5"] {
        assert_eq!(refusal("/b/k", &[(name, "é".as_bytes())]), Some(ErrorCode::InvalidArgument), "{name}");
    }
    for name in ["x-amz-meta-a", "content-disposition", "cache-control", "content-language", "expires"] {
        assert_eq!(refusal("/b/k", &[(name, "é".as_bytes())]), None, "{name}");
        assert_eq!(refusal("/b/k", &[(name, b"\xff")]), Some(ErrorCode::InvalidArgument), "{name}");
    }
    assert_eq!(refusal("/b/k", &[("user-agent", b"\xff"), ("user-agent", b"a")]), None);
}

#[test]
fn blanks_that_signatures_do_not_cover_are_refused_or_dropped() {
    for value in ["/b/a  b", "/b/a\tb", "/b/a \tb"] {
        let refused = Some(ErrorCode::InvalidArgument);
        assert_eq!(refusal("/b/k", &[("x-amz-copy-source", value.as_bytes())]), refused, "{value}");
        for name in ["x-amz-meta-a", "x-amz-user-agent", "content-disposition", "user-agent"] {
            assert_eq!(refusal("/b/k", &[(name, value.as_bytes())]), None, "{name}");
        }
    }
    let head = parse("PUT", "/b/k", &[("x-amz-copy-source", b" /b/a b\t"), ("x-amz-meta-a", b" \xc3\xbc ")]).unwrap();
    assert_eq!((head.header("x-amz-copy-source"), head.header("x-amz-meta-a")), (Some("/b/a b"), Some("ü")));
}

#[test]
fn repeatable_headers_are_joined_in_the_order_received() {
    for name in ["x-amz-meta-colour", "x-amz-object-attributes", "x-amz-optional-object-attributes", "accept"] {
        let head = parse("PUT", "/b/k", &[(name, b"red"), ("x-amz-acl", b"private"), (name, b" Blue")]).unwrap();
        assert_eq!(head.header(name), Some("red,Blue"));
        assert_eq!(head.headers().get_all(name).iter().count(), 1);
    }
}

#[test]
fn cookies_are_dropped() {
    let head = parse("GET", "/b/k", &[("cookie", b"session=1"), ("cookie", b"b=2")]).unwrap();
    assert!(head.headers().is_empty());
}

#[test]
fn an_absolute_target_must_name_the_host() {
    let host = |uri: &str, lines: &[(&str, &[u8])]| parse("GET", uri, lines).map(|head| head.host().to_owned()).ok();
    assert_eq!(host("http://a:1/b/k", &[("host", b"A:1")]), Some("A:1".to_owned()));
    assert_eq!(host("http://a:1/b/k", &[]), Some("a:1".to_owned()));
    assert_eq!(host("/b/k", &[]), Some(String::new()));
    assert_eq!(host("http://other/b/k", &[("host", b"a")]), None);
    assert_eq!(host("http://user@a/b/k", &[("host", b"a")]), None);
    assert_eq!(parse("GET", "http://a/b", &[]).unwrap().header("host"), Some("a"));
}

#[test]
fn a_target_is_read_once_from_the_decoded_path() {
    let target = |uri: &str, host: &str| parse("GET", uri, &[("host", host.as_bytes())]).unwrap().target().clone();
    let object = |bucket: &str, key: &str| Target::Object { bucket: bucket.to_owned(), key: key.to_owned() };
    let bucket = |bucket: &str| Target::Bucket(bucket.to_owned());
    for (uri, expected) in [
        ("/", Target::Service),
        ("/b", bucket("b")),
        ("/b/", bucket("b")),
        ("/b/k", object("b", "k")),
        ("/b/k/", object("b", "k/")),
        ("/b//k", object("b", "/k")),
        ("/b/../c/k", object("b", "../c/k")),
        ("/b/%2e%2e/k", object("b", "../k")),
        ("/b%2Fk", object("b", "k")),
        ("/b/a+b%20%2B%C3%A9", object("b", "a+b +é")),
        ("/b/%00", object("b", "\0")),
        ("//k", object("", "k")),
    ] {
        assert_eq!(target(uri, "localhost"), expected, "{uri}");
    }
    assert_eq!(target("/", "b.s3.example.com:9000"), bucket("b"));
    assert_eq!(target("/k/l", "b.s3.example.com"), object("b", "k/l"));
    assert_eq!(target("/b/k", "s3.example.com"), object("b", "k"));
    for malformed in ["/b/%", "/b/%zz", "/b/%FF", "*"] {
        assert_eq!(refusal(malformed, &[]), Some(ErrorCode::InvalidURI), "{malformed}");
    }
}
