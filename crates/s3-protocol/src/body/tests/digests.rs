use super::*;

const BODY: &[u8] = b"123456789";
const LENGTH: (&str, &str) = ("content-length", "9");
const MD5: &str = "JfnnlDI7RTiF9RgfG2JNCw==";
/// Of that body, by each algorithm.
const CHECKSUMS: [(&str, &str); 5] = [
    ("x-amz-checksum-crc32", "y/Q5Jg=="),
    ("x-amz-checksum-crc32c", "4waSgw=="),
    ("x-amz-checksum-crc64nvme", "rosUhgp5mIg="),
    ("x-amz-checksum-sha1", "98O8HYCOBHMq32eZZczDTKeuNEE="),
    ("x-amz-checksum-sha256", "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU="),
];

fn plain(pairs: &[(&'static str, &str)]) -> Result<BodyDigests, ErrorCode> {
    receive(&[&[LENGTH], pairs].concat(), PayloadMode::Unsigned, BODY, 4)
        .map(|(_, digests)| digests)
        .map_err(|error| error.code_of_sentence())
}

#[test]
fn a_body_must_have_the_announced_length() {
    let with = |length, body| outcome(&[("content-length", length)], &PayloadMode::Unsigned, body);
    assert_eq!(with("9", BODY), Ok(BODY.to_vec()));
    assert_eq!(with("0", b""), Ok(Vec::new()));
    for wrong in ["8", "10", "0"] {
        assert_eq!(with(wrong, BODY), Err(ErrorCode::IncompleteBody), "{wrong}");
    }
    for malformed in ["-1", "+9", "9.0", "", "99999999999999999999"] {
        assert_eq!(with(malformed, BODY), Err(ErrorCode::InvalidArgument), "{malformed}");
    }
    let chunked = [("transfer-encoding", "chunked")];
    assert_eq!(outcome(&chunked, &PayloadMode::Unsigned, BODY), Err(ErrorCode::MissingContentLength));
    // Without either header there is no body.
    assert_eq!(outcome(&[], &PayloadMode::Unsigned, b""), Ok(Vec::new()));
}

#[test]
fn a_body_that_is_too_large_is_refused_before_it_is_read() {
    let refused = BodyVerifier::for_stream(&headers(&[LENGTH]), PayloadMode::Unsigned, 8);
    assert_eq!(refused.unwrap_err().code(), ErrorCode::EntityTooLarge);
    let chunked = headers(&[("x-amz-decoded-content-length", "9")]);
    let refused = BodyVerifier::for_stream(&chunked, PayloadMode::StreamingUnsignedTrailer, 8);
    assert_eq!(refused.unwrap_err().code(), ErrorCode::EntityTooLarge);
}

#[test]
fn a_wrong_or_malformed_content_md5_is_refused() {
    assert!(plain(&[("content-md5", MD5)]).is_ok());
    assert_eq!(plain(&[("content-md5", "AAAAAAAAAAAAAAAAAAAAAA==")]), Err(ErrorCode::BadDigest));
    for malformed in ["", "zzz", "AAAA", "JfnnlDI7RTiF9RgfG2JNCw"] {
        assert_eq!(plain(&[("content-md5", malformed)]), Err(ErrorCode::InvalidDigest), "{malformed}");
    }
}

#[test]
fn a_checksum_is_verified_and_returned() {
    for (header, value) in CHECKSUMS {
        let digests = plain(&[(header, value)]).unwrap();
        let checksum = digests.checksum.unwrap();
        assert_eq!((checksum.algorithm.header(), checksum.value.as_str()), (header, value));
        let zeros = BASE64.encode(vec![0; checksum.algorithm.bytes()]);
        assert_eq!(plain(&[(header, &zeros)]), Err(ErrorCode::BadDigest));
        for malformed in ["", "AA==", "zzz", "FeKw08M4"] {
            assert_eq!(plain(&[(header, malformed)]), Err(ErrorCode::InvalidRequest), "{header}: {malformed}");
        }
    }
    assert_eq!(plain(&CHECKSUMS[..2]), Err(ErrorCode::InvalidRequest));
    assert_eq!(plain(&[("x-amz-checksum-crc16", "AAA=")]), Err(ErrorCode::InvalidRequest));
}

#[test]
fn a_checksum_is_computed_where_it_is_asked_for() {
    assert_eq!(plain(&[]).unwrap().checksum, None);
    for name in ["x-amz-sdk-checksum-algorithm", "x-amz-checksum-algorithm"] {
        let checksum = plain(&[(name, "CRC64NVME"), ("x-amz-checksum-type", "FULL_OBJECT")]).unwrap().checksum;
        assert_eq!(checksum.unwrap().value, "rosUhgp5mIg=");
        assert_eq!(plain(&[(name, "CRC16")]), Err(ErrorCode::InvalidRequest));
        assert_eq!(plain(&[(name, "SHA256"), CHECKSUMS[0]]), Err(ErrorCode::BadDigest));
        assert!(plain(&[(name, "crc32"), CHECKSUMS[0]]).is_ok());
    }
    let mut verifier = BodyVerifier::for_stream(&headers(&[LENGTH]), PayloadMode::Unsigned, MAX).unwrap();
    verifier.default_checksum(ChecksumAlgorithm::Crc32);
    verifier.push(Bytes::from_static(BODY)).unwrap();
    verifier.default_checksum(ChecksumAlgorithm::Sha1);
    assert_eq!(verifier.finish().unwrap().checksum.unwrap().value, "y/Q5Jg==");
}

#[test]
fn a_body_that_is_not_what_was_signed_is_refused() {
    let signed = |pairs: &[(&'static str, &str)], bytes: &[u8]| {
        let payload = PayloadMode::Sha256(Sha256::digest(bytes).into());
        outcome(&[&[LENGTH], pairs].concat(), &payload, BODY)
    };
    for pairs in [&[][..], &CHECKSUMS[..1], &CHECKSUMS[4..]] {
        assert_eq!(signed(pairs, BODY), Ok(BODY.to_vec()));
        assert_eq!(signed(pairs, b"another"), Err(ErrorCode::XAmzContentSHA256Mismatch));
    }
}

#[test]
fn a_document_need_not_announce_its_length() {
    let document = |pairs: &[(&'static str, &str)], body: &'static [u8]| {
        let announced = Announced::read(&headers(pairs), &PayloadMode::Unsigned, 9)?;
        let announced = Announced { too_large: ErrorCode::MaxMessageLengthExceeded, ..announced };
        let mut verifier = BodyVerifier::with(announced, PayloadMode::Unsigned);
        verifier.push(Bytes::from_static(body))?;
        verifier.finish()
    };
    assert!(document(&[], b"").is_ok());
    assert!(document(&[("content-md5", MD5)], BODY).is_ok());
    assert_eq!(document(&[], b"1234567890").unwrap_err().code(), ErrorCode::MaxMessageLengthExceeded);
    assert_eq!(document(&[CHECKSUMS[0]], b"").unwrap_err().code(), ErrorCode::BadDigest);
}

#[test]
fn a_body_that_failed_stays_failed() {
    let mut verifier = BodyVerifier::for_stream(&headers(&[LENGTH]), PayloadMode::Unsigned, MAX).unwrap();
    assert!(verifier.push(Bytes::from_static(b"1234567890")).is_err());
    assert!(verifier.push(Bytes::new()).is_err());
    assert!(verifier.finish().is_err());
}

/// A body whose checksum is in the query of its URL.
fn with_query(query: &str) -> Result<BodyDigests, ErrorCode> {
    let request = http::Request::put(format!("/b/k?{query}")).header("host", "hub.example").header(LENGTH.0, LENGTH.1);
    let (parts, ()) = request.body(()).unwrap().into_parts();
    let head = RequestHead::parse(&parts, &crate::head::VirtualHosts::default()).unwrap();
    let receive = || {
        let mut verifier = BodyVerifier::new(&head, PayloadMode::Unsigned, MAX)?;
        verifier.push(Bytes::from_static(BODY))?;
        verifier.finish()
    };
    receive().map_err(|error: S3Error| error.code_of_sentence())
}

#[test]
fn a_checksum_in_the_query_is_verified_like_one_in_a_header() {
    for (header, value) in CHECKSUMS {
        let value = crate::uri::encode(value);
        let checksum = with_query(&format!("{header}={value}")).unwrap().checksum.unwrap();
        assert_eq!(checksum.algorithm.header(), header);
        let capitals = header.replace("x-amz-checksum-", "X-Amz-Checksum-");
        assert!(with_query(&format!("{capitals}={value}")).is_ok());
    }
    assert_eq!(with_query("x-amz-checksum-crc32=AAAAAQ%3D%3D").unwrap_err(), ErrorCode::BadDigest);
    for malformed in ["x-amz-checksum-crc32=zz", "x-amz-checksum-md4=AAAA", "x-amz-checksum-crc32=%0A"] {
        assert_eq!(with_query(malformed).unwrap_err(), ErrorCode::InvalidRequest, "{malformed}");
    }
    let two = "x-amz-checksum-crc32=y%2FQ5Jg%3D%3D&x-amz-checksum-crc32c=4waSgw%3D%3D";
    assert_eq!(with_query(two).unwrap_err(), ErrorCode::InvalidRequest);
}

/// What an SDK adds that presigns an upload without its body.
#[test]
fn the_checksum_of_no_bytes_in_the_query_does_not_hold_for_the_body() {
    let query = "x-amz-checksum-crc32=AAAAAA%3D%3D&x-amz-sdk-checksum-algorithm=CRC32";
    assert_eq!(with_query(query).unwrap().checksum.unwrap().value, "y/Q5Jg==");
    assert_eq!(plain(&[("x-amz-checksum-crc32", "AAAAAA==")]).unwrap_err(), ErrorCode::BadDigest);
}
