"""The stub by itself: its command, its own resources, and the published answers to what is wrong."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from illcore_oclc_stub.stub.faults import FAULTS
from illcore_oclc_stub.stub.serve import app
from illcore_oclc_stub.testing import A, B, C, Served

SCOPES = "wcapi:view_brief_bib resource-sharing:create-requests"


def token(stub: Served, member: Any = A, scope: str = SCOPES) -> dict[str, str]:
    params = {"grant_type": "client_credentials", "scope": scope}
    answer = httpx.post(f"{stub.url}/token", params=params, auth=(member.wskey, member.secret))
    assert answer.status_code == 200, answer.text
    assert answer.json()["expires_in"] == "1199"
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def test_the_command_serves_until_it_is_told_to_stop(tmp_path: Path) -> None:
    members = tmp_path / "members.json"
    given = [{"registry_id": 7, "symbol": "SEVEN", "wskey": "k7", "secret": "s7"}]
    members.write_text(json.dumps(given), encoding="utf-8")
    command = [sys.executable, "-m", "illcore_oclc_stub.stub.serve", "serve", "--port", "0", "--members", str(members)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        try:
            assert running.stdout is not None
            assert running.stderr is not None
            line = running.stdout.readline()
            found = re.search(r"http://127\.0\.0\.1:\d+", line)
            assert found, line
            params = {"grant_type": "client_credentials", "scope": "wcapi:view_bib context:7"}
            answer = httpx.post(f"{found[0]}/token", params=params, auth=("k7", "s7"))
            assert answer.json()["contextInstitutionId"] == "7"
            running.terminate()
            running.wait(20)
            assert "Traceback" not in running.stderr.read()
        finally:
            running.kill()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["serve", "--members", "no-such-file.json"], "no-such-file.json"),
        (["serve", "--fault", "no_such_fault"], "there is no fault no_such_fault"),
        (["serve", "--host", "192.0.2.1", "--port", "1"], "cannot listen"),
    ],
)
def test_a_wrong_option_ends_in_a_sentence(arguments: list[str], said: str) -> None:
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code in (1, 2)
    assert said in " ".join(re.sub("[│╭╮╰╯─]", " ", result.output).split())


def test_all_faults_are_listed() -> None:
    listed = CliRunner().invoke(app, ["faults"]).output
    assert [name for name in FAULTS if name not in listed] == []


def test_credentials_that_are_wrong_get_the_published_answers(stub: Served) -> None:
    nobody = httpx.post(f"{stub.url}/token")
    assert (nobody.status_code, nobody.json()["message"]) == (
        401,
        "No valid authentication credentials found in request",
    )
    wrong = httpx.post(f"{stub.url}/token", auth=("test", "x"))
    assert (wrong.status_code, wrong.json()["message"]) == (401, "WSKey 'test' is invalid")
    assert httpx.get(f"{stub.url}/ill/requests/1").status_code == 401


def test_a_scope_opens_only_its_own_service(stub: Served) -> None:
    search = token(stub, scope="wcapi:view_brief_bib")
    assert httpx.get(f"{stub.url}/ill/requests", headers=search).status_code == 403
    params = {"oclcNumber": "41266045"}
    url = f"{stub.url}/worldcat/search/v2/bibs-summary-holdings"
    assert httpx.get(url, params=params, headers=search).json()["totalHoldingCount"] == 2


@pytest.mark.parametrize(
    ("params", "status"),
    [({}, 400), ({"oclcNumber": "x"}, 400), ({"oclcNumber": "1", "offset": "0"}, 400), ({"oclcNumber": "1"}, 200),
     ({"oclcNumber": "1", "limit": "51"}, 400), ({"oclcNumber": "1", "heldBySymbol": "A,B,C,D,E,F"}, 400)],
)  # fmt: skip
def test_a_search_that_is_wrong_gets_a_problem(stub: Served, params: dict[str, str], status: int) -> None:
    answer = httpx.get(f"{stub.url}/worldcat/search/v2/bibs-holdings", params=params, headers=token(stub))
    assert answer.status_code == status
    if status == 400:
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["title"] == "Validation Failure"


def made(stub: Served) -> tuple[dict[str, str], int]:
    headers = token(stub)
    body = {
        "illRequest": {
            "item": {"isbn": "978-1556523021", "title": "Outwitting Squirrels", "verification": "OCLC"},
            "requestStatus": "SUBMITTING",
            "patron": {"name": "Nobody"},
            "requester": {
                "institution": {"institutionId": A.registry_id},
                "requesterBilling": {"address": {"address1": "main street"}},
                "serviceType": "COPY",
                "supplierInfo": {"institutions": [{"institutionId": B.registry_id}]},
            },
        }
    }
    answer = httpx.post(f"{stub.url}/ill/request/data", json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    return headers, int(answer.json()["response"]["illRequest"]["requestId"])


def test_the_older_resource_takes_the_published_sample_and_shows_no_patron(stub: Served) -> None:
    headers, id = made(stub)
    shown = httpx.get(f"{stub.url}/ill/request/data/{id}", headers=headers).text
    assert "Outwitting Squirrels" in shown
    assert "Nobody" not in shown
    assert httpx.get(f"{stub.url}/_stub/state").json()["patrons"] == 1


def test_a_missing_field_gets_the_published_failure(stub: Served) -> None:
    body: dict[str, Any] = {"illRequest": {"item": {"title": "A"}, "requester": {"serviceType": "COPY"}}}
    answer = httpx.post(f"{stub.url}/ill/requests", json=body, headers=token(stub))
    detail = answer.json()["response"]["error"]["detail"]
    assert {"failureCode": 30000, "fieldName": "requester.requesterBilling.address.address1"} in detail
    assert answer.json()["response"]["illRequest"] == body["illRequest"]


def test_a_request_is_shown_to_its_two_sides_only(stub: Served) -> None:
    _, id = made(stub)
    answers = [httpx.get(f"{stub.url}/ill/requests/{id}", headers=token(stub, who)).status_code for who in (A, B, C)]
    assert answers == [200, 200, 404]


def test_the_control_resource_plays_a_lender_and_switches_faults(stub: Served) -> None:
    headers, id = made(stub)
    act = {"request": id, "action": "ship", "fields": {"dueDate": "2026-03-01"}}
    assert httpx.post(f"{stub.url}/_stub/act", json=act).status_code == 200
    shown = httpx.get(f"{stub.url}/ill/requests/{id}", headers=headers).json()["responses"]["illRequest"]
    assert (shown["requestStatus"], shown["fulfillment"]) == ("SHIPPED", {"dueDate": "2026-03-01"})
    assert httpx.post(f"{stub.url}/_stub/act", json={**act, "action": "UNFILL"}).status_code == 409
    assert httpx.post(f"{stub.url}/_stub/faults", json={"name": "unavailable", "area": "ill"}).status_code == 200
    assert httpx.get(f"{stub.url}/ill/requests", headers=headers).status_code == 503
    assert httpx.get(f"{stub.url}/ill/requests", headers=headers).status_code == 200
    assert httpx.post(f"{stub.url}/_stub/faults", json={"name": "nonsense"}).status_code == 400
    assert httpx.delete(f"{stub.url}/_stub/faults").status_code == 200


def test_limits_are_kept_per_key(stub: Served) -> None:
    stub.stub.members.per_day = 2
    first, second = token(stub), token(stub, B)
    answers = [httpx.get(f"{stub.url}/ill/requests", headers=first).status_code for _ in range(3)]
    assert answers == [200, 200, 429]
    assert httpx.get(f"{stub.url}/ill/requests", headers=second).status_code == 200
