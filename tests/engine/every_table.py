"""A small data set in which every canonical table has rows, and every graph type gets some."""

from __future__ import annotations

from pathlib import Path

__all__ = ["write_every_table"]

_TABLES = {
    "patients": """
        patient_id,birth_year,sex,died_on
        p1,1940,female,
        NA,1951,male,2025-03-01
        p3,,unknown,
    """,
    "residences": """
        patient_id,municipality_code,valid_from,valid_to
        p1,5501,2020-01-01,2025-02-01
        p1,5503,2025-02-01,
        NA,5501,,
    """,
    "municipalities": """
        municipality_code,name,name_se,population,latitude,longitude,hospital_area,dps_area,valid_from
        5501,Tromsø,Romsa,78745,69.65,18.96,Tromsø,Tromsø,2024-01-01
        5503,Harstad,Hárstták,25000,68.8,16.54,Harstad,Sør-Troms,2024-01-01
    """,
    "units": """
        unit_id,name,kind,level,parent_unit_id,municipality_code,valid_from,valid_to,replaced_by
        trust,The trust,trust,hospital,,,,,
        medical,Medical clinic,clinic,hospital,trust,5501,,,
        ward,"Ward, second floor",ward,hospital,medical,5501,2019-01-01,2026-01-01,medical
        psychiatry,Psychiatric unit,department,psychiatry,trust,5501,,,
        emergency,Casualty clinic,emergency_unit,emergency,,5501,,,
        practice,GP practice,gp_practice,gp,,5501,,,
        home_care,Home care,municipal_service,municipal,,5501,,,
        nursing_home,Short-term places,municipal_service,municipal,,5503,,,
    """,
    "unit_serves": """
        unit_id,municipality_code
        medical,5501
        medical,5503
    """,
    "agreements": """
        unit_id,other_unit_id,valid_from,valid_to
        medical,home_care,2024-01-01,
    """,
    "contacts": """
        contact_id,patient_id,unit_id,parent_contact_id,kind,form,service,care_level,started_at,ended_at,urgency,admitted_from,discharged_to,ended_dead
        -9223372036854775808,p1,medical,,admission,on site,,overnight,2025-01-01T10:00,2025-01-04T12:00,1,home,home,false
        c1a,p1,ward,-9223372036854775808,ward stay,,,,2025-01-01T10:00,2025-01-02T09:00,,,,
        c1b,p1,medical,-9223372036854775808,ward stay,,,,2025-01-02T09:00,2025-01-04T12:00,,,,
        c2,p1,medical,,admission,,rehabilitation,overnight,2025-01-10T08:00,2025-01-12T08:00,1,home,nursing home,false
        c2a,p1,psychiatry,,visit,,,outpatient,2025-01-11T09:00,,,,,
        c3,p1,nursing_home,,short-term place,,,overnight,2025-01-12T10:00,2025-01-20T10:00,4,,,
        c4,p1,practice,,consultation,on site,,outpatient,2025-01-25T09:30,,,,,
        c5,NA,psychiatry,,admission,,,overnight,2025-02-01,2025-03-01,1,,,true
        c6,p3,emergency,,visit,,,outpatient,2180-05-01T01:00:00+02:00,2180-05-01T02:00:00+02:00,2,,,
        c7,p3,medical,,admission,,,overnight,2180-05-01T03:00:00,,1,,,
    """,
    "diagnoses": """
        contact_id,code,system,rank
        -9223372036854775808,I50.9,ICD-10,1
        -9223372036854775808,J44.1,ICD-10,2
        c5,F20,ICD-10,1
    """,
    "diagnosis_groups": """
        diagnosis_group,system,code_prefix
        heart failure,ICD-10,I50
    """,
    "professionals": """
        professional_id,role
        d1,physician
        d2,nurse
    """,
    "employments": """
        professional_id,unit_id,valid_from,valid_to
        d1,medical,2020-01-01,
        d2,home_care,2020-01-01,2025-06-01
    """,
    "roles": """
        patient_id,professional_id,unit_id,role,valid_from,valid_to
        p1,d2,,coordinator,2025-01-01,
        p1,,home_care,coordinator,2025-01-01,
        p1,d1,,contact_physician,2025-01-02,2025-01-04
        NA,,medical,contact_psychologist,2025-01-02,
        NA,d1,,gp,,
        p3,,practice,gp,2024-01-01,
        p3,d2,,primary_contact,2024-01-01,
        p3,,home_care,primary_contact,2024-01-01,
    """,
    "needs": """
        patient_id,need,status,assessed_on
        p1,coordinator,needs,2025-01-05
        p1,coordinator,declined,2025-02-05
    """,
    "plans": """
        plan_id,patient_id,kind,valid_from,valid_to
        plan1,p1,individual,2025-01-01,
    """,
    "plan_statuses": """
        plan_id,status,valid_from
        plan1,draft,2025-01-01
        plan1,active,2025-01-05
    """,
    "plan_revisions": """
        plan_id,revised_on,revise_by
        plan1,2025-01-05,2026-01-05
    """,
    "plan_owners": """
        plan_id,professional_id,unit_id,valid_from,valid_to
        plan1,d2,,2025-01-01,2025-02-01
        plan1,d2,,2025-03-01,
        plan1,,home_care,2025-02-01,
    """,
    "referrals": """
        referral_id,patient_id,from_unit_id,to_unit_id,referrer_type,initiator,sent_at,assessed_at,outcome,reason,first_meeting_at,closed_at
        r1,p1,ward,medical,ward,team,2025-01-03T10:00,2025-01-03T14:00,accepted,,2025-01-04T09:00,
        r2,p1,,medical,,,2025-01-11T10:00,,,,,
    """,
    "ready_periods": """
        contact_id,ready_at,ended_at,municipality_code
        c2,2025-01-11T08:00,2025-01-12T08:00,5501
    """,
    "notices": """
        contact_id,kind,sent_at,municipality_code
        c2,admitted,2025-01-10T12:00,5501
        c2,ready,2025-01-11T08:30,
    """,
    "contact_points": """
        professional_id,unit_id,municipality_code,valid_from,valid_to
        d2,,5501,2024-01-01,
        ,home_care,5503,2024-01-01,
    """,
    "coverage": """
        source,level,municipality_code,covered_from,covered_to
        extract,hospital,,2024-01-01,2180-06-01
        extract,gp,5501,2024-01-01,2025-06-01
    """,
    "expectations": """
        unit_id,measure,period,expected,basis
        medical,referrals,2025,120.5,absolute
    """,
}


def write_every_table(folder: Path) -> None:
    """Write the data set as CSV files with a ``dataset.yaml`` below ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in _TABLES.items():
        lines = [line.strip() for line in text.strip().splitlines()]
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "dataset.yaml").write_text(
        "timezone: Europe/Oslo\npseudonymous: true\n", encoding="utf-8"
    )
