//! Why a sign-in did not happen. No text holds a token, a claim or anything about the person.

/// Every reason for which nobody is signed in. Closed, so that a page has words for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum SignInError {
    /// No such provider.
    #[error("there is no sign-in of this name")]
    UnknownProvider,
    /// This browser did not begin here, or began again elsewhere since.
    #[error("this sign-in was not begun in this browser; begin again")]
    NotBegunHere,
    /// It took more than ten minutes.
    #[error("this sign-in took too long; begin again")]
    TooLate,
    /// The answer was used before.
    #[error("this answer of the provider was used before; begin again")]
    UsedBefore,
    /// The answer names another provider than the one that was asked (RFC 9207).
    #[error("the answer is of another provider than the one that was asked; begin again")]
    MixedUp,
    /// The person, or the provider, said no.
    #[error("the provider did not sign this person in; begin again, or sign in another way")]
    Declined,
    /// The provider does not know the code that the browser brought.
    #[error("the provider does not take the code that it gave; begin again")]
    CodeRefused,
    /// The provider signed the person in, but not in a way that proves who they are.
    #[error(
        "this account is not proven; have the provider prove it, or go to a community office with \
         the document"
    )]
    NotProven,
    /// A claim that says who the person is has another form than configured, or is missing.
    #[error("the provider says too little: {0}")]
    Claims(ClaimFault),
    /// The provider's token cannot be believed.
    #[error("the provider's token cannot be believed: {0}")]
    Token(TokenFault),
    /// The provider cannot be asked at present.
    #[error("the provider cannot be asked: {0}; try again in a little while")]
    Unreachable(Unreachable),
    /// What the configuration says of the provider is not what the provider says.
    #[error("the configuration does not fit the provider: {0}")]
    Misconfigured(Misfit),
}

/// What is wrong with a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum ClaimFault {
    /// No name.
    #[error("the claim for the name is missing or empty; check `claims.name` and `scopes`")]
    Name,
    /// No number, or one that cannot be.
    #[error(
        "the claim for the document's number is missing or no such number; check \
         `claims.document_number` and `scopes`"
    )]
    DocumentNumber,
    /// No kind, or one that the configuration does not know.
    #[error(
        "the claim for the kind of document is missing or not listed; check `document_kinds` and \
         `scopes`"
    )]
    DocumentKind,
}

/// What is wrong with a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum TokenFault {
    /// There is none, or it does not read.
    #[error("there is none that can be read; check that `openid` is granted to this client")]
    Unreadable,
    /// It is of another issuer.
    #[error("it is of another issuer")]
    Issuer,
    /// It is for somebody else.
    #[error("it is for another client")]
    Audience,
    /// It has run out, lies in the future, or is too old.
    #[error("its time is not now; check the clocks of both machines")]
    Time,
    /// It answers another request.
    #[error("it answers another request than the one that was made in this browser")]
    Nonce,
    /// Its algorithm is not taken: none, a shared secret, or one that is not listed.
    #[error(
        "its signature is of a kind that is not taken; have the provider sign with RS256, PS256, \
         ES256 or EdDSA"
    )]
    Algorithm,
    /// The person proved themselves too long ago, or the token does not say when.
    #[error(
        "it does not say that the person has just proven themselves; have the provider honour \
         `max_age` and give `auth_time`"
    )]
    NotFresh,
    /// Its signature does not fit any key that the provider shows.
    #[error("its signature fits no key that the provider shows")]
    Signature,
    /// The provider's other answer is about another person.
    #[error("the userinfo endpoint answered about somebody else")]
    Subject,
}

/// Why a provider cannot be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Unreachable {
    /// Nothing answers, or the connection broke.
    #[error("it does not answer")]
    Down,
    /// It takes too long.
    #[error("it is too slow")]
    Slow,
    /// It answers with a fault of its own, or with something that is no answer.
    #[error("its answer cannot be read")]
    Garbled,
    /// It answers more than is read.
    #[error("its answer is too long")]
    TooLong,
    /// Too many people are signing in with it at once.
    #[error("too many people are signing in at this moment")]
    Busy,
}

/// How configuration and provider do not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Misfit {
    /// The discovery document names another issuer.
    #[error("`issuer` is not what the provider calls itself; copy it from its discovery document")]
    Issuer,
    /// The discovery document sends to an address without TLS.
    #[error("the provider names an address without TLS")]
    Address,
    /// The provider refuses the client's name or secret.
    #[error("the provider refuses `client_id` or the secret")]
    Client,
    /// The provider has no endpoint that is needed.
    #[error("the provider names no endpoint for tokens, or none for userinfo")]
    Endpoint,
}

impl SignInError {
    /// Whether the operator or the provider must do something, not the person: worth a log line.
    pub const fn is_for_the_operator(self) -> bool {
        matches!(
            self,
            Self::MixedUp
                | Self::Claims(_)
                | Self::Token(_)
                | Self::Unreachable(_)
                | Self::Misconfigured(_)
        )
    }
}
