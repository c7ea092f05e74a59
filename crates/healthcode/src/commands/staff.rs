//! `staff`: the first staff members. Everybody after them joins by two persons, on the pages.

use anyhow::Result;
use domain::{AuthorityKind, ProposalId, Region, Regions, Role};
use serde_json::json;
use service::NewMember;

use crate::config::ConfigArgs;
use crate::outcome::{Outcome, wrong_use};
use crate::report::Report;
use crate::wiring;

/// Invite the first staff member, and be the second person for the second one.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Invite the first administrator, while there was nobody; adds the authority if there is none of
    /// that name. Again: another invitation in place of the one before
    #[command(
        after_help = "Example:\n  healthcode staff invite --first --kind health \
                            --authority \"City Health Commission\" --name \"Dr Lin\""
    )]
    Invite {
        /// That there is nobody yet. Everybody else is proposed and approved by two staff members
        #[arg(long)]
        first: bool,
        /// What kind of authority: health, laboratory, transport, community
        #[arg(long, value_name = "KIND", default_value = "health")]
        kind: AuthorityKind,
        /// The authority, by its name
        #[arg(long, value_name = "NAME")]
        authority: String,
        /// Where a new authority is; the installation's region if left out
        #[arg(long, value_name = "REGION")]
        region: Option<Region>,
        /// The name that colleagues read
        #[arg(long, value_name = "NAME")]
        name: String,
        /// What they are there to do besides, for example health_officer; as often as needed
        #[arg(long, value_name = "ROLE")]
        role: Vec<Role>,
        #[command(flatten)]
        config: ConfigArgs,
    },
    /// Approve the second staff member, whom the first one proposed; your half of the invitation
    #[command(after_help = "Example:\n  healthcode staff approve 5f0c…")]
    Approve {
        /// The proposal
        #[arg(value_name = "PROPOSAL")]
        proposal: String,
        #[command(flatten)]
        config: ConfigArgs,
    },
}

/// Does what was asked.
pub fn run(args: Args, report: Report) -> Result<Outcome> {
    match args.what {
        What::Invite { first: false, .. } => Err(wrong_use(
            "staff members are proposed by one and approved by another on the pages; the command \
             line invites the first one only, with --first",
        )),
        What::Invite {
            kind,
            authority,
            region,
            name,
            role,
            config,
            ..
        } => invite(kind, &authority, region, name, role, &config, report),
        What::Approve { proposal, config } => {
            let proposal: ProposalId = proposal
                .parse()
                .map_err(|error| wrong_use(format!("PROPOSAL: {error}")))?;
            approve(proposal, &config, report)
        }
    }
}

fn invite(
    kind: AuthorityKind,
    authority: &str,
    region: Option<Region>,
    name: String,
    roles: Vec<Role>,
    config: &ConfigArgs,
    report: Report,
) -> Result<Outcome> {
    let config = config.resolve()?;
    wiring::block_on(async {
        let store = wiring::open_store(&config).await?;
        let service = wiring::start(&config, store).await?.service;
        let operator = wiring::operator();
        let authority = wiring::authority(&service, kind, authority, region).await?;
        let member = NewMember {
            authority: authority.id,
            name,
            roles: roles.into_iter().collect(),
            regions: Regions::default(),
        };
        let invitation = service.staff.invite_first(&operator, member).await?;
        report.result(
            &json!({ "invitation": invitation.expose() }),
            invitation.expose(),
        )?;
        report.remark(
            "The invitation, shown this once. It works once, for three days, at /staff/invitation of \
             this installation. Hand it to nobody but the person it is for. An earlier one that was \
             not taken up works no more.",
        );
        Ok(Outcome::Done)
    })
}

fn approve(proposal: ProposalId, config: &ConfigArgs, report: Report) -> Result<Outcome> {
    let config = config.resolve()?;
    wiring::block_on(async {
        let store = wiring::open_store(&config).await?;
        let service = wiring::start(&config, store).await?.service;
        let operator = wiring::operator();
        let half = service.staff.approve_second(&operator, proposal).await?;
        report.result(&json!({ "half": half.expose() }), half.expose())?;
        report.remark(
            "Your half of the invitation, shown this once. Whoever proposed the staff member has the \
             other; both work together, once, for three days, at /staff/invitation of this \
             installation. Hand yours to nobody but the person it is for. If it is lost, run this \
             again: the one before then works no more.",
        );
        Ok(Outcome::Done)
    })
}
