//! A code becomes an ID token, and the token is checked: by the library's verifier for issuer,
//! audience, signature, time and nonce, and here for what the library leaves to its caller.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use domain::{Pii, Timestamp};
use jiff::SignedDuration;
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreClientAuthMethod, CoreErrorResponseType, CoreGenderClaim,
    CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreResponseType,
    CoreRevocableToken, CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AdditionalClaims, AuthType, AuthenticationContextClass, AuthenticationFlow, AuthorizationCode,
    ClaimsVerificationError, Client, ClientId, ClientSecret, CsrfToken, EmptyExtraTokenFields,
    EndpointMaybeSet, EndpointNotSet, EndpointSet, IdTokenClaims, IdTokenFields, IdTokenVerifier,
    Nonce, OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl,
    RequestTokenError, Scope, SignatureVerificationError, StandardErrorResponse,
    StandardTokenResponse, UserInfoClaims, UserInfoError,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::attempt::{self, Attempt};
use super::discovery::{Discovery, Known};
use super::error::{Misfit, SignInError, TokenFault, Unreachable};
use super::exchange::{Exchange, NoAnswer};
use super::proven::ProvenSubject;
use super::settings::{Audience, ClaimsFrom, ProviderSettings};

/// How far the provider's clock may be from ours.
const SKEW: SignedDuration = SignedDuration::from_secs(60);

/// How old a staff member's proof may be when they come back: a sign-in counts as their proof for
/// sensitive acts, so that an old session at the provider is not enough. They are asked to prove
/// themselves anew whatever its age, and did so after they set out.
const STAFF_PROOF: Duration = Duration::from_secs(300);

/// Signatures that are taken. Never none, and none with a secret that two know.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 4] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// Every claim that the library has no field for.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
struct OtherClaims(BTreeMap<String, Value>);

impl AdditionalClaims for OtherClaims {}

type Claims = IdTokenClaims<OtherClaims, CoreGenderClaim>;

type TokenAnswer = StandardTokenResponse<
    IdTokenFields<
        OtherClaims,
        EmptyExtraTokenFields,
        CoreGenderClaim,
        CoreJweContentEncryptionAlgorithm,
        CoreJwsSigningAlgorithm,
    >,
    CoreTokenType,
>;

type RelyingParty = Client<
    OtherClaims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    TokenAnswer,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// Where the browser goes to sign in.
pub(super) fn address(
    provider: &ProviderSettings,
    known: &Known,
    attempt: &Attempt,
) -> Result<String, SignInError> {
    let client = relying_party(provider, known)?;
    let (state, nonce) = (attempt.state.expose(), attempt.nonce.expose());
    let verifier = PkceCodeVerifier::new(attempt.verifier.expose());
    let scopes = provider.scopes.iter().cloned().map(Scope::new);
    let acr = provider.acr.iter().cloned();
    let mut request = client
        .authorize_url(
            AuthenticationFlow::<CoreResponseType>::AuthorizationCode,
            || CsrfToken::new(state),
            || Nonce::new(nonce),
        )
        .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
        .add_scopes(scopes);
    for acr in acr {
        request = request.add_auth_context_value(AuthenticationContextClass::new(acr));
    }
    if provider.audience == Audience::Staff {
        request = request
            .set_max_age(STAFF_PROOF)
            .add_prompt(CoreAuthPrompt::Login);
    }
    Ok(request.url().0.into())
}

/// Whether what a provider says of itself leaves a way to sign somebody in.
pub(super) fn check(provider: &ProviderSettings, known: &Known) -> Result<(), SignInError> {
    let has_userinfo = known.metadata.userinfo_endpoint().is_some();
    if provider.claims_from == ClaimsFrom::Userinfo && !has_userinfo {
        return Err(SignInError::Misconfigured(Misfit::Endpoint));
    }
    relying_party(provider, known).map(drop)
}

/// Has the provider take back its code, and gives who it says is there, with all claims. Blocks.
pub(super) fn redeem(
    provider: &ProviderSettings,
    (exchange, discovery): (&Exchange, &Discovery),
    code: String,
    attempt: &Attempt,
    now: Timestamp,
) -> Result<(ProvenSubject, Value), SignInError> {
    let mut known = discovery.current(provider, exchange, now)?;
    let client = relying_party(provider, &known)?;
    let ask = |request| exchange.ask(request);
    let answer = client
        .exchange_code(AuthorizationCode::new(code))
        .map_err(|_| SignInError::Misconfigured(Misfit::Endpoint))?
        .set_pkce_verifier(PkceCodeVerifier::new(attempt.verifier.expose()))
        .request(&ask)
        .map_err(code_refused)?;
    let token = answer.extra_fields().id_token();
    let token = token.ok_or(SignInError::Token(TokenFault::Unreadable))?;
    let nonce = Nonce::new(attempt.nonce.expose());
    let claims = match token.claims(&verifier(provider, &known, now), &nonce) {
        // The provider may have changed its keys since they were read.
        Err(ClaimsVerificationError::SignatureVerification(
            SignatureVerificationError::NoMatchingKey | SignatureVerificationError::CryptoError(_),
        )) => {
            known = discovery.with_new_keys(&known, exchange, now)?;
            token.claims(&verifier(provider, &known, now), &nonce)
        }
        other => other,
    };
    let claims = claims.map_err(not_believed)?;
    let subject = subject(provider, claims, attempt, now)?;
    let mut all = as_json(claims)?;
    if provider.claims.is_some() && provider.claims_from == ClaimsFrom::Userinfo {
        let asked = client
            .user_info(
                answer.access_token().clone(),
                Some(claims.subject().clone()),
            )
            .map_err(|_| SignInError::Misconfigured(Misfit::Endpoint))?;
        let said: UserInfoClaims<OtherClaims, CoreGenderClaim> =
            asked.request(&ask).map_err(no_userinfo)?;
        all = as_json(&said)?;
    }
    Ok((subject, all))
}

fn relying_party(provider: &ProviderSettings, known: &Known) -> Result<RelyingParty, SignInError> {
    let redirect = RedirectUrl::new(provider.redirect.clone());
    let redirect = redirect.map_err(|_| SignInError::Misconfigured(Misfit::Address))?;
    let secret = ClientSecret::new(provider.secret.expose().to_owned());
    let metadata = known.metadata.clone();
    let takes = metadata.token_endpoint_auth_methods_supported();
    // A provider that says nothing takes the secret in the header (Discovery 1.0, section 3).
    let by_form = takes.is_some_and(|takes| {
        !takes.contains(&CoreClientAuthMethod::ClientSecretBasic)
            && takes.contains(&CoreClientAuthMethod::ClientSecretPost)
    });
    let auth = match by_form {
        true => AuthType::RequestBody,
        false => AuthType::BasicAuth,
    };
    let client = ClientId::new(provider.client_id.clone());
    Ok(
        RelyingParty::from_provider_metadata(metadata, client, Some(secret))
            .set_auth_type(auth)
            .set_redirect_uri(redirect),
    )
}

/// Knows of no secret, so that no signature made with one is ever taken.
fn verifier(
    provider: &ProviderSettings,
    known: &Known,
    now: Timestamp,
) -> IdTokenVerifier<'static, CoreJsonWebKey> {
    let client = ClientId::new(provider.client_id.clone());
    let (issuer, keys) = (known.metadata.issuer(), known.metadata.jwks());
    IdTokenVerifier::new_public_client(client, issuer.clone(), keys.clone())
        .set_allowed_algs(ALGORITHMS)
        .set_time_fn(move || SystemTime::from(now - SKEW).into())
}

/// What the library leaves to its caller: the authorized party, when the token was made, and the
/// context that proves somebody.
fn subject(
    provider: &ProviderSettings,
    claims: &Claims,
    attempt: &Attempt,
    now: Timestamp,
) -> Result<ProvenSubject, SignInError> {
    let party = claims.authorized_party();
    if party.is_some_and(|party| **party != provider.client_id) {
        return Err(SignInError::Token(TokenFault::Audience));
    }
    let made_at = Timestamp::from_second(claims.issue_time().timestamp());
    let age = made_at.map(|made_at| now.duration_since(made_at));
    if !age.is_ok_and(|age| -SKEW <= age && age <= attempt::LONGEST + SKEW) {
        return Err(SignInError::Token(TokenFault::Time));
    }
    let acr = claims.auth_context_ref().map(|acr| acr.to_string());
    let is_proof = |acr: &String| provider.acr.contains(acr);
    if !provider.acr.is_empty() && !acr.as_ref().is_some_and(is_proof) {
        return Err(SignInError::NotProven);
    }
    let seconds = claims.auth_time().map(|at| at.timestamp());
    let authenticated_at = seconds.and_then(|seconds| Timestamp::from_second(seconds).ok());
    let earliest = (attempt.ends_at - attempt::LONGEST - SKEW).max(now - STAFF_PROOF - SKEW);
    let is_fresh = authenticated_at.is_some_and(|at| at >= earliest);
    if provider.audience == Audience::Staff && !is_fresh {
        return Err(SignInError::Token(TokenFault::NotFresh));
    }
    Ok(ProvenSubject {
        provider: provider.key.clone(),
        issuer: provider.issuer.clone(),
        subject: Pii::new(claims.subject().to_string()),
        acr,
        authenticated_at,
    })
}

fn as_json(claims: &impl Serialize) -> Result<Value, SignInError> {
    serde_json::to_value(claims).map_err(|_| SignInError::Token(TokenFault::Unreadable))
}

type CodeRefused = RequestTokenError<NoAnswer, StandardErrorResponse<CoreErrorResponseType>>;

fn code_refused(error: CodeRefused) -> SignInError {
    match error {
        RequestTokenError::Request(no_answer) => no_answer.into(),
        RequestTokenError::ServerResponse(said) => match said.error() {
            CoreErrorResponseType::InvalidGrant => SignInError::CodeRefused,
            _ => SignInError::Misconfigured(Misfit::Client),
        },
        // The answer came, and holds no token that reads.
        RequestTokenError::Parse(..) => SignInError::Token(TokenFault::Unreadable),
        RequestTokenError::Other(_) => SignInError::Unreachable(Unreachable::Garbled),
    }
}

fn not_believed(error: ClaimsVerificationError) -> SignInError {
    use ClaimsVerificationError as C;
    use SignatureVerificationError as S;
    SignInError::Token(match error {
        C::Expired(_) => TokenFault::Time,
        C::InvalidAudience(_) => TokenFault::Audience,
        C::InvalidIssuer(_) => TokenFault::Issuer,
        C::InvalidNonce(_) => TokenFault::Nonce,
        C::SignatureVerification(
            S::DisallowedAlg(_) | S::UnsupportedAlg(_) | S::NoSignature | S::InvalidKey(_),
        ) => TokenFault::Algorithm,
        C::SignatureVerification(_) => TokenFault::Signature,
        _ => TokenFault::Unreadable,
    })
}

fn no_userinfo(error: UserInfoError<NoAnswer>) -> SignInError {
    match error {
        UserInfoError::Request(no_answer) => no_answer.into(),
        UserInfoError::ClaimsVerification(_) => SignInError::Token(TokenFault::Subject),
        _ => SignInError::Unreachable(Unreachable::Garbled),
    }
}
