"""The report's totals and case forms come out of pathgraph as the report prints them."""

from __future__ import annotations

from contextlib import closing

import pytest

from examples import psht
from pathgraph.engine import open_engine
from pathgraph.ingest.run import load

# What the report prints, beside the constants of the example: 004, 'Økt kapasitet', figure 7.
PRINTED = {2019: 428, 2022: 870}


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> psht.ReferralAnswers:
    folder = tmp_path_factory.mktemp("psht")
    (folder / "tables").mkdir()
    psht.write_tables(folder / "tables")
    url = f"ladybug:{folder / 'graph'}"
    with closing(open_engine(url)) as engine:
        report = load("tables", folder / "tables", engine)
    assert not any(counts["refused"] for counts in report.tables.values())
    return psht.referral_answers(url)


def test_referrals_by_year_and_sender_are_the_printed_ones(answers: psht.ReferralAnswers) -> None:
    assert answers.n_referrals == PRINTED
    assert answers.by_sender[2022] == {"own": 548, "gp": 90, "others": 184, None: 48}
    known = 870 - 48
    assert round(548 / known, 2) == 0.67
    assert round(90 / known, 2) == 0.11
    # Of 2019 the report does not say who referred.
    assert answers.by_sender[2019] == {None: 428}


def test_those_without_a_referrer_are_of_2022_alone(answers: psht.ReferralAnswers) -> None:
    assert answers.n_without_referrer == 48


def test_the_capacity_is_used_as_the_report_says(answers: psht.ReferralAnswers) -> None:
    capacity = answers.capacity
    assert capacity["n_referrals"] == 870
    # The report has 871 here: 58.1 %, "about 60 %".
    assert capacity["utilisation"] == pytest.approx(0.58, abs=0.0005)
    assert capacity["per_referral"] == pytest.approx(2.2, abs=0.01)


def test_each_percentage_comes_of_one_count_except_two() -> None:
    forms = psht.case_forms()
    sites = forms[forms["site"] != "all"]
    assert len(sites) == 36
    impossible = sites[sites["count"].isna()]
    assert list(
        zip(impossible["item"], impossible["site"], impossible["printed"], strict=True)
    ) == [
        ("course longer than expected", "Tromsø", 33),
        ("course longer than expected", "Harstad", 21),
    ]
    known = sites[sites["count"].notna()]
    assert ((known["percent"] - known["printed"].astype(float)).abs() <= 0.5).all()


@pytest.mark.parametrize(
    ("item", "counts", "n", "interval"),
    [
        ("gain: positive", (24, 47, 33), 122, (77.9, 90.5)),
        ("acute admissions: fewer", (7, 20, 20), 111, (33.6, 51.6)),
        ("relatives not wanted", (2, 1, 0), 127, (0.8, 6.7)),
    ],
)
def test_counts_are_pooled_with_their_interval(
    item: str, counts: tuple[int, ...], n: int, interval: tuple[float, float]
) -> None:
    rows = psht.case_forms().query("item == @item").set_index("site")
    assert rows.loc[list(psht.SITES), "count"].tolist() == list(counts)
    assert (rows.at["all", "count"], rows.at["all", "n_answered"]) == (sum(counts), n)
    assert (rows.at["all", "low"], rows.at["all", "high"]) == pytest.approx(interval, abs=0.05)


def test_what_is_not_known_at_a_site_is_not_pooled() -> None:
    rows = psht.case_forms().query("item == 'course longer than expected'")
    assert rows["site"].tolist() == list(psht.SITES)


@pytest.mark.parametrize(
    ("percent", "n", "counts"),
    [(50, 2, (1,)), (13, 8, (1,)), (12, 8, ()), (1, 200, (1, 2)), (0, 300, (0, 1)), (100, 5, (5,))],
)
def test_counts_are_those_that_are_printed_so(percent: int, n: int, counts: tuple[int]) -> None:
    assert psht.possible_counts(percent, n) == counts
