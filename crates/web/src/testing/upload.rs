//! A form with a file.

use super::Ask;

impl Ask<'_> {
    /// With a form that holds a file, sent from a page of ours. The file is text.
    pub(crate) fn upload(mut self, fields: &[(&str, &str)], (name, file): (&str, &[u8])) -> Self {
        let file = std::str::from_utf8(file).unwrap();
        let part = |name: &str, more: &str, value: &str| {
            format!(
                "--limit\r\nContent-Disposition: form-data; name=\"{name}\"{more}\r\n\r\n{value}\r\n"
            )
        };
        let fields = fields.iter().map(|(name, value)| part(name, "", value));
        let file = part(name, "; filename=\"one\"", file);
        self.body = format!("{}{file}--limit--\r\n", fields.collect::<String>());
        self.header("content-type", "multipart/form-data; boundary=limit")
            .header("host", "code.example")
            .header("origin", "https://code.example")
    }
}
