// title.en: People by municipality and age
// title.nb: Personer etter kommune og alder
// title.nn: Personar etter kommune og alder
// question.en: Where do the people in the data live, and how old are they?
// question.nb: Hvor bor personene i dataene, og hvor gamle er de?
// question.nn: Kvar bur personane i dataa, og kor gamle er dei?
// returns municipality_code: text: where they are recorded as living on the day; empty where that is not recorded
// returns municipality_name: text: its name
// returns age_group: text: age reached in the year of the day, in years; empty where the year of birth is not recorded
// returns n_people: persons: people recorded as living there, also those who have died and whose residence has no end
// needs: patients, residences
// parts: birth_years, residences
// key: municipality_code, age_group
// source: docs/definitions.md#where-patients-belong
// version: 1
MATCH (m:Municipality)
// The fold counts the people.
RETURN m.municipality_code AS municipality_code, m.name AS name
