// title.en: Findings by place
// title.nb: Funn etter sted
// title.nn: Funn etter stad
// question.en: How many of each finding's patients belong to each municipality or clinic, and where does it stand among the others?
// question.nb: Hvor mange av pasientene i hvert funn hører til hver kommune eller klinikk, og hvor ligger den blant de andre?
// question.nn: Kor mange av pasientane i kvart funn høyrer til kvar kommune eller klinikk, og kvar ligg ho blant dei andre?
// param by: text, default municipality, one of municipality|clinic: where patients live, or the clinic of the row's unit
// returns finding: text: the finding
// returns place: text: the municipality or clinic
// returns place_name: text: its name
// returns n_patients: persons, of n_people: patients in the finding who belong there
// returns n_people: persons, of n_all: people recorded as living in the municipality on the day, or patients with a contact at
//   the clinic up to it
// returns n_all: persons: people of the data
// returns share: share, of n_patients|n_people: n_patients to n_people
// returns n_others: count, of n_all: others of the same sort to compare with; nothing is compared where they are fewer than 5
// returns n_lower: count, of n_patients|n_people: those of them whose share is lower
// returns others_low: share, of n_all: a quarter of the others have a share of at most this
// returns others_median: share, of n_all: median share of the others
// returns others_high: share, of n_all: three quarters of the others have a share of at most this
// needs: patients, units, contacts
// parts: birth_years, residences
// key: finding, place
// margins: finding
// source: docs/definitions.md#findings-by-place
// version: 2
MATCH (m:Municipality)
// The fold asks the findings and compares.
RETURN m.municipality_code AS place, m.name AS name, m.hospital_area AS hospital_area
