use proptest::prelude::*;

use super::*;

const DECODED: (&str, &str) = ("x-amz-decoded-content-length", "9");
const TRAILER: (&str, &str) = ("x-amz-trailer", "x-amz-checksum-crc32");
const UNSIGNED: PayloadMode = PayloadMode::StreamingUnsignedTrailer;

fn unsigned(body: &str) -> Result<Vec<u8>, ErrorCode> {
    outcome(&[DECODED, TRAILER], &UNSIGNED, body.as_bytes())
}

#[test]
fn a_chunked_body_is_decoded_and_its_trailing_checksum_verified() {
    let body =
        |checksum| unsigned(&format!("4\r\n1234\r\n05\r\n56789\r\n0\r\nx-amz-checksum-crc32:{checksum}\r\n\r\n"));
    assert_eq!(body("y/Q5Jg=="), Ok(b"123456789".to_vec()));
    assert_eq!(body(" y/Q5Jg== "), Ok(b"123456789".to_vec()));
    assert_eq!(body("AAAAAA=="), Err(ErrorCode::BadDigest));
    assert_eq!(body("AA=="), Err(ErrorCode::InvalidRequest));
}

#[test]
fn every_announced_trailer_must_be_there_and_no_other() {
    let crc32 = "x-amz-checksum-crc32:y/Q5Jg==\r\n";
    for trailers in ["", "x-amz-checksum-crc32\r\n", "x-amz-checksum-sha1:AA==\r\n", "X-Amz-Meta-A:b\r\n"] {
        let body = format!("9\r\n123456789\r\n0\r\n{trailers}\r\n");
        assert_eq!(unsigned(&body), Err(ErrorCode::MalformedTrailerError), "{trailers}");
        let body = format!("9\r\n123456789\r\n0\r\n{crc32}{trailers}\r\n");
        assert_eq!(unsigned(&body).is_ok(), trailers.is_empty(), "{trailers}");
    }
    let twice = format!("9\r\n123456789\r\n0\r\n{crc32}{crc32}\r\n");
    assert_eq!(unsigned(&twice), Err(ErrorCode::MalformedTrailerError));
    let unannounced = outcome(&[DECODED], &UNSIGNED, format!("9\r\n123456789\r\n0\r\n{crc32}\r\n").as_bytes());
    assert_eq!(unannounced, Err(ErrorCode::MalformedTrailerError));
    let long = format!("9\r\n123456789\r\n0\r\nx-amz-checksum-crc32:{}\r\n\r\n", "A".repeat(9000));
    assert_eq!(unsigned(&long), Err(ErrorCode::MalformedTrailerError));
}

#[test]
fn trailers_as_minio_go_writes_them_are_read() {
    let body = "9\r\n123456789\r\n0\r\nx-amz-checksum-crc32:y/Q5Jg==\n\r\n\r\n";
    assert_eq!(unsigned(body), Ok(b"123456789".to_vec()));
}

#[test]
fn a_body_that_breaks_off_is_refused() {
    let body = "4\r\n1234\r\n5\r\n56789\r\n0\r\nx-amz-checksum-crc32:y/Q5Jg==\r\n\r\n";
    for end in 0..body.len() {
        let code = unsigned(&body[..end]).unwrap_err();
        let expected = [ErrorCode::IncompleteBody, ErrorCode::MalformedTrailerError, ErrorCode::InvalidRequest];
        assert!(expected.contains(&code), "{end}: {code:?}");
    }
    assert!(unsigned(body).is_ok());
}

#[test]
fn what_is_not_in_chunks_is_refused() {
    let digits = format!("{}\r\n", "0".repeat(17));
    let long = "4".repeat(2000);
    for body in [
        "no chunks at all\r\n",
        "\r\n",
        "4\n1234",
        "+4\r\n",
        " 4\r\n",
        "0x4\r\n",
        "4\r\n12345\r\n",
        "4\r\n1234\n",
        "4;chunk-signature=0\r\n1234\r\n",
        &digits,
        &long,
        "a\r\n",
        "ffffffffffffffff\r\n",
        "5\r\n12345\r\n5\r\n67890\r\n",
    ] {
        assert_eq!(unsigned(body), Err(ErrorCode::IncompleteBody), "{body}");
    }
}

#[test]
fn a_chunk_of_any_size_is_decoded_in_constant_memory() {
    let length = (1_u64 << 36).to_string();
    let announced = headers(&[("x-amz-decoded-content-length", &length)]);
    for payload in [UNSIGNED, PayloadMode::Streaming(signing(""))] {
        let signature = if matches!(payload, PayloadMode::Streaming(_)) { ";chunk-signature=0" } else { "" };
        let mut verifier = BodyVerifier::for_stream(&announced, payload, MAX).unwrap();
        assert!(verifier.push(format!("1000000000{signature}\r\n").into()).unwrap().is_empty());
        for _ in 0..4 {
            let piece = Bytes::from(vec![7; 100_000]);
            let decoded = verifier.push(piece.clone()).unwrap();
            // Slices of what was received, not copies.
            assert_eq!(decoded.iter().map(|bytes| bytes.as_ptr()).collect::<Vec<_>>(), [piece.as_ptr()]);
        }
        assert_eq!(verifier.finish().unwrap_err().code(), ErrorCode::IncompleteBody);
    }
}

#[test]
fn contradictory_headers_are_refused() {
    let code = |pairs: &[(&'static str, &str)], payload: PayloadMode| {
        BodyVerifier::for_stream(&headers(pairs), payload, MAX).map(|_| ()).map_err(|error| error.code_of_sentence())
    };
    let sha1 = ("x-amz-checksum-sha1", "98O8HYCOBHMq32eZZczDTKeuNEE=");
    let crc32 = ("x-amz-checksum-crc32", "y/Q5Jg==");
    assert_eq!(code(&[("content-length", "30")], UNSIGNED), Err(ErrorCode::MissingContentLength));
    assert_eq!(code(&[("content-length", "8"), DECODED], UNSIGNED), Err(ErrorCode::IncompleteBody));
    assert_eq!(code(&[DECODED, TRAILER, sha1], UNSIGNED), Err(ErrorCode::InvalidRequest));
    assert_eq!(code(&[DECODED, TRAILER, crc32], UNSIGNED), Ok(()));
    for names in ["", "x-amz-meta-a", "x-amz-checksum-crc32,x-amz-checksum-sha1", "x-amz-checksum-crc32,"] {
        assert_eq!(code(&[DECODED, ("x-amz-trailer", names)], UNSIGNED), Err(ErrorCode::InvalidRequest), "{names}");
    }
    let streaming = PayloadMode::Streaming(signing(""));
    assert_eq!(code(&[DECODED, TRAILER], streaming), Err(ErrorCode::InvalidRequest));
    let length = ("content-length", "30");
    assert_eq!(code(&[length, TRAILER], PayloadMode::Unsigned), Err(ErrorCode::InvalidRequest));
    assert_eq!(code(&[length, DECODED], PayloadMode::Unsigned), Err(ErrorCode::InvalidRequest));
}

/// The example "PUT Object: signature calculation for multiple chunks" of S3's documentation.
fn documented() -> (PayloadMode, Vec<u8>) {
    let payload = signing("4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9");
    let body = [
        b"10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n".to_vec(),
        vec![b'a'; 65_536],
        b"\r\n400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n".to_vec(),
        vec![b'a'; 1024],
        b"\r\n0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n\r\n".to_vec(),
    ];
    (PayloadMode::Streaming(payload), body.concat())
}

/// The same with a trailer, as S3's documentation has it.
fn documented_with_trailer(trailer: &str, signature: &str) -> (PayloadMode, Vec<u8>) {
    let payload = signing("106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e");
    let body = [
        b"10000;chunk-signature=b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2\r\n".to_vec(),
        vec![b'a'; 65_536],
        b"\r\n400;chunk-signature=1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7\r\n".to_vec(),
        vec![b'a'; 1024],
        b"\r\n0;chunk-signature=2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992\r\n".to_vec(),
        format!("{trailer}\r\nx-amz-trailer-signature:{signature}\r\n\r\n").into_bytes(),
    ];
    (PayloadMode::StreamingTrailer(payload), body.concat())
}

const DOCUMENTED: (&str, &str) = ("x-amz-decoded-content-length", "66560");
const DOCUMENTED_TRAILER: (&str, &str) = ("x-amz-trailer", "x-amz-checksum-crc32c");
const TRAILER_SIGNATURE: &str = "d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435";

#[test]
fn the_signed_chunks_of_the_documentation_are_verified() {
    let (payload, body) = documented();
    assert_eq!(outcome(&[DOCUMENTED], &payload, &body), Ok(vec![b'a'; 66_560]));
}

#[test]
fn the_signed_trailer_of_the_documentation_is_verified() {
    // minio-go ends the line with LF, and sends an empty line before the signature.
    for trailer in ["x-amz-checksum-crc32c:sOO8/Q==", "x-amz-checksum-crc32c:sOO8/Q==\n"] {
        let (payload, body) = documented_with_trailer(trailer, TRAILER_SIGNATURE);
        assert_eq!(outcome(&[DOCUMENTED, DOCUMENTED_TRAILER], &payload, &body), Ok(vec![b'a'; 66_560]));
    }
    let with = |trailer, signature| {
        let (payload, body) = documented_with_trailer(trailer, signature);
        outcome(&[DOCUMENTED, DOCUMENTED_TRAILER], &payload, &body)
    };
    let wrong = with("x-amz-checksum-crc32c:AAAAAA==", TRAILER_SIGNATURE);
    assert_eq!(wrong, Err(ErrorCode::SignatureDoesNotMatch));
    assert_eq!(with("x-amz-checksum-crc32c:sOO8/Q==", ""), Err(ErrorCode::SignatureDoesNotMatch));
    assert_eq!(with("", TRAILER_SIGNATURE), Err(ErrorCode::MalformedTrailerError));
    let (payload, body) = documented_with_trailer("x-amz-checksum-crc32c:sOO8/Q==", TRAILER_SIGNATURE);
    let text = String::from_utf8(body).unwrap().replace("x-amz-trailer-signature", "x-amz-another");
    let unsigned = outcome(&[DOCUMENTED, DOCUMENTED_TRAILER], &payload, text.as_bytes());
    assert_eq!(unsigned, Err(ErrorCode::MalformedTrailerError));
}

#[test]
fn a_change_of_any_signed_chunk_is_noticed() {
    let (payload, body) = documented();
    let changed = (0..body.len()).filter(|at| at % 997 == 0 || !body[*at].is_ascii_lowercase());
    for at in changed {
        let mut body = body.clone();
        body[at] ^= 1;
        assert!(receive(&[DOCUMENTED], payload.clone(), &body, 4096).is_err(), "{at}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn what_was_encoded_is_decoded_however_it_is_cut(
        data in prop::collection::vec(any::<u8>(), 0..150_000),
        pieces in prop::collection::vec(1_usize..70_000, 1..8),
        step in 10_usize..70_000,
        algorithm in prop::sample::select(ChecksumAlgorithm::ALL.to_vec()),
    ) {
        let mut encoder = ChunkEncoder::new(algorithm, data.len() as u64);
        let content_length = encoder.content_length();
        let mut pairs = HeaderMap::new();
        for (name, value) in encoder.headers(Some("gzip")) {
            pairs.insert(name, HeaderValue::from_str(&value).unwrap());
        }
        let (mut body, mut rest, mut sizes) = (Vec::new(), &data[..], pieces.iter().cycle());
        while !rest.is_empty() {
            let (piece, later) = rest.split_at(rest.len().min(*sizes.next().unwrap()));
            body.extend(encoder.push(Bytes::copy_from_slice(piece)).unwrap().concat());
            rest = later;
        }
        body.extend(encoder.finish().unwrap());
        prop_assert_eq!(body.len() as u64, content_length);
        let mut verifier = BodyVerifier::for_stream(&pairs, UNSIGNED, MAX).unwrap();
        let mut decoded = Vec::new();
        for piece in body.chunks(step) {
            decoded.extend(verifier.push(Bytes::copy_from_slice(piece)).unwrap().concat());
        }
        let digests = verifier.finish().unwrap();
        prop_assert_eq!(decoded, data);
        prop_assert_eq!(digests.checksum.unwrap().algorithm, algorithm);
    }
}

#[test]
fn the_encoder_refuses_a_body_of_another_length() {
    let new = || ChunkEncoder::new(ChecksumAlgorithm::Crc32, 4);
    assert_eq!(new().push(Bytes::from_static(b"12345")), Err(WrongLength { announced: 4 }));
    assert_eq!(new().finish(), Err(WrongLength { announced: 4 }));
    let mut encoder = new();
    encoder.push(Bytes::from_static(b"123")).unwrap();
    assert!(encoder.push(Bytes::from_static(b"45")).is_err());
}
