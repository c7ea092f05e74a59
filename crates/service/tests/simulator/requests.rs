//! What is asked for under a key, answered, and asked for again.

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use domain::{AppealId, EvidenceId, PersonId, RequestKey, Timestamp, VenueId};
use service::{
    AppealRequest, CaseReport, Declaration, DoorScan, RegistrationRequest, Scan, ScannerPass,
    Service, ServiceError, Staff, Subject, Submission, Submitter, Token,
};

use crate::model::Person;
use crate::operations::Cut;

/// A request as its sender keeps it until it is answered.
#[derive(Clone)]
pub enum Request {
    Register(Box<RegistrationRequest>),
    Declare {
        token: Token,
        key: RequestKey,
        declaration: Declaration,
    },
    Submit {
        by: Submitter,
        submission: Submission,
    },
    Withdraw {
        by: Submitter,
        subject: Subject,
        evidence: EvidenceId,
    },
    Confirm {
        by: Staff,
        report: CaseReport,
    },
    Upload {
        token: Token,
        scan: Scan,
    },
    CheckIn {
        token: Token,
        venue: VenueId,
        key: RequestKey,
    },
    Appeal {
        token: Token,
        appeal: AppealRequest,
    },
    Door {
        pass: ScannerPass,
        scan: DoorScan,
        /// Whose code it is.
        of: PersonId,
    },
}

/// What is answered to a request: the same however often it is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    Registered {
        person: PersonId,
        token: String,
    },
    Said {
        accepted: Vec<(PersonId, EvidenceId)>,
        refused: Vec<usize>,
    },
    Confirmed {
        person: PersonId,
        diagnosis: EvidenceId,
    },
    Withdrawn {
        taken_back: EvidenceId,
    },
    Visited {
        person: PersonId,
        visit: (VenueId, Timestamp),
    },
    LetIn {
        person: PersonId,
        visit: (VenueId, Timestamp),
    },
    Appealed {
        person: PersonId,
        id: AppealId,
        against: Vec<EvidenceId>,
    },
    Refused(&'static str),
}

impl Request {
    /// Asks a node once.
    ///
    /// # Errors
    /// What the node answers, but for what it refuses for good.
    pub async fn ask(&self, service: &Service) -> service::Result<Answer> {
        match self.clone() {
            Self::Register(request) => {
                let registered = service.people.register(*request).await?;
                Ok(Answer::Registered {
                    person: registered.person,
                    token: registered.token.expose(),
                })
            }
            Self::Declare {
                token,
                key,
                declaration,
            } => {
                let resident = service.access.resident(&token).await?;
                let person = resident.person();
                let people = &service.people;
                let declared = people.declare(&resident, Some(key), declaration, &[]);
                let ids = declared.await?.evidence.into_iter();
                Ok(Answer::Said {
                    accepted: ids.map(|id| (person, id)).collect(),
                    refused: Vec::new(),
                })
            }
            Self::Submit { by, submission } => {
                let receipt = service.evidence.submit(&by, submission).await?;
                let accepted = receipt.accepted.iter();
                Ok(Answer::Said {
                    accepted: accepted.map(|one| (one.person, one.evidence)).collect(),
                    refused: receipt.refused.iter().map(|one| one.index).collect(),
                })
            }
            Self::Withdraw {
                by,
                subject,
                evidence,
            } => {
                service.evidence.withdraw(&by, &subject, evidence).await?;
                let taken_back = evidence;
                Ok(Answer::Withdrawn { taken_back })
            }
            Self::Confirm { by, report } => {
                let case = service.tracing.confirm_case(&by, report).await?;
                Ok(Answer::Confirmed {
                    person: case.person,
                    diagnosis: case.diagnosis,
                })
            }
            Self::Upload { token, scan } => {
                let resident = service.access.resident(&token).await?;
                let visit = (scan.venue, scan.entered);
                let id = scan.id;
                let receipt = service.visits.upload_scans(&resident, &[scan]).await?;
                if receipt.waiting.contains(&id) {
                    return Ok(Answer::Refused("waits for a tracer"));
                }
                if !receipt.accepted.contains(&id) {
                    return Ok(Answer::Refused("does not fit"));
                }
                Ok(Answer::Visited {
                    person: resident.person(),
                    visit,
                })
            }
            Self::CheckIn { token, venue, key } => {
                let resident = service.access.resident(&token).await?;
                let visit = service.visits.check_in(&resident, venue, key).await?;
                Ok(Answer::Visited {
                    person: resident.person(),
                    visit: (visit.venue, visit.entered),
                })
            }
            Self::Appeal { token, appeal } => {
                let resident = service.access.resident(&token).await?;
                let filed = service.appeals.file(&resident, appeal).await?;
                let restrictions = filed.restrictions.into_iter();
                Ok(Answer::Appealed {
                    person: filed.person,
                    id: filed.id,
                    against: restrictions.flat_map(|one| one.evidence).collect(),
                })
            }
            Self::Door { pass, scan, of } => {
                let scanner = service.scanners.present(&pass).await?;
                let recorded = service.scanners.record(&scanner, &scan).await?;
                Ok(match recorded {
                    Ok(()) => Answer::LetIn {
                        person: of,
                        visit: (scan.venue, scan.at),
                    },
                    Err(refusal) => Answer::Refused(refusal.word()),
                })
            }
        }
    }

    /// Asks a node until it answers. What it refuses for good is an answer too.
    pub async fn ask_until_answered(&self, service: &Service) -> Answer {
        for _ in 0..100 {
            match self.ask(service).await {
                Ok(answer) => return answer,
                Err(ServiceError::Store(error)) if error.is_temporary() => {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                Err(error) => return Answer::Refused(refusal(&error)),
            }
        }
        panic!("no answer after a hundred times: {self:?}");
    }

    /// Asks a node, and hangs up: it may have been carried out.
    pub async fn hang_up(&self, service: Arc<Service>, cut: Cut) {
        let mut asked = pin!(self.ask(&service));
        for _ in 0..cut.turns {
            let mut context = Context::from_waker(Waker::noop());
            if let Poll::Ready(_lost) = asked.as_mut().poll(&mut context) {
                return;
            }
            tokio::time::sleep(Duration::from_micros(700)).await;
        }
        tokio::time::sleep(Duration::from_millis(cut.millis.into())).await;
    }

    /// Whom it is about, if it must not make their colour worse.
    pub fn never_makes_worse(&self, people: &[Person]) -> Option<PersonId> {
        match self {
            Self::Appeal { token, .. } => {
                let asks = people.iter().find(|one| one.token == *token);
                asks.map(|one| one.id)
            }
            Self::Door { of, .. } => Some(*of),
            _ => None,
        }
    }

    /// Whether it declares how somebody is who had no account.
    pub fn declares_at_once(&self) -> bool {
        matches!(self, Self::Register(request) if request.declaration.is_some())
    }
}

/// Which refusal; those that the simulation does not expect end it.
fn refusal(error: &ServiceError) -> &'static str {
    match error {
        ServiceError::NotYours => "not yours",
        ServiceError::NotWithdrawable => "not withdrawable",
        ServiceError::UnknownEvidence => "unknown evidence",
        ServiceError::BadField { .. } => "bad field",
        ServiceError::RequestKeyReused(_) => "key reused",
        ServiceError::UnknownRestriction => "nothing to appeal against",
        ServiceError::AppealedBefore => "appealed before",
        ServiceError::TooManyAppeals { .. } => "too many appeals",
        ServiceError::NotAuthenticated => "not authenticated",
        ServiceError::CutOff => "cut off",
        error => panic!("{error}: {error:?}"),
    }
}

impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl Request {
    /// What it is called.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Register(_) => "a registration",
            Self::Declare { .. } => "a declaration",
            Self::Submit { .. } => "a submission",
            Self::Withdraw { .. } => "a withdrawal",
            Self::Confirm { .. } => "a case",
            Self::Upload { .. } => "a visit",
            Self::CheckIn { .. } => "a check-in",
            Self::Appeal { .. } => "an appeal",
            Self::Door { .. } => "a scan at a door",
        }
    }
}
