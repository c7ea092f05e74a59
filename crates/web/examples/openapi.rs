//! Prints the OpenAPI document, as it is committed in `docs/api/openapi.json`.

use std::io::Write as _;

fn main() -> std::io::Result<()> {
    std::io::stdout().write_all(web::openapi_json().as_bytes())
}
