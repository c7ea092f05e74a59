//! What is asked for under a key, answered, and asked for again.

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use domain::{EvidenceId, PersonId, RequestKey, Timestamp, VenueId};
use service::{
    CaseReport, Declaration, RegistrationRequest, Scan, Service, ServiceError, Staff, Subject,
    Submission, Submitter, Token,
};

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
    Uploaded {
        person: PersonId,
        visit: (VenueId, Timestamp),
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
                Ok(Answer::Uploaded {
                    person: resident.person(),
                    visit,
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

    /// Asks a node, and hangs up after so many turns of the request: it may have been carried out.
    pub async fn hang_up(&self, service: Arc<Service>, turns: u8) {
        let mut asked = pin!(self.ask(&service));
        for _ in 0..turns {
            let mut context = Context::from_waker(Waker::noop());
            if let Poll::Ready(_lost) = asked.as_mut().poll(&mut context) {
                return;
            }
            tokio::time::sleep(Duration::from_micros(700)).await;
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
        error => panic!("{error}"),
    }
}

impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Register(_) => "a registration",
            Self::Declare { .. } => "a declaration",
            Self::Submit { .. } => "a submission",
            Self::Withdraw { .. } => "a withdrawal",
            Self::Confirm { .. } => "a case",
            Self::Upload { .. } => "a visit",
        })
    }
}
