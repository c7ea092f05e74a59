//! A form that was sent with a file: `multipart/form-data` (RFC 7578), as our own pages send it.
//!
//! Names are ours and plain, so that nothing of the encodings of names and types is needed. What does not
//! read exactly is refused.

use axum::http::{HeaderMap, header};

/// The fields of a form, in the order of the page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct FormData {
    fields: Vec<(String, Vec<u8>)>,
}

impl FormData {
    /// Reads a body; `None` if it is not what the header says.
    pub(crate) fn read(headers: &HeaderMap, body: &[u8]) -> Option<Self> {
        let boundary = boundary(headers)?;
        let delimiter = [b"\r\n--", boundary.as_bytes()].concat();
        // The first delimiter has no line before it.
        let mut rest = body.strip_prefix(&delimiter[2..])?;
        let mut fields = Vec::new();
        loop {
            if let Some(end) = rest.strip_prefix(b"--") {
                return matches!(end, b"" | b"\r\n").then_some(Self { fields });
            }
            let part = rest.strip_prefix(b"\r\n")?;
            let end = find(part, &delimiter)?;
            fields.push(field(&part[..end])?);
            rest = &part[end + delimiter.len()..];
        }
    }

    /// The text of the first field called so, without the spaces around it; empty if there is none.
    pub(crate) fn text(&self, name: &str) -> String {
        self.texts(name).next().unwrap_or_default()
    }

    /// The texts of all fields called so.
    pub(crate) fn texts(&self, name: &str) -> impl Iterator<Item = String> {
        let found = self.fields.iter().filter(move |(found, _)| found == name);
        found.map(|(_, value)| String::from_utf8_lossy(value).trim().to_owned())
    }

    /// The bytes of a file; `None` if none was chosen.
    pub(crate) fn file(&self, name: &str) -> Option<Vec<u8>> {
        let mut found = self.fields.iter().filter(|(found, _)| found == name);
        let (_, bytes) = found.next()?;
        (!bytes.is_empty()).then(|| bytes.clone())
    }
}

/// What separates the parts: 1 to 70 characters that stand in no header's way.
fn boundary(headers: &HeaderMap) -> Option<String> {
    let declared = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    let (essence, parameters) = declared.split_once(';')?;
    if !essence.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let mut parameters = parameters.split(';').map(str::trim);
    let boundary = parameters.find_map(|one| one.strip_prefix("boundary="))?;
    let boundary = boundary.trim_matches('"');
    let is_plain = boundary
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"'()+_,-./:=?".contains(&byte));
    (is_plain && matches!(boundary.len(), 1..=70)).then(|| boundary.to_owned())
}

/// The name and the content of a part.
fn field(part: &[u8]) -> Option<(String, Vec<u8>)> {
    let end = find(part, b"\r\n\r\n")?;
    let (head, content) = (std::str::from_utf8(&part[..end]).ok()?, &part[end + 4..]);
    let mut lines = head.split("\r\n").filter_map(|line| line.split_once(':'));
    let (_, disposition) =
        lines.find(|(name, _)| name.trim().eq_ignore_ascii_case("content-disposition"))?;
    let mut parameters = disposition.split(';').map(str::trim);
    if parameters.next()? != "form-data" {
        return None;
    }
    let name = parameters.find_map(|one| one.strip_prefix("name="))?;
    Some((name.trim_matches('"').to_owned(), content.to_vec()))
}

fn find(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).position(|window| window == part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(content_type: &str, body: &[u8]) -> Option<FormData> {
        let mut headers = HeaderMap::new();
        headers.insert("content-type", content_type.parse().unwrap());
        FormData::read(&headers, body)
    }

    const TYPE: &str = "multipart/form-data; boundary=----a1";

    #[test]
    fn a_form_with_a_file_is_read_as_it_was_sent() {
        let body =
            b"------a1\r\nContent-Disposition: form-data; name=\"why\"\r\n\r\n I was at home. \r\n\
            ------a1\r\nContent-Disposition: form-data; name=\"against\"\r\n\r\none\r\n\
            ------a1\r\nContent-Disposition: form-data; name=\"against\"\r\n\r\ntwo\r\n\
            ------a1\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n\
            Content-Type: image/png\r\n\r\n\x89PNG\r\n\x1a\n--\r\n--\r\n\
            ------a1--\r\n";
        let form = read(TYPE, body).unwrap();
        assert_eq!(form.text("why"), "I was at home.");
        assert_eq!(form.texts("against").collect::<Vec<_>>(), ["one", "two"]);
        assert_eq!(form.file("file").unwrap(), b"\x89PNG\r\n\x1a\n--\r\n--");
        assert_eq!(
            (form.text("absent"), form.file("absent")),
            (String::new(), None)
        );
        let quoted = read("multipart/form-data; boundary=\"----a1\"", body);
        assert_eq!(quoted, Some(form));
    }

    #[test]
    fn no_file_was_chosen_if_it_is_empty() {
        let body = b"------a1\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\"\r\n\
            Content-Type: application/octet-stream\r\n\r\n\r\n------a1--";
        assert_eq!(read(TYPE, body).unwrap().file("file"), None);
    }

    #[test]
    fn what_does_not_read_exactly_is_refused() {
        let good =
            b"------a1\r\nContent-Disposition: form-data; name=\"why\"\r\n\r\nx\r\n------a1--";
        assert!(read(TYPE, good).is_some());
        for (content_type, body) in [
            ("multipart/form-data", &good[..]),
            ("multipart/form-data; boundary=", good),
            ("application/x-www-form-urlencoded", good),
            (TYPE, b""),
            (TYPE, &good[..good.len() - 2]),
            (TYPE, &good[2..]),
            (TYPE, b"------a1\r\n\r\nx\r\n------a1--"),
            (
                TYPE,
                b"------a1\r\nContent-Disposition: attachment\r\n\r\nx\r\n------a1--",
            ),
            (
                TYPE,
                b"------a1\r\nContent-Disposition: form-data\r\n\r\nx\r\n------a1--",
            ),
        ] {
            assert_eq!(read(content_type, body), None, "{content_type}");
        }
    }
}
