"""Entity tags, kept pages, and what changes them."""

from __future__ import annotations

from starlette.testclient import TestClient

ADDRESS = "/findings/revolving_door.json"


def test_what_the_caller_has_is_not_sent_again(client: TestClient) -> None:
    first = client.get(ADDRESS)
    again = client.get(ADDRESS, headers={"if-none-match": first.headers["etag"]})
    assert again.status_code == 304
    assert again.content == b""
    assert again.headers["etag"] == first.headers["etag"]
    assert first.headers["cache-control"] == "private, no-cache"


def test_the_tag_follows_parameters_and_language(client: TestClient) -> None:
    tags = {
        client.get(ADDRESS, params=params).headers["etag"]
        for params in ({}, {"min_stays": 4}, {"lang": "nn"}, {"as_of": "2025-06-30"})
    }
    assert len(tags) == 4


def test_a_problem_has_no_tag_and_is_not_kept(client: TestClient) -> None:
    response = client.get(ADDRESS, params={"min_stays": "x"})
    assert "etag" not in response.headers
    assert response.headers["cache-control"] == "no-store"


def test_answers_are_compressed_for_those_who_take_it(client: TestClient) -> None:
    zipped = client.get(ADDRESS, headers={"accept-encoding": "gzip"})
    assert zipped.headers["content-encoding"] == "gzip"
    plain = client.get(ADDRESS, headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert zipped.json() == plain.json()


def test_a_page_that_is_not_sent_again_keeps_the_policy_it_came_with(client: TestClient) -> None:
    page = "/findings/transfers"
    headers = {"accept": "text/html"}
    first = client.get(page, headers=headers)
    assert "'unsafe-inline'" in first.headers["content-security-policy"]
    kept = client.get(page, headers=headers)
    assert kept.headers["content-security-policy"] == first.headers["content-security-policy"]
    again = client.get(page, headers={**headers, "if-none-match": first.headers["etag"]})
    assert again.status_code == 304
    assert "content-security-policy" not in again.headers
