use bytes::Bytes;

/// Finds the end of the file of a form while it arrives.
///
/// The delimiter begins with a carriage return and contains no other, so that two occurrences of a part of it cannot
/// overlap: whatever matched so far is either continued or was data.
#[derive(Debug)]
pub(super) struct FileScanner {
    /// CR LF, two dashes and the boundary.
    delimiter: Bytes,
    /// How much of the delimiter has arrived.
    matched: usize,
}

impl FileScanner {
    pub(super) fn new(delimiter: Bytes) -> Self {
        Self { delimiter, matched: 0 }
    }

    /// Takes the next bytes, and appends those of the file. Returns what is behind the delimiter, once it has arrived.
    pub(super) fn push(&mut self, mut received: Bytes, file: &mut Vec<Bytes>) -> Option<Bytes> {
        while !received.is_empty() {
            if self.matched == 0 {
                let end = self.find_candidate(&received);
                append(file, received.split_to(end));
            }
            let wanted = self.delimiter.get(self.matched..).unwrap_or_default();
            let common = wanted.iter().zip(&received).take_while(|(wanted, byte)| wanted == byte).count();
            let compared_all = common == received.len();
            let rest = received.split_off(common);
            self.matched += common;
            if self.matched == self.delimiter.len() {
                return Some(rest);
            }
            if !compared_all {
                append(file, self.delimiter.slice(..self.matched));
                self.matched = 0;
            }
            received = rest;
        }
        None
    }

    /// Where the delimiter begins, or what could be its beginning at the end of the bytes; their length if neither is there.
    /// Carriage returns of the file itself are passed over, so that they do not cut it into small pieces.
    fn find_candidate(&self, bytes: &[u8]) -> usize {
        let mut at = 0;
        while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
            let Some(found) = rest.iter().position(|byte| *byte == b'\r') else { break };
            at += found;
            let common =
                self.delimiter.iter().zip(rest.iter().skip(found)).take_while(|(wanted, byte)| wanted == byte).count();
            if common == self.delimiter.len() || at + common == bytes.len() {
                return at;
            }
            at += common;
        }
        bytes.len()
    }
}

fn append(file: &mut Vec<Bytes>, bytes: Bytes) {
    if !bytes.is_empty() {
        file.push(bytes);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The file and what is behind it, of a body that arrives in pieces of this size.
    fn scan(body: &[u8], step: usize) -> Option<(Vec<u8>, Vec<u8>)> {
        let mut scanner = FileScanner::new(Bytes::from_static(b"\r\n--ab"));
        let (mut file, mut behind) = (Vec::new(), None);
        for piece in body.chunks(step) {
            let piece = Bytes::copy_from_slice(piece);
            match &mut behind {
                None => behind = scanner.push(piece, &mut file).map(|rest| rest.to_vec()),
                Some(behind) => behind.extend_from_slice(&piece),
            }
        }
        behind.map(|behind| (file.concat(), behind))
    }

    #[test]
    fn carriage_returns_do_not_cut_the_file_into_pieces() {
        let mut scanner = FileScanner::new(Bytes::from_static(b"\r\n--ab"));
        let mut file = Vec::new();
        assert_eq!(scanner.push(Bytes::from(b"\r\n-\r\r".repeat(10_000)), &mut file), None);
        scanner.push(Bytes::from_static(b"\n--a"), &mut file);
        assert_eq!(scanner.push(Bytes::from_static(b"\r\n--ab--"), &mut file), Some(Bytes::from_static(b"--")));
        assert!(file.len() < 5, "{}", file.len());
        assert_eq!(file.concat().len(), 50_004);
    }

    proptest! {
        #[test]
        fn the_first_delimiter_ends_the_file_however_it_is_cut(
            file in prop::collection::vec(prop::sample::select(b"\r\n-abc".to_vec()), 0..60),
            step in 1_usize..20,
        ) {
            let body = [&file[..], b"\r\n--ab--"].concat();
            let end = body.windows(6).position(|window| window == b"\r\n--ab").unwrap();
            let expected = (body[..end].to_vec(), body[end + 6..].to_vec());
            prop_assert_eq!(scan(&body, step), Some(expected));
        }

        #[test]
        fn without_a_delimiter_the_file_does_not_end(
            file in prop::collection::vec(prop::sample::select(b"\r\n-a".to_vec()), 0..60),
            step in 1_usize..20,
        ) {
            prop_assert_eq!(scan(&file, step), None);
        }
    }
}
