//! Staff members, their passkeys, sessions and invitations. What a browser presents is kept as a keyed
//! hash only.

use domain::{AuthorityId, ProposalId, Regions, Roles, StaffId, Timestamp};

use crate::Result;
use crate::database::{Row, Transaction};
use crate::queries::{
    STAFF_ADD, STAFF_ALL, STAFF_CHALLENGE_ADD, STAFF_CHALLENGE_DROP, STAFF_CHALLENGE_FIND,
    STAFF_CHALLENGES_DROP, STAFF_END, STAFF_FIND, STAFF_IDENTITIES, STAFF_IDENTITIES_DROP,
    STAFF_IDENTITY_CLAIM, STAFF_IDENTITY_DROP, STAFF_IDENTITY_FIND, STAFF_INVITATION_ADD,
    STAFF_INVITATION_APPROVE, STAFF_INVITATION_FIND, STAFF_INVITATION_RENEW_APPROVER,
    STAFF_INVITATION_RENEW_PROPOSER, STAFF_INVITATION_USE, STAFF_INVITATIONS_FIRST_END,
    STAFF_INVITATIONS_VOID, STAFF_PASSKEY_PUT, STAFF_PASSKEYS, STAFF_SESSION_ADD,
    STAFF_SESSION_END, STAFF_SESSION_FIND, STAFF_SESSION_SEEN, STAFF_SESSION_STEP_UP,
    STAFF_SESSIONS_DROP, STAFF_SESSIONS_END,
};

/// What a staff member is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaffGrant {
    /// Their identifier.
    pub id: StaffId,
    /// For which authority they act.
    pub authority: AuthorityId,
    /// The name that colleagues read.
    pub name: String,
    /// What they are there to do.
    pub roles: Roles,
    /// Where.
    pub regions: Regions,
    /// Who proposed them; `None` for the first one.
    pub invited_by: Option<StaffId>,
    /// Who approved them; `None` for the first one.
    pub approved_by: Option<StaffId>,
}

/// A staff member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaffRecord {
    /// Who, for whom and what for.
    pub grant: StaffGrant,
    /// When they took up their invitation.
    pub created_at: Timestamp,
    /// When their account was ended; `None` while it lasts.
    pub ended_at: Option<Timestamp>,
}

/// A signed-in browser or program of a staff member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRecord {
    /// Whose.
    pub staff: StaffId,
    /// When they signed in.
    pub created_at: Timestamp,
    /// When they last asked for anything, to the minute.
    pub seen_at: Timestamp,
    /// When they last showed their passkey.
    pub stepped_up_at: Timestamp,
    /// When it ends whatever happens.
    pub ends_at: Timestamp,
    /// When they signed out, or were.
    pub ended_at: Option<Timestamp>,
}

/// An invitation to become a staff member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvitationRecord {
    /// What it grants.
    pub grant: StaffGrant,
    /// When it stops working.
    pub ends_at: Timestamp,
    /// When it was taken up; `None` before.
    pub used_at: Option<Timestamp>,
    /// The proposal that it belongs to; `None` for the first staff member's, which is one piece.
    pub proposal: Option<ProposalId>,
    /// The hash of the approver's half; `None` before the approval, and for the first one.
    pub approver_half: Option<[u8; 32]>,
}

/// Whose half of an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Half {
    /// Of the proposer of the staff member.
    Proposer,
    /// Of their approver.
    Approver,
}

/// Adds a staff member.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn add(tx: &mut Transaction, grant: &StaffGrant, at: Timestamp) -> Result<()> {
    let [id, authority, name, roles, regions, invited, approved] = granted(grant);
    let values = [
        id,
        authority,
        name,
        roles,
        regions,
        invited,
        approved,
        at.into(),
    ];
    tx.execute(&STAFF_ADD, &values).await?;
    Ok(())
}

/// A staff member, ended or not.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn find(tx: &mut Transaction, id: StaffId) -> Result<Option<StaffRecord>> {
    let row = tx.row(&STAFF_FIND, &[id.into()]).await?;
    row.as_ref().map(read_member).transpose()
}

/// Every staff member there ever was, the first one first.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn all(tx: &mut Transaction) -> Result<Vec<StaffRecord>> {
    let rows = tx.rows(&STAFF_ALL, &[]).await?;
    rows.iter().map(read_member).collect()
}

/// Ends a staff member and every session of theirs; `false` if they were ended before. Their accounts at
/// identity providers open nothing any more, and may be bound anew.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn end(tx: &mut Transaction, id: StaffId, at: Timestamp) -> Result<bool> {
    let values = [id.into(), at.into()];
    let is_new = tx.execute(&STAFF_END, &values).await? > 0;
    tx.execute(&STAFF_SESSIONS_END, &values).await?;
    tx.execute(&STAFF_IDENTITIES_DROP, &values[..1]).await?;
    Ok(is_new)
}

/// Keeps a passkey of a staff member, or what changed in it. `passkey` is the caller's text.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn put_passkey(
    tx: &mut Transaction,
    staff: StaffId,
    credential: &[u8],
    passkey: &str,
    at: Timestamp,
) -> Result<()> {
    let values = [staff.into(), credential.into(), passkey.into(), at.into()];
    tx.execute(&STAFF_PASSKEY_PUT, &values).await?;
    Ok(())
}

/// The passkeys of a staff member, as the caller wrote them.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn passkeys(tx: &mut Transaction, staff: StaffId) -> Result<Vec<String>> {
    let rows = tx.rows(&STAFF_PASSKEYS, &[staff.into()]).await?;
    rows.iter().map(|row| row.text(0)).collect()
}

/// Begins a session.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn add_session(
    tx: &mut Transaction,
    hash: [u8; 32],
    staff: StaffId,
    at: Timestamp,
    ends_at: Timestamp,
) -> Result<()> {
    let values = [hash.into(), staff.into(), at.into(), ends_at.into()];
    tx.execute(&STAFF_SESSION_ADD, &values).await?;
    Ok(())
}

/// The session with this hash, ended or not, and the staff member whose it is.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn session(
    tx: &mut Transaction,
    hash: [u8; 32],
) -> Result<Option<(SessionRecord, StaffRecord)>> {
    let row = tx.row(&STAFF_SESSION_FIND, &[hash.into()]).await?;
    let Some(row) = row else { return Ok(None) };
    let session = SessionRecord {
        staff: row.id(0)?,
        created_at: row.time(1)?,
        seen_at: row.time(2)?,
        stepped_up_at: row.time(3)?,
        ends_at: row.time(4)?,
        ended_at: row.time_or_null(5)?,
    };
    let member = find(tx, session.staff).await?;
    Ok(member.map(|member| (session, member)))
}

/// Notes that a session is in use.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn note_seen(tx: &mut Transaction, hash: [u8; 32], at: Timestamp) -> Result<()> {
    tx.execute(&STAFF_SESSION_SEEN, &[hash.into(), at.into()])
        .await?;
    Ok(())
}

/// Notes that the holder of a session showed their passkey again; `false` if it has ended.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn note_step_up(tx: &mut Transaction, hash: [u8; 32], at: Timestamp) -> Result<bool> {
    let values = [hash.into(), at.into()];
    Ok(tx.execute(&STAFF_SESSION_STEP_UP, &values).await? > 0)
}

/// Ends a session.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn end_session(tx: &mut Transaction, hash: [u8; 32], at: Timestamp) -> Result<()> {
    tx.execute(&STAFF_SESSION_END, &[hash.into(), at.into()])
        .await?;
    Ok(())
}

/// Ends every session of the staff member whose session this is, unless it has ended itself.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn end_sessions_like(tx: &mut Transaction, hash: [u8; 32], at: Timestamp) -> Result<()> {
    let found = session(tx, hash).await?;
    let Some((session, _)) = found.filter(|(session, _)| session.ended_at.is_none()) else {
        return Ok(());
    };
    tx.execute(&STAFF_SESSIONS_END, &[session.staff.into(), at.into()])
        .await?;
    Ok(())
}

/// Forgets sessions and challenges that were over before a time.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn drop_old(tx: &mut Transaction, before: Timestamp) -> Result<()> {
    tx.execute(&STAFF_SESSIONS_DROP, &[before.into()]).await?;
    tx.execute(&STAFF_CHALLENGES_DROP, &[before.into()]).await?;
    Ok(())
}

/// Adds an invitation. One with a proposal works for nobody before it is completed.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn invite(
    tx: &mut Transaction,
    hash: [u8; 32],
    proposal: Option<ProposalId>,
    grant: &StaffGrant,
    ends_at: Timestamp,
) -> Result<()> {
    let [id, authority, name, roles, regions, invited, approved] = granted(grant);
    let values = [
        hash.into(),
        id,
        authority,
        name,
        roles,
        regions,
        invited,
        approved,
        ends_at.into(),
        proposal.into(),
    ];
    tx.execute(&STAFF_INVITATION_ADD, &values).await?;
    Ok(())
}

/// Completes the invitation of a proposal with the approver's half; `false` if there is none, or it
/// was completed before.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn complete_invitation(
    tx: &mut Transaction,
    proposal: ProposalId,
    half: [u8; 32],
    approved_by: Option<StaffId>,
    ends_at: Timestamp,
) -> Result<bool> {
    let values = [
        proposal.into(),
        half.into(),
        approved_by.into(),
        ends_at.into(),
    ];
    Ok(tx.execute(&STAFF_INVITATION_APPROVE, &values).await? > 0)
}

/// Puts another half in the place of one; `false` if there is no such half, or the invitation was
/// taken up or has run out.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn renew_half(
    tx: &mut Transaction,
    proposal: ProposalId,
    whose: Half,
    hash: [u8; 32],
    now: Timestamp,
) -> Result<bool> {
    let statement = match whose {
        Half::Proposer => &STAFF_INVITATION_RENEW_PROPOSER,
        Half::Approver => &STAFF_INVITATION_RENEW_APPROVER,
    };
    let values = [proposal.into(), hash.into(), now.into()];
    Ok(tx.execute(statement, &values).await? > 0)
}

/// Ends the first staff member's invitations that were not taken up.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn end_first_invitations(tx: &mut Transaction, now: Timestamp) -> Result<()> {
    tx.execute(&STAFF_INVITATIONS_FIRST_END, &[now.into()])
        .await?;
    Ok(())
}

/// Ends the invitations that a staff member proposed or approved and that nobody took up.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn void_invitations(tx: &mut Transaction, staff: StaffId, now: Timestamp) -> Result<()> {
    let values = [staff.into(), now.into()];
    tx.execute(&STAFF_INVITATIONS_VOID, &values).await?;
    Ok(())
}

/// Binds an account of an identity provider to a staff member, unless it is bound; whose it is now.
/// `provider` is what the configuration calls the provider.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn claim_identity(
    tx: &mut Transaction,
    identity: [u8; 32],
    staff: StaffId,
    provider: &str,
    at: Timestamp,
) -> Result<StaffId> {
    let values = [identity.into(), staff.into(), provider.into(), at.into()];
    tx.execute(&STAFF_IDENTITY_CLAIM, &values).await?;
    Ok(by_identity(tx, identity).await?.unwrap_or(staff))
}

/// The providers whose accounts open a staff member's, one for each account, and when each was bound.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn identities(tx: &mut Transaction, staff: StaffId) -> Result<Vec<(String, Timestamp)>> {
    let rows = tx.rows(&STAFF_IDENTITIES, &[staff.into()]).await?;
    rows.iter()
        .map(|row| Ok((row.text(0)?, row.time(1)?)))
        .collect()
}

/// Takes away what a staff member has at one provider: it opens nothing any more, and may be bound anew.
/// Every session of theirs ends, also those that it opened.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn drop_identities(
    tx: &mut Transaction,
    staff: StaffId,
    provider: &str,
    at: Timestamp,
) -> Result<()> {
    let values = [staff.into(), provider.into()];
    tx.execute(&STAFF_IDENTITY_DROP, &values).await?;
    tx.execute(&STAFF_SESSIONS_END, &[staff.into(), at.into()])
        .await?;
    Ok(())
}

/// The staff member to whom an account of an identity provider is bound.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn by_identity(tx: &mut Transaction, identity: [u8; 32]) -> Result<Option<StaffId>> {
    let row = tx.row(&STAFF_IDENTITY_FIND, &[identity.into()]).await?;
    row.map(|row| row.id(0)).transpose()
}

/// The invitation with this hash, used or not.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn invitation(tx: &mut Transaction, hash: [u8; 32]) -> Result<Option<InvitationRecord>> {
    let row = tx.row(&STAFF_INVITATION_FIND, &[hash.into()]).await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(InvitationRecord {
        grant: read_grant(&row)?,
        ends_at: row.time(7)?,
        used_at: row.time_or_null(8)?,
        proposal: row.id_or_null(9)?,
        approver_half: row.array_or_null(10)?,
    }))
}

/// Takes up an invitation; `false` if that was done before.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn use_invitation(tx: &mut Transaction, hash: [u8; 32], at: Timestamp) -> Result<bool> {
    let values = [hash.into(), at.into()];
    Ok(tx.execute(&STAFF_INVITATION_USE, &values).await? > 0)
}

/// Keeps what is expected of an answer, in the caller's words.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn add_challenge(
    tx: &mut Transaction,
    hash: [u8; 32],
    state: &str,
    ends_at: Timestamp,
) -> Result<()> {
    let values = [hash.into(), state.into(), ends_at.into()];
    tx.execute(&STAFF_CHALLENGE_ADD, &values).await?;
    Ok(())
}

/// Takes out what is expected of an answer, so that it counts once; `None` if there is nothing, or it
/// is too late.
///
/// # Errors
/// As every statement: [`crate::StoreError`].
pub async fn take_challenge(
    tx: &mut Transaction,
    hash: [u8; 32],
    now: Timestamp,
) -> Result<Option<String>> {
    let row = tx.row(&STAFF_CHALLENGE_FIND, &[hash.into()]).await?;
    let Some(row) = row else { return Ok(None) };
    let dropped = tx.execute(&STAFF_CHALLENGE_DROP, &[hash.into()]).await?;
    let is_in_time = now < row.time(1)?;
    (dropped > 0 && is_in_time).then(|| row.text(0)).transpose()
}

fn granted(grant: &StaffGrant) -> [crate::database::Value; 7] {
    [
        grant.id.into(),
        grant.authority.into(),
        grant.name.as_str().into(),
        grant.roles.to_string().into(),
        grant.regions.to_string().into(),
        grant.invited_by.into(),
        grant.approved_by.into(),
    ]
}

fn read_member(row: &Row) -> Result<StaffRecord> {
    Ok(StaffRecord {
        grant: read_grant(row)?,
        created_at: row.time(7)?,
        ended_at: row.time_or_null(8)?,
    })
}

fn read_grant(row: &Row) -> Result<StaffGrant> {
    Ok(StaffGrant {
        id: row.id(0)?,
        authority: row.id(1)?,
        name: row.text(2)?,
        roles: row.word(3)?,
        regions: row.word(4)?,
        invited_by: row.id_or_null(5)?,
        approved_by: row.id_or_null(6)?,
    })
}
