// title.en: Municipalities
// title.nb: Kommuner
// title.nn: Kommunar
// question.en: Which municipalities are there, which areas are they in, and how many people of the data live there?
// question.nb: Hvilke kommuner finnes, hvilke områder hører de til, og hvor mange av personene i dataene bor der?
// question.nn: Kva kommunar finst, kva område høyrer dei til, og kor mange av personane i dataa bur der?
// returns municipality_code: text: official number
// returns municipality_name: text: its name in Norwegian
// returns name_se: text: its name in Northern Sami; empty where none is recorded
// returns hospital_area: text: hospital area of the formal division
// returns dps_area: text: district psychiatric area of the formal division
// returns population: count, of n_all: inhabitants, as the table of municipalities says
// returns n_people: persons, of n_all: people of the data recorded as living there on the day
// returns n_all: persons: people of the data, wherever they live
// needs: patients, residences
// parts: birth_years, residences
// key: municipality_code
// source: docs/definitions.md#where-patients-belong
// version: 1
MATCH (m:Municipality)
// The fold counts the people.
RETURN m.municipality_code AS municipality_code, m.name AS municipality_name, m.name_se AS name_se,
       m.hospital_area AS hospital_area, m.dps_area AS dps_area, m.population AS population,
       m.valid_from_day AS valid_from_day, m.valid_to_day AS valid_to_day
