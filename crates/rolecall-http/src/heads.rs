//! Parses the request heads of HTTP/1 in parallel, to find ambiguities that the server's own parser resolves silently.
//! That parser drops a length next to a transfer encoding, and one of two equal lengths. Another server on the way may
//! have decided otherwise.

use httparse::{EMPTY_HEADER, Request, Status, parse_chunk_size};

/// The most headers of a request; the server's parser rejects more.
const HEADERS: usize = 100;

/// The longest line between chunks, in bytes; the server's parser rejects longer ones.
const LINE: usize = 16 << 10;

/// The part of a request to which the next byte belongs.
#[derive(Debug)]
enum Place {
    /// A head, with its bytes so far.
    Head(Vec<u8>),
    /// The rest of a body of known length, or of a chunk.
    Body { left: u64, chunked: bool },
    /// The line before a chunk, with its bytes so far.
    Size(Vec<u8>),
    /// The trailer lines after the last chunk, with the length of the current line.
    Trailer(usize),
    /// Another protocol, or data that the server's parser rejects.
    Elsewhere,
}

/// Follows the bytes of a connection.
#[derive(Debug)]
pub(crate) struct Heads {
    place: Place,
    most: usize,
}

impl Heads {
    /// Creates a parser for heads of at most this many bytes.
    pub(crate) fn new(most: usize) -> Self {
        Self { place: Place::Head(Vec::new()), most }
    }

    /// Reads the next bytes; returns whether they complete a head whose body has more than one length.
    pub(crate) fn take(&mut self, mut bytes: &[u8]) -> bool {
        let mut is_ambiguous = false;
        while !bytes.is_empty() {
            let place = std::mem::replace(&mut self.place, Place::Elsewhere);
            (self.place, bytes) = match place {
                Place::Elsewhere => return is_ambiguous,
                Place::Head(head) => self.head(head, bytes, &mut is_ambiguous),
                Place::Body { left, chunked } => {
                    let taken = bytes.len().min(usize::try_from(left).unwrap_or(usize::MAX));
                    let left = left - taken as u64;
                    let next = match (left, chunked) {
                        (0, true) => Place::Size(Vec::new()),
                        (0, false) => Place::Head(Vec::new()),
                        _ => Place::Body { left, chunked },
                    };
                    (next, bytes.get(taken..).unwrap_or_default())
                }
                Place::Size(line) => size(line, bytes, &mut is_ambiguous),
                Place::Trailer(length) => trailer(length, bytes),
            };
        }
        is_ambiguous
    }

    fn head<'b>(&self, mut head: Vec<u8>, bytes: &'b [u8], is_ambiguous: &mut bool) -> (Place, &'b [u8]) {
        let before = head.len();
        head.extend_from_slice(bytes);
        // A head is parsed only when it may be complete, not again for each byte.
        let new = head.get(before.saturating_sub(3)..).unwrap_or_default();
        if !new.windows(2).any(|pair| pair == b"\n\n") && !new.windows(3).any(|three| three == b"\n\r\n") {
            return if head.len() > self.most { (Place::Elsewhere, &[]) } else { (Place::Head(head), &[]) };
        }
        let mut headers = [EMPTY_HEADER; HEADERS];
        let mut request = Request::new(&mut headers);
        let length = match request.parse(&head) {
            Ok(Status::Complete(length)) => length,
            Ok(Status::Partial) => return (Place::Head(head), &[]),
            Err(_) => return (Place::Elsewhere, &[]),
        };
        let values = |name: &'static str| {
            request
                .headers
                .iter()
                .filter(move |header| header.name.eq_ignore_ascii_case(name))
                .map(|header| header.value)
        };
        let (mut lengths, encodings) = (values("content-length"), values("transfer-encoding").count());
        let first = lengths.next();
        *is_ambiguous |= first.is_some() && (encodings > 0 || lengths.next().is_some());
        let next = if encodings > 0 {
            Place::Size(Vec::new())
        } else {
            match first.map(|value| std::str::from_utf8(value).ok().and_then(|text| text.trim().parse().ok())) {
                None | Some(Some(0)) => Place::Head(Vec::new()),
                Some(Some(left)) => Place::Body { left, chunked: false },
                Some(None) => Place::Elsewhere,
            }
        };
        (next, bytes.get(length.saturating_sub(before)..).unwrap_or_default())
    }
}

fn size<'b>(mut line: Vec<u8>, bytes: &'b [u8], is_ambiguous: &mut bool) -> (Place, &'b [u8]) {
    let end = bytes.iter().position(|byte| *byte == b'\n').map(|at| at + 1);
    line.extend_from_slice(bytes.get(..end.unwrap_or(bytes.len())).unwrap_or_default());
    let rest = bytes.get(end.unwrap_or(bytes.len())..).unwrap_or_default();
    let next = match (end, parse_chunk_size(&line)) {
        (None, _) if line.len() <= LINE => Place::Size(line),
        (Some(_), Ok(Status::Complete((_, 0)))) => Place::Trailer(0),
        // The line of a chunk follows the chunk's data.
        (Some(_), Ok(Status::Complete((_, size)))) => Place::Body { left: size.saturating_add(2), chunked: true },
        // The server's parser may accept a size that this one rejects, such as one with many leading zeros.
        _ => {
            *is_ambiguous = true;
            Place::Elsewhere
        }
    };
    (next, rest)
}

fn trailer(mut length: usize, bytes: &[u8]) -> (Place, &[u8]) {
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'\n' if length == 0 => return (Place::Head(Vec::new()), bytes.get(at + 1..).unwrap_or_default()),
            b'\n' => length = 0,
            b'\r' => {}
            _ => length += 1,
        }
    }
    (Place::Trailer(length), &[])
}

#[cfg(test)]
mod tests {
    use super::Heads;

    fn ambiguous(text: &str, step: usize) -> bool {
        let mut heads = Heads::new(1 << 16);
        text.as_bytes().chunks(step).any(|part| heads.take(part))
    }

    #[test]
    fn a_body_with_more_than_one_length_is_found_in_any_position() {
        const LENGTHS: &str = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\ncontent-length: 2\r\n\r\n{}";
        const BOTH: &str = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n";
        const OTHER: &str = "POST / HTTP/1.1\nContent-Length: 5\nTransfer-Encoding: chunked\n\n0\r\n\r\n";
        let before = [
            "",
            "\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
            "POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n",
            "POST / HTTP/1.1\r\nContent-Length: 7\r\n\r\n\r\n\r\n\r\n.",
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\n\r\n\r\r\nA\r\n0123456789\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nTrailer: 1\r\nOther: 2\r\n\r\n",
        ];
        for before in before {
            for step in [1, 2, 3, 7, 1000] {
                for bad in [LENGTHS, BOTH, OTHER] {
                    assert!(ambiguous(&format!("{before}{bad}"), step), "{before}{bad} by {step}");
                }
                assert!(!ambiguous(&before.repeat(3), step), "{before} by {step}");
            }
        }
        // Another parser may accept this size.
        let zeros = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n00000000000000005\r\n";
        assert!(ambiguous(zeros, 1000) && ambiguous(zeros, 1));
        // This only looks like a head: it is a body, or another protocol.
        let inside = format!("POST / HTTP/1.1\r\nContent-Length: {}\r\n\r\n{BOTH}", BOTH.len());
        let chunk =
            format!("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{BOTH}\r\n0\r\n\r\n", BOTH.len());
        let http2 = format!("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n{BOTH}");
        for good in [&*inside, &*chunk, &*http2] {
            for step in [1, 5, 1000] {
                assert!(!ambiguous(good, step), "{good} by {step}");
            }
        }
    }
}
