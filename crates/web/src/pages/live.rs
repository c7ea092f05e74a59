//! What the script of the code page asks for: keys enrolled, assertions signed. The same as the API
//! gives to a phone that is a program, for a browser that has a session and no token.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};

use crate::App;
use crate::principal::ResidentSession;
use crate::problem::Problem;
use crate::same_origin::SameOriginForm;
use crate::wire::{DeviceText, InPath, TimeText, WireText, hex};

/// Public keys of this phone, one for each day.
#[derive(Deserialize)]
pub(super) struct KeysForm {
    /// Points of P-256 as SEC1 in hexadecimal digits, with a space between two.
    public_keys: String,
    /// For how many days from today on there are keys already.
    #[serde(default)]
    skip_days: u8,
}

/// Keys that are enrolled.
#[derive(Serialize)]
pub(super) struct Enrolled {
    keys: Vec<DayKey>,
}

#[derive(Serialize)]
struct DayKey {
    device: DeviceText,
    from: TimeText,
    until: TimeText,
}

/// An assertion that the phone signs again every 30 seconds.
#[derive(Serialize)]
pub(super) struct Signed {
    /// In hexadecimal digits.
    assertion: String,
    expires_at: TimeText,
    renew_at: TimeText,
}

/// Enrols keys of this phone.
pub(super) async fn enrol(
    State(app): State<App>,
    ResidentSession(resident): ResidentSession,
    SameOriginForm(form): SameOriginForm<KeysForm>,
) -> Result<Json<Enrolled>, Problem> {
    let public_keys = form.public_keys.split_ascii_whitespace().map(hex::decode);
    let public_keys: Option<Vec<Vec<u8>>> = public_keys.collect();
    let public_keys = public_keys.ok_or_else(|| {
        Problem::invalid(
            "public_keys",
            "expected 66 or 130 hexadecimal digits in each",
        )
    })?;
    let codes = &app.service.codes;
    let skip = form.skip_days.into();
    let enrolled = codes.enrol(&resident, &public_keys, skip).await?;
    let keys = enrolled.into_iter().map(|key| DayKey {
        device: WireText(key.device),
        from: WireText(key.from),
        until: WireText(key.until),
    });
    let keys = keys.collect();
    Ok(Json(Enrolled { keys }))
}

/// Signs an assertion for a key of this phone.
pub(super) async fn assertion(
    State(app): State<App>,
    ResidentSession(resident): ResidentSession,
    InPath(WireText(device)): InPath<DeviceText>,
    SameOriginForm(()): SameOriginForm<()>,
) -> Result<Json<Signed>, Problem> {
    let code = app.service.codes.live_code(&resident, device).await?;
    Ok(Json(Signed {
        assertion: hex::encode(&code.assertion),
        expires_at: WireText(code.expires_at),
        renew_at: WireText(code.renew_at),
    }))
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::process::{Command, Stdio};

    use service::credential::{Qr, Settings};

    use crate::principal::RESIDENT_COOKIE;
    use crate::testing::City;

    /// Runs JavaScript after the scripts of the page; `None`, and says so, where there is no Node.js.
    fn run_script(script: &str) -> Option<String> {
        let scripts = [
            include_str!("../../assets/qr.js"),
            include_str!("../../assets/live.js"),
        ];
        let started = Command::new("node")
            .args(["--input-type=commonjs", "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn();
        let Ok(mut node) = started else {
            println!("skipped: there is no Node.js");
            return None;
        };
        let mut input = node.stdin.take().unwrap();
        let all = format!("{}\n{}\n{script}", scripts[0], scripts[1]);
        input.write_all(all.as_bytes()).unwrap();
        drop(input);
        let output = node.wait_with_output().unwrap();
        assert!(output.status.success());
        Some(String::from_utf8(output.stdout).unwrap())
    }

    #[test]
    fn the_script_draws_what_the_server_draws() {
        for length in [10, 183, 203, 369] {
            let text = format!("HK1:{}", "A1 $%*+-./:".repeat(40));
            let text = &text[..length];
            let expected = Qr::new(text).unwrap();
            let rows = (0..expected.size()).map(|y| {
                let row = (0..expected.size()).map(|x| expected.is_dark(x, y));
                row.map(|dark| if dark { '1' } else { '0' }).collect()
            });
            let expected = rows.collect::<Vec<String>>().join("\n");
            // Which of the eight masks is chosen is a matter of taste.
            let script = format!(
                "for (let mask = 0; mask < 8; mask++) console.log(healthcodeQr({text:?}, mask)\
                 .map((row) => row.map(Number).join('')).join('\\n') + '\\n');"
            );
            let Some(drawn) = run_script(&script) else {
                return;
            };
            assert!(drawn.contains(&expected), "{length} characters");
        }
    }

    #[tokio::test]
    async fn what_the_script_signs_passes_at_a_checkpoint() {
        let city = City::start().await;
        let ming = city.well_resident("Ming").await;
        let jwk = "const curve = { name: 'ECDSA', namedCurve: 'P-256' };\
                   const digits = (bytes) => Buffer.from(bytes).toString('hex');\
                   (async () => {";
        let make = format!(
            "{jwk} const pair = await crypto.subtle.generateKey(curve, true, ['sign']);\
             console.log(digits(await crypto.subtle.exportKey('raw', pair.publicKey)));\
             console.log(JSON.stringify(await crypto.subtle.exportKey('jwk', pair.privateKey))); }})();"
        );
        let Some(made) = run_script(&make) else {
            return;
        };
        let (public, private) = made.trim().split_once('\n').unwrap();
        let form = format!("public_keys={public}&skip_days=0");
        let enrolled = city
            .post("/me/phone")
            .cookie(RESIDENT_COOKIE, &ming.session)
            .form(&form)
            .await;
        let device = enrolled.json["keys"][0]["device"].as_str().unwrap();
        let address = format!("/me/phone/{device}/assertion");
        let signed = city
            .post(&address)
            .cookie(RESIDENT_COOKIE, &ming.session)
            .form("")
            .await;
        let assertion = signed.json["assertion"].as_str().unwrap();
        let seconds = city.now().as_second();
        // Either spelling of s comes up in a few tries.
        let sign = format!(
            "{jwk} const key = await crypto.subtle.importKey('jwk', {private}, curve, false, ['sign']);\
             const assertion = Uint8Array.from(Buffer.from('{assertion}', 'hex'));\
             for (let count = 1; count <= 12; count++) console.log(\
             await healthcodeLive.liveText(assertion, key, {seconds}, count)); }})();"
        );
        let texts = run_script(&sign).unwrap();
        for text in texts.lines() {
            let checked = city.service.checks.verify(text, &Settings::default());
            assert!(checked.is_ok(), "{checked:?}");
        }
        assert_eq!(texts.lines().count(), 12);
    }

    #[tokio::test]
    async fn only_the_page_itself_enrols_and_only_for_who_is_signed_in() {
        let city = City::start().await;
        let form = format!("public_keys={}", City::public_key(7));
        let nobody = city.post("/me/phone").form(&form).await;
        assert_eq!(nobody.status, 303, "{nobody:?}");
        let ming = city.well_resident("Ming").await;
        let bad = city
            .post("/me/phone")
            .cookie(RESIDENT_COOKIE, &ming.session)
            .form("public_keys=zz")
            .await;
        assert_eq!(bad.status, 422, "{bad:?}");
    }
}
