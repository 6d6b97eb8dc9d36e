//! What the world outside knows of the sandbox's persons: who is insured, and whose certificate is revoked.

use core::future::{Future, ready};
use std::collections::HashMap;

use eligibility::{
    Code, ElderlyRecipientCertificate, Eligibility, Label, LimitApplicationCertificate, MedicalTicket,
    Record, SpecificDiseasesCertificate,
};
use pki::{RevocationSource, RevocationStatus, Verified};
use sandbox_card::Person;
use serde::Deserialize;
use time::OffsetDateTime;

use crate::{
    Error,
    eligibility_source::{EligibilitySource, SourceUnavailable},
    secrets::Secrets,
    store::Store,
};

/// The `[service]` halves of the persons' files, found by the generation of the CA and the serial number of the
/// certificate.
#[derive(Debug)]
pub(crate) struct Persons(HashMap<(u8, Vec<u8>), Entry>);

#[derive(Debug)]
struct Entry {
    slug: String,
    half: ServiceHalf,
}

/// What is wrong with the `[service]` half of a person's file. Names elements, never what stands in them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PersonError {
    /// No element has this name.
    #[error("{0} is no element of the record")]
    UnknownElement(String),
    /// `validity` is missing or no code of 資格有効性.
    #[error("validity must be a code of 資格有効性, \"1\" to \"6\"")]
    Validity,
    /// A value has another type than the element.
    #[error("{0} has the wrong type: texts and codes stand in quotation marks")]
    WrongType(String),
    /// The number of results does not go with `validity`.
    #[error("validity {validity} does not go with {results} results")]
    Results {
        /// The code.
        validity: String,
        /// How many results the file has.
        results: usize,
    },
}

/// One `[service]` half:
///
/// ```toml
/// [service]
/// revoked = false          # 失効; may be left out
/// validity = "1"           # 資格有効性: 1 有効, 2 無効, 3 無効（新しい資格あり）, 4 該当資格なし, 5 複数該当
///
/// [[service.results]]      # none for 4, several for 5; the elements of ResultOfQualificationConfirmation
/// InsurerNumber = "06990014"
/// Birthdate = "19800217"   # for 目視確認 it must be that of the card
/// ```
#[derive(Debug, Default)]
struct ServiceHalf {
    /// 失効.
    revoked: bool,
    /// 目視確認 was done before with this certificate and another 券面事項確認AP than the one on the card now.
    seen_before: bool,
    /// `None` where the file has no such half: the insurers know nothing of this person.
    eligibility: Option<Eligibility>,
}

impl Persons {
    pub(crate) fn new(persons: &[Person]) -> Result<Self, Error> {
        let mut all = HashMap::new();
        for person in persons {
            let half = ServiceHalf::parse(person.service())
                .map_err(|source| Error::Person { person: person.slug().to_owned(), source })?;
            // What is no My Number card has no certificate and never comes here.
            let Some(certificate) = &person.card.certificate else { continue };
            let key = (certificate.ca_generation, minimal(&certificate.serial.to_be_bytes()).to_vec());
            let entry = Entry { slug: person.slug().to_owned(), half };
            if let Some(other) = all.insert(key, entry) {
                return Err(Error::PersonsClash(other.slug, person.slug().to_owned()));
            }
        }
        Ok(Self(all))
    }

    /// Puts into the memory of the service that some cards were seen before.
    pub(crate) async fn remember_surfaces(&self, store: &Store, secrets: &Secrets) -> Result<(), Error> {
        for ((generation, serial), entry) in &self.0 {
            if entry.half.seen_before {
                // The key of a card that is no longer there: the hash of none that can come.
                store.surface_key(&secrets.card_pseudonym(*generation, serial), &[0; 32]).await?;
            }
        }
        Ok(())
    }

    fn entry(&self, certificate: &Verified) -> Option<&ServiceHalf> {
        let key = (certificate.generation(), minimal(certificate.serial()).to_vec());
        self.0.get(&key).map(|entry| &entry.half)
    }
}

/// A serial number without leading zeros: DER puts one in front of a number whose first bit is set.
fn minimal(serial: &[u8]) -> &[u8] {
    let zeros = serial.iter().take_while(|byte| **byte == 0).count();
    &serial[zeros..]
}

impl RevocationSource for Persons {
    /// As a CRL does: what is not on the list is good.
    fn status(&self, certificate: &Verified) -> impl Future<Output = RevocationStatus> + Send {
        let now = certificate.checked_at();
        ready(match self.entry(certificate) {
            Some(half) if half.revoked => RevocationStatus::Revoked { since: OffsetDateTime::UNIX_EPOCH },
            _ => RevocationStatus::Good { this_update: now, next_update: None },
        })
    }
}

impl EligibilitySource for Persons {
    fn find(
        &self,
        certificate: &Verified,
    ) -> impl Future<Output = Result<Option<Eligibility>, SourceUnavailable>> + Send {
        ready(Ok(self.entry(certificate).and_then(|half| half.eligibility.clone())))
    }
}

impl ServiceHalf {
    fn parse(table: &toml::Table) -> Result<Self, PersonError> {
        if table.is_empty() {
            return Ok(Self::default());
        }
        let flag = |name: &str| match table.get(name) {
            None => Ok(false),
            Some(value) => value.as_bool().ok_or_else(|| PersonError::WrongType(name.to_owned())),
        };
        if let Some(unknown) = table
            .keys()
            .find(|key| !["revoked", "seen_before", "validity", "results"].contains(&key.as_str()))
        {
            return Err(PersonError::UnknownElement(unknown.clone()));
        }
        let validity = table.get("validity").and_then(toml::Value::as_str).ok_or(PersonError::Validity)?;
        let results = match table.get("results") {
            None => Vec::new(),
            Some(toml::Value::Array(results)) => results.iter().map(record).collect::<Result<_, _>>()?,
            Some(_) => return Err(PersonError::WrongType("results".to_owned())),
        };
        let fits = match validity {
            "4" => results.is_empty(),
            "5" => results.len() > 1,
            "1" | "2" | "3" | "6" => !results.is_empty(),
            _ => return Err(PersonError::Validity),
        };
        if !fits {
            return Err(PersonError::Results { validity: validity.to_owned(), results: results.len() });
        }
        let eligibility = Eligibility {
            processing_result_status: Some(Code::new("1")),
            qualification_validity: Some(Code::new(validity)),
            results,
            ..Eligibility::default()
        };
        Ok(Self {
            revoked: flag("revoked")?,
            seen_before: flag("seen_before")?,
            eligibility: Some(eligibility),
        })
    }
}

/// One result. The record ignores names that it does not know, as a reader of messages must; a file in which a
/// name is misspelt is refused here.
fn record(value: &toml::Value) -> Result<Record, PersonError> {
    known_elements(value, Record::LABELS)?;
    Record::deserialize(value.clone()).map_err(|_| {
        // Which element it is: the one without which the rest can be read.
        let culprit = value.as_table().into_iter().flatten().find(|(name, value)| {
            let alone = toml::Table::from_iter([((*name).clone(), (*value).clone())]);
            Record::deserialize(toml::Value::Table(alone)).is_err()
        });
        PersonError::WrongType(culprit.map_or_else(|| "results".to_owned(), |(name, _)| name.clone()))
    })
}

fn known_elements(value: &toml::Value, labels: &[Label]) -> Result<(), PersonError> {
    let table = value.as_table().ok_or_else(|| PersonError::WrongType("results".to_owned()))?;
    for (name, value) in table {
        if !labels.iter().any(|label| label.element == name) {
            return Err(PersonError::UnknownElement(name.clone()));
        }
        let inner = match name.as_str() {
            "ElderlyRecipientCertificateInfo" => ElderlyRecipientCertificate::LABELS,
            "LimitApplicationCertificateRelatedInfo" => LimitApplicationCertificate::LABELS,
            "SpecificDiseasesCertificateList" => SpecificDiseasesCertificate::LABELS,
            "PublicExpenseResultList" => MedicalTicket::LABELS,
            _ => continue,
        };
        match value {
            toml::Value::Array(list) => list.iter().try_for_each(|value| known_elements(value, inner))?,
            value => known_elements(value, inner)?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use eligibility::Validity;

    use super::*;

    fn parse(text: &str) -> Result<ServiceHalf, PersonError> {
        ServiceHalf::parse(&text.parse().expect("TOML"))
    }

    #[test]
    fn all_named_persons_are_right() {
        let all = Person::all();
        let persons = Persons::new(&all).expect("right");
        assert_eq!(persons.0.len(), all.len() - 1, "all but the one whose card is no My Number card");
        for (_, entry) in persons.0 {
            let eligibility = entry.half.eligibility.expect("every holder has a [service] half");
            let validity = eligibility.validity().expect("a known code");
            let expected = match entry.slug.as_str() {
                "ichiro" => Validity::Invalid,
                "natsuko" => Validity::InvalidNewerExists,
                "nashio" => Validity::NotFound,
                "fuku" => Validity::Several,
                _ => Validity::Valid,
            };
            assert_eq!(validity, expected, "{}", entry.slug);
            assert_eq!(entry.half.revoked, entry.slug == "mihoko");
            for result in eligibility.results {
                let person = all.iter().find(|person| person.slug() == entry.slug).expect("one of them");
                let birth_date = result.birthdate.expect("given").date().expect("a date");
                assert_eq!(birth_date, person.birth_date(), "{}", entry.slug);
                let insurer = result.insurer_number.expect("given");
                assert!(insurer.check_digit_holds(), "{}", entry.slug);
                assert!(insurer.as_str().contains("99"), "prefecture 99 does not exist");
            }
        }
    }

    #[test]
    fn a_file_without_the_half_is_somebody_whom_no_insurer_knows() {
        let half = parse("").expect("nothing is wrong");
        assert!(half.eligibility.is_none() && !half.revoked);
    }

    #[test]
    fn what_is_wrong_with_a_file_is_told_by_name() {
        let wrong = |text| parse(text).expect_err("wrong");
        assert_eq!(wrong("revoked = true"), PersonError::Validity);
        assert_eq!(wrong("validity = 1"), PersonError::Validity);
        assert_eq!(wrong("validity = \"7\""), PersonError::Validity);
        assert_eq!(wrong("validity = \"4\"\nextra = 1"), PersonError::UnknownElement("extra".to_owned()));
        assert_eq!(wrong("validity = \"1\""), PersonError::Results { validity: "1".to_owned(), results: 0 });
        assert_eq!(
            wrong("validity = \"1\"\n[[results]]\nNmae = \"x\""),
            PersonError::UnknownElement("Nmae".to_owned())
        );
        assert_eq!(
            wrong("validity = \"1\"\n[[results]]\nName = \"x\"\nBirthdate = 1980"),
            PersonError::WrongType("Birthdate".to_owned())
        );
        assert_eq!(
            wrong(
                "validity = \"1\"\n[[results]]\n[results.LimitApplicationCertificateRelatedInfo]\nDate = \"x\""
            ),
            PersonError::UnknownElement("Date".to_owned())
        );
    }

    #[test]
    fn two_persons_with_one_certificate_clash() {
        let hanako = Person::named("hanako").expect("named");
        assert!(matches!(Persons::new(&[hanako.clone(), hanako]), Err(Error::PersonsClash(..))));
    }
}
