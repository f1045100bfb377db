"""Priority and new_since: who is in which work lists, on both engines; and the list of them."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from pathgraph.engine import open_engine
from pathgraph.engine.base import Engine
from pathgraph.errors import UsageError
from pathgraph.queries.catalogue import catalogue
from pathgraph.queries.findings.findings_by_place import COUNTED
from pathgraph.queries.findings.priority import RULE
from pathgraph.queries.run import Answers, run
from pathgraph.queries.spec import LANGUAGES
from pathgraph.queries.worklists import WORK_LISTS, WorkList, current_rows, ranked, said
from tests.findings.drawn import ask, load_tables, overnight, rows_of, table, with_patients

DAY = "2024-06-30"
CONTACTS = overnight(
    """
    contact_id  patient_id  started_at        ended_at          discharged_to
    top1        top         2024-01-01T08:00  2024-01-02T08:00  3
    top2        top         2024-02-01T08:00  2024-02-02T08:00  3
    top3        top         2024-03-01T08:00  2024-03-02T08:00  3
    list1       list        2024-01-01T08:00  2024-01-02T08:00  3
    list2       list        2024-02-01T08:00  2024-02-02T08:00  3
    list3       list        2024-03-01T08:00  2024-03-02T08:00  3
    alive1      alive       2024-05-01T08:00  2024-05-07T08:00  1
    dead1       dead        2024-05-01T08:00  2024-05-07T08:00  1
    old1        old         2024-03-20T08:00  2024-03-31T08:00  1
    late1       late        2024-05-01T08:00  2024-05-10T08:00  1
    fine1       fine        2024-05-01T08:00  2024-05-07T08:00  1
    in1         in          2024-06-20T08:00  -                 -
    """
)
CONTACTS += table(
    """
    contact_id  patient_id  unit_id  kind          started_at        ended_at
    gp1         fine        gp       consultation  2024-05-10T08:00  2024-05-10T08:20
    """
)
_PEOPLE = ["duty", "left", "one"]
TABLES: dict[str, Any] = {
    "patients": [
        *with_patients(
            CONTACTS, table("patient_id birth_year sex died_on\ndead 1950 male 2024-06-20")
        ),
        *({"patient_id": name, "birth_year": "1950", "sex": "female"} for name in _PEOPLE),
    ],
    "municipalities": table("municipality_code name\n5501 Tromsø"),
    "units": table(
        """
        unit_id  name   kind               level
        med      Med    ward               hospital
        gp       GP     gp_practice        gp
        home     Home   municipal_service  municipal
        """
    ),
    "contacts": CONTACTS,
    "coverage": table(
        """
        source  level      covered_from  covered_to
        all     hospital   2022-01-01    2025-01-01
        all     gp         2022-01-01    2025-01-01
        all     municipal  2022-01-01    2025-01-01
        """
    ),
    "professionals": table("professional_id role\ndoctor physician"),
    "roles": table(
        """
        patient_id  professional_id  unit_id  role               valid_from  valid_to
        fine        doctor           -        contact_physician  2024-05-01  -
        late        doctor           -        contact_physician  2024-05-06  -
        duty        -                home     coordinator        2023-01-01  2024-05-01
        left        -                home     coordinator        2023-01-01  2024-05-02
        """
    ),
    "needs": table(
        """
        patient_id  need         status  assessed_on
        top         coordinator  needs   2024-01-10
        duty        coordinator  needs   2024-01-10
        """
    ),
    "plans": table(
        """
        plan_id  patient_id  kind             valid_from
        ptop     top         individual_plan  2024-04-01
        pduty    duty        individual_plan  2024-04-01
        pleft    left        individual_plan  2024-04-01
        pone     one         individual_plan  2024-04-01
        pone2    one         crisis_plan      2024-04-01
        plist1   list        crisis_plan      2024-04-01
        plist2   list        crisis_plan      2024-04-01
        """
    ),
    "plan_owners": table(
        """
        plan_id  unit_id  valid_from  valid_to
        ptop     med      2024-04-01  2024-04-20
        plist1   med      2024-04-01  -
        plist2   med      2024-04-01  -
        """
    ),
    "plan_statuses": table("plan_id status valid_from\nptop active 2024-04-01"),
    "plan_revisions": table("plan_id revised_on\nptop 2024-04-02"),
}
TABLES["residences"] = [
    {"patient_id": row["patient_id"], "municipality_code": "5501", "valid_from": "2020-01-01"}
    for row in TABLES["patients"]
]


def found(engine: Engine, **asked: Any) -> dict[str, dict[str, Any]]:
    rows = rows_of(ask(engine, "priority", **{"as_of": DAY, **asked}))
    return {row["patient_id"]: row for row in rows}


def lists(engine: Engine, **asked: Any) -> dict[str, list[str]]:
    return {patient: row["findings"] for patient, row in found(engine, **asked).items()}


def entered(engine: Engine, since: str, **asked: Any) -> set[tuple[str, str]]:
    rows = rows_of(ask(engine, "new_since", since=since, **{"as_of": DAY, **asked}))
    return {(row["patient_id"], row["finding"]) for row in rows}


def test_who_is_in_several_lists_in_order_of_rank(drawn_engine: Engine) -> None:
    rows = rows_of(ask(drawn_engine, "priority", as_of=DAY))
    columns = ("rank", "patient_id", "n_findings", "n_duties")
    assert [tuple(row[name] for name in columns) for row in rows] == [
        (1, "top", 3, 2),
        # Equal in both: by the latest event, 7 May before 2 May before 10 January.
        (2, "alive", 2, 2),
        (3, "left", 2, 2),
        (4, "duty", 2, 2),
        (5, "list", 2, 0),
    ]  # fmt: skip


def test_a_row(drawn_engine: Engine) -> None:
    assert found(drawn_engine)["top"] == {
        "rank": 1,
        "patient_id": "top",
        "n_findings": 3,
        "n_duties": 2,
        "findings": ["revolving_door", "missing_coordinator", "unowned_plans"],
        "reasons": [
            "revolving door: 3 acute stays in the fullest window (2024-03-01)",
            "should have a coordinator and has none (2024-01-10)",
            "a plan that nobody owns (2024-04-20)",
        ],
        "dates": ["2024-03-01", "2024-01-10", "2024-04-20"],
        "latest_on": "2024-04-20",
    }


def test_one_list_is_enough_where_one_is_asked_for(drawn_engine: Engine) -> None:
    assert lists(drawn_engine, min_findings=1) == {
        "top": ["revolving_door", "missing_coordinator", "unowned_plans"],
        "alive": ["no_follow_up_after_discharge", "missing_contact_physician"],
        "left": ["ended_coordinator", "unowned_plans"],
        # The coordinator who left and the long wait are the same duty as the missing one.
        "duty": ["missing_coordinator", "unowned_plans"],
        "list": ["revolving_door", "competing_plans"],
        # Found late, but found: no longer missing.
        "late": ["no_follow_up_after_discharge"],
        "in": ["missing_contact_physician"],
        "one": ["unowned_plans"],
    }
    assert lists(drawn_engine, min_findings=4) == {}


def test_stays_count_for_so_long_and_of_the_living(drawn_engine: Engine) -> None:
    # The stay ended on 31 March at 8: 92 days before the end of the day.
    assert "old" not in found(drawn_engine, min_findings=1, recent_days=91)
    assert "old" in found(drawn_engine, min_findings=1, recent_days=92)
    assert "dead" not in found(drawn_engine, min_findings=1)
    assert "dead" in found(drawn_engine, as_of="2024-06-19", min_findings=1)
    assert "dead" not in found(drawn_engine, as_of="2024-06-20", min_findings=1)


def test_several_rows_of_one_list_are_one_reason(drawn_engine: Engine) -> None:
    row = found(drawn_engine, min_findings=1)["one"]
    assert row["reasons"] == ["a plan that nobody owns (2 in all)"]
    assert (row["dates"], row["latest_on"], row["n_findings"]) == ([""], None, 1)


@pytest.mark.parametrize(
    ("language", "reason"),
    [
        ("nb", "en plan som ingen eier (2 i alt)"),
        ("nn", "ein plan som ingen eig (2 i alt)"),
    ],
)
def test_reasons_in_other_languages(drawn_engine: Engine, language: str, reason: str) -> None:
    assert found(drawn_engine, min_findings=1, language=language)["one"]["reasons"] == [reason]


def test_the_rule_is_told_with_the_answer(drawn_engine: Engine) -> None:
    notes = ask(drawn_engine, "priority", as_of=DAY).manifest["notes"]
    assert any("Ranked by the number of findings" in note for note in notes)
    notes = ask(drawn_engine, "new_since", as_of=DAY, since="2024-06-01").manifest["notes"]
    assert not any("Ranked by" in note for note in notes)


def test_what_was_asked_for_serves_the_next_question(drawn_engine: Engine) -> None:
    answers = Answers()
    first = run(drawn_engine, "priority", as_of=DAY, answers=answers)
    asked = set(answers.tables)
    again = run(drawn_engine, "priority", as_of=DAY, answers=answers)
    assert set(answers.tables) == asked
    assert again.table == first.table
    assert again.manifest["notes"] == first.manifest["notes"]
    assert RULE in again.manifest["notes"]
    # The day and the parameters make another question.
    run(drawn_engine, "coordination_need", as_of="2024-06-29", answers=answers)
    run(drawn_engine, "coordination_need", {"min_dates": 4}, as_of=DAY, answers=answers)
    assert len(answers.tables) == len(asked) + 2


def test_answers_from_another_snapshot_are_forgotten(drawn_engine: Engine) -> None:
    answers = Answers()
    result = run(drawn_engine, "competing_plans", as_of=DAY, answers=answers)
    before = Answers("another")
    for asked, (found_then, notes) in answers.tables.items():
        before.tables[asked] = found_then.slice(0, 0), notes
    assert result.table.num_rows
    assert run(drawn_engine, "competing_plans", as_of=DAY, answers=before).table == result.table
    assert before.load_id == drawn_engine.record().load_id


def test_before_everything_there_is_nothing(drawn_engine: Engine) -> None:
    assert found(drawn_engine, as_of="2020-01-01", min_findings=1) == {}
    assert entered(drawn_engine, "2019-01-01", as_of="2020-01-01") == set()


def test_who_came_into_a_list(drawn_engine: Engine) -> None:
    # Due at the end of 21 June, the day after admission.
    assert entered(drawn_engine, "2024-06-23") == {("in", "missing_contact_physician")}
    assert entered(drawn_engine, "2024-06-29") == set()
    since = entered(drawn_engine, "2024-04-25")
    assert ("left", "ended_coordinator") in since
    assert ("left", "unowned_plans") not in since
    assert ("alive", "no_follow_up_after_discharge") in since
    assert ("top", "revolving_door") not in since


def test_first_means_in_no_list_before(drawn_engine: Engine) -> None:
    rows = rows_of(ask(drawn_engine, "new_since", as_of=DAY, since="2024-04-25"))
    by_key = {(row["patient_id"], row["finding"]): row for row in rows}
    assert by_key["left", "ended_coordinator"] == {
        "patient_id": "left",
        "finding": "ended_coordinator",
        "reason": "the coordinator is gone and nobody took over (2024-05-02)",
        "latest_on": "2024-05-02",
        "n_findings": 2,
        "is_first": False,
    }
    assert by_key["in", "missing_contact_physician"]["is_first"] is True


@pytest.mark.parametrize("since", ["yesterday", DAY, "2024-07-01"])
def test_the_earlier_day_must_be_one(drawn_engine: Engine, since: str) -> None:
    with pytest.raises(UsageError, match="since") as caught:
        entered(drawn_engine, since)
    assert "yesterday" not in str(caught.value)


def test_lists_of_tables_that_are_absent_are_named(tmp_path: Path) -> None:
    engine = open_engine(f"ladybug:{tmp_path / 'graph'}")
    kept = {name: TABLES[name] for name in ("patients", "units", "contacts", "municipalities")}
    load_tables(engine, tmp_path / "tables", kept)
    result = ask(engine, "priority", as_of=DAY, min_findings=1)
    assert {row["patient_id"]: row["findings"] for row in rows_of(result)} == {
        "top": ["revolving_door"], "list": ["revolving_door"],
    }  # fmt: skip
    (note,) = (note for note in result.manifest["notes"] if "Not looked at" in note)
    assert "unowned_plans" in note
    assert "revolving_door" not in note
    twice = ask(engine, "new_since", as_of=DAY, since="2024-01-01").manifest["notes"]
    assert len(twice) == len(set(twice))
    engine.close()


# --- the declared list --------------------------------------------------------------------------


@pytest.mark.parametrize("work_list", WORK_LISTS, ids=lambda item: item.finding)
def test_a_work_list_is_a_finding_with_these_columns(work_list: WorkList) -> None:
    finding = catalogue()[work_list.finding]
    columns = {column.name for column in finding.returns}
    named = {*work_list.on, *work_list.only, *work_list.unset}
    assert finding.is_patient_level
    assert named | ({work_list.stay} - {""}) <= columns
    assert set(work_list.reasons) == set(LANGUAGES)
    for reason in work_list.reasons.values():
        assert reason.format_map(dict.fromkeys(columns, 3))
    names = [item.finding for item in WORK_LISTS]
    covering = work_list.covered_by
    assert not covering or names.index(covering) < names.index(work_list.finding)


def test_the_teams_own_list_is_counted_by_place_for_nobody_else() -> None:
    own = {item.finding for item in WORK_LISTS if item.is_of_team}
    assert own == {"never_referred"}
    assert set(COUNTED) == {i.finding for i in WORK_LISTS} - own | {"readmissions", "priority"}


def test_an_event_after_the_day_is_not_known() -> None:
    work_list = WorkList("f", {"en": "x {n}"}, on=("one", "other"))
    rows = pa.table(
        {
            "patient_id": ["a", "b", "c"],
            "n": [1, 2, 3],
            "one": ["2025-01-01", "2025-02-02", None],
            "other": ["2025-01-05T10:00:00", "2025-02-01", None],
        }
    )
    asked = {"recent_stays": (), "as_of": date(2025, 2, 1), "recent_days": 10}
    current = current_rows(work_list, rows, **asked)  # type: ignore[arg-type]
    assert current["on"].tolist() == ["2025-01-05", "2025-02-01", ""]
    assert said(work_list, current, "en")["reason"].tolist() == [
        "x 1 (2025-01-05)", "x 2 (2025-02-01)", "x 3",
    ]  # fmt: skip
    recent = WorkList("f", {"en": "x"}, on=("other",), is_recent=True)
    asked["as_of"] = date(2025, 1, 14)
    assert current_rows(recent, rows, **asked)["patient_id"].tolist() == ["a"]  # type: ignore[arg-type]
    asked["as_of"] = date(2025, 1, 15)
    assert current_rows(recent, rows, **asked)["patient_id"].tolist() == []  # type: ignore[arg-type]


def test_ranks_of_equals_follow_the_id() -> None:
    work_list = WorkList("f", {"en": "x"})
    rows = pa.table({"patient_id": ["b", "a"]})
    current = current_rows(
        work_list, rows, recent_stays=set(), as_of=date(2025, 1, 1), recent_days=1
    )
    places = ranked([said(work_list, current, "en")], min_findings=1)
    assert places["patient_id"].tolist() == ["a", "b"]
    assert places["rank"].tolist() == [1, 2]
    assert ranked([], min_findings=1).empty
