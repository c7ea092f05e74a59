//! The answer that the endpoints which issue codes share.

use serde::Serialize;
use service::IssuedCode;
use utoipa::ToSchema;

use crate::wire::{ColourText, TimeText, WireText, hex};

/// A code that was issued.
#[derive(Serialize, ToSchema)]
#[schema(as = Code)]
pub(crate) struct WireCode {
    /// `live`, `plain` or `card`.
    form: &'static str,
    /// A courtesy for the screen. A checkpoint believes the signature only.
    colour: ColourText,
    /// The signed assertion in hexadecimal digits. A phone signs it again every 30 seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    assertion: Option<String>,
    /// The text to draw as a QR code: of a plain code or a card.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    /// When it was signed.
    issued_at: TimeText,
    /// When it no longer holds.
    expires_at: TimeText,
    /// When to ask for the next one. Differs from phone to phone, so that they do not come at once.
    renew_at: TimeText,
}

impl From<IssuedCode> for WireCode {
    fn from(code: IssuedCode) -> Self {
        Self {
            form: code.form.as_str(),
            colour: WireText(code.colour),
            assertion: code.text.is_none().then(|| hex::encode(&code.assertion)),
            text: code.text,
            issued_at: WireText(code.issued_at),
            expires_at: WireText(code.expires_at),
            renew_at: WireText(code.renew_at),
        }
    }
}
