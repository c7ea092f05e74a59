//! `keys token`: a token for a machine of an authority.

use anyhow::Result;
use domain::{AuthorityKind, Region, Regions};
use jiff::SignedDuration;
use serde_json::json;
use service::{FeedKey, NewFeed};

use crate::config::ConfigArgs;
use crate::outcome::Outcome;
use crate::report::Report;
use crate::wiring;

/// How long the token of a machine works.
const LONGEST_FEED: SignedDuration = SignedDuration::from_hours(366 * 24);

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// What kind of authority: health, laboratory, transport, community
    #[arg(long, value_name = "KIND")]
    kind: AuthorityKind,
    /// Its name, as people read it on their code page
    #[arg(long, value_name = "NAME")]
    name: String,
    /// Where a new authority is; the installation's region if left out
    #[arg(long, value_name = "REGION")]
    region: Option<Region>,
    /// The Ed25519 public key with which the machine signs every request, its 32 bytes in base64;
    /// unsigned requests are then refused
    #[arg(long, value_name = "KEY")]
    public_key: Option<FeedKey>,
    /// Regions that its evidence may lie in, in one word, as "330100 42" or CN; where the authority
    /// is if left out
    #[arg(long, value_name = "REGIONS")]
    reports_of: Option<Regions>,
    #[command(flatten)]
    config: ConfigArgs,
}

/// Makes the token, and the authority if there is none of that name.
pub(super) fn run(args: Args, report: Report) -> Result<Outcome> {
    let config = args.config.resolve()?;
    let (kind, name) = (args.kind, args.name.as_str());
    let is_signed = args.public_key.is_some();
    wiring::block_on(async {
        let store = wiring::open_store(&config).await?;
        let service = wiring::start(&config, store).await?.service;
        let operator = wiring::operator();
        let authority = wiring::authority(&service, kind, name, args.region).await?;
        let feed = NewFeed {
            authority: authority.id,
            name: "made at the command line".to_owned(),
            kinds: Vec::new(),
            regions: args.reports_of.unwrap_or_default(),
            rate_per_minute: 600,
            lasts: LONGEST_FEED,
            public_key: args.public_key,
        };
        let (id, token) = service.staff.make_feed_as_operator(&operator, feed).await?;
        report.result(
            &json!({
                "authority": authority.id.to_string(),
                "feed": id.to_string(),
                "kind": kind.as_str(),
                "name": name,
                "token": token.expose(),
            }),
            token.expose(),
        )?;
        report.remark(format_args!(
            "The token of a machine of {name} ({kind}), shown this once. It is sent as \
             `Authorization: Bearer …`, submits evidence and does nothing else, and ends in a year."
        ));
        if is_signed {
            report.remark(format_args!(
                "Each request must be signed, with `keyid` {id}: see docs/operating/feeds.md."
            ));
        }
        Ok(Outcome::Done)
    })
}
