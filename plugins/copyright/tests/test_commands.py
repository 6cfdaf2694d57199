"""`ill copyright check | texts | policies` as a person and a script see them, with and without a configuration."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from illcore.cli.faults import tell
from illcore.cli.plugged import as_command
from illcore_copyright.commands import app
from illcore_copyright.policies import POLICIES

Ill = Callable[..., tuple[int, str, str]]
ARTICLE = {
    "service_type": "copy",
    "citation": {
        "title": "Nature",
        "issn": "0028-0836",
        "year": 2025,
        "volume": "600",
        "issue": "7",
        "pages": "12-19",
        "title_of_component": "On the copying of articles",
        "publication_type": "Article",
    },
}
DAY = ("--date", "2026-07-10")


@pytest.fixture
def ill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Ill:
    """`ill("check", "-", request=…)`: exit code, stdout and stderr of `ill copyright check -`, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ILL_CONFIG", raising=False)

    def run(*arguments: str, request: Any = ARTICLE, octets: bytes | None = None) -> tuple[int, str, str]:
        capsys.readouterr()
        given = json.dumps(request).encode() if octets is None else octets
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(given), encoding="utf-8"))
        try:
            code = as_command("copyright", app).main(
                args=list(arguments), prog_name="ill copyright", standalone_mode=False
            )
        except Exception as error:
            code = getattr(error, "exit_code", None) or tell(error, "illcore-copyright")
        out, err = capsys.readouterr()
        return int(code or 0), out, err

    return run


def test_a_check_needs_no_configuration_and_no_database(ill: Ill, tmp_path: Path) -> None:
    (tmp_path / "one.json").write_text(json.dumps(ARTICLE))
    code, out, err = ill("check", "one.json", "--policy", "us", "--json", *DAY)
    found = json.loads(out)
    assert (code, err) == (0, "")
    assert list(found) == ["verdict", "compliance", "reasons", "obligations", "retention_until"]
    assert (found["verdict"], found["compliance"], found["retention_until"]) == ("allow", "US-CCG", "2029-12-31")
    assert found["reasons"] == [
        "Published within 5 years before the request; number 1 of 5 from this periodical in 2026 (CCG)."
    ]
    assert [list(each) for each in found["obligations"]] == [["code", "text", "number", "version"]]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.json"]


@pytest.mark.parametrize("policy", sorted(POLICIES))
def test_every_policy_can_be_asked_without_a_configuration(ill: Ill, policy: str) -> None:
    code, out, err = ill("check", "-", "--policy", policy, "--json", *DAY)
    assert (code, err) == (0, "")
    assert json.loads(out)["verdict"] in ("allow", "allow_with_fee", "review", "deny")


@pytest.mark.parametrize(
    ("options", "verdict", "compliance"),
    [
        pytest.param(["--used", "4"], "allow", "US-CCG", id="the fifth"),
        pytest.param(["--used", "5"], "review", None, id="the sixth"),
        pytest.param(["--used", "5", "--holds", "subscribed"], "allow", "US-CCL", id="subscribed"),
        pytest.param(["--used", "5", "--holds", "on_order"], "allow", "US-CCL", id="on order"),
        pytest.param(["--used", "5", "--holds", "owned"], "allow", "US-CCL", id="owned"),
        pytest.param(["--used", "5", "--holds", "none"], "review", None, id="not held"),
        pytest.param(["--used", "5", "--open-access"], "allow", None, id="open access"),
        pytest.param(["--used", "5", "--date", "2031-01-01"], "allow", "US-CCL", id="older by then"),
    ],
)
def test_what_the_library_has_and_used_is_said_by_options(
    ill: Ill, options: list[str], verdict: str, compliance: str | None
) -> None:
    _, out, _ = ill("check", "-", "--json", *DAY, *options)
    found = json.loads(out)
    assert (found["verdict"], found["compliance"]) == (verdict, compliance)


def test_a_lending_request_takes_the_partners_flag(ill: Ill) -> None:
    lending = {**ARTICLE, "role": "supplier", "partner": "ISIL:US-1", "requesting_agency_request_id": "A1"}
    assert json.loads(ill("check", "-", "--json", request=lending)[1])["verdict"] == "review"
    assert json.loads(ill("check", "-", "--json", "--compliance", "US-CCG", request=lending)[1])["verdict"] == "allow"


def test_an_accepted_declaration_is_said_by_its_version(ill: Ill) -> None:
    reader = {**ARTICLE, "reader": {"id": "R1"}}
    asked = json.loads(ill("check", "-", "--policy", "uk", "--json", request=reader)[1])
    assert [each["version"] for each in asked["obligations"]] == ["uk-s42a-1"]
    code, out, _ = ill("check", "-", "--policy", "uk", "--json", "--accepted", "uk-s42a-1", request=reader)
    assert (code, json.loads(out)["compliance"]) == (0, "UK-FairDealing")


def test_the_sentences_are_in_the_language_that_is_asked_for(ill: Ill) -> None:
    _, out, _ = ill("check", "-", "--used", "5", "--language", "zh", *DAY)
    assert out.startswith("须人工审查。\n- 2026 年从该刊获得的近 5 年论文已有 5 篇")
    _, out, _ = ill("check", "-", "--used", "5", *DAY)
    assert out.startswith("A person must decide.\n- 5 articles of the last 5 years from this periodical count for 2026")


CONFIG = """
library = "ISIL:US-1"
language = "zh"
[accounts."copyright_us:main"]
limit = 3
slots = 2
"""


def test_the_settings_of_the_librarys_account_hold_where_there_is_one(ill: Ill, tmp_path: Path) -> None:
    (tmp_path / "ill.toml").write_text(CONFIG)
    _, out, _ = ill("check", "-", "--used", "3", *DAY)
    assert "上限 3 篇" in out
    (tmp_path / "ill.toml").write_text(CONFIG + '[accounts."copyright_us:law"]\nlimit = 9\n')
    code, _, err = ill("check", "-", *DAY)
    assert (code, "name one of us:law, us:main" in err) == (2, True)
    code, out, _ = ill("check", "-", "--policy", "us:law", "--used", "8", "--json", *DAY)
    assert (code, json.loads(out)["verdict"]) == (0, "allow")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("limit = -1", "ill: account copyright_us:main: limit: must be 0 or more"),
        ("limits = 5", "ill: account copyright_us:main: limits: unknown field"),
        ('part_share = "a tenth"', "account copyright_us:main: part_share: write a share such as 0.10, '10%' or '1/3'"),
        ('notice = "x-1"', "account copyright_us:main: notice: there is no text x-1; write it under texts"),
        ('[accounts."copyright_us:main".issn_l]\n"Nature" = "0028-0837"', "issn_l: '0028-0837' is no ISSN"),
    ],
)
def test_wrong_settings_are_told_in_a_sentence(ill: Ill, tmp_path: Path, settings: str, said: str) -> None:
    (tmp_path / "ill.toml").write_text(f'[accounts."copyright_us:main"]\n{settings}\n')
    code, out, err = ill("check", "-", *DAY)
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert said in err


@pytest.mark.parametrize(
    ("arguments", "octets", "code", "said"),
    [
        pytest.param(["check", "-"], b"{", 1, "standard input is not JSON: line 1, column 2", id="no JSON"),
        pytest.param(["check", "-"], b"", 1, "standard input is empty", id="nothing"),
        pytest.param(
            ["check", "-"], b"[1]", 1, "standard input is a list; write an object {…}, for one request", id="list"
        ),
        pytest.param(["check", "-"], b"{}", 1, "service_type: is missing; citation: is missing", id="empty"),
        pytest.param(
            ["check", "-"],
            b'{"service_type": "copy", "citation": {"titel": "x"}}',
            1,
            "standard input: citation.titel: unknown field",
            id="a misspelt field",
        ),
        pytest.param(["check", "no.json"], b"", 1, "there is no file no.json", id="no file"),
        pytest.param(["check", "-", "--policy", "fr"], None, 2, "--policy fr: write one of us, uk, de", id="no policy"),
        pytest.param(
            ["check", "-", "--policy", "us:x"], None, 1, "there is no account copyright_us:x", id="no account"
        ),
        pytest.param(
            ["check", "-", "--holds", "some"], None, 2, "--holds some: write subscribed, on_order", id="holds"
        ),
        pytest.param(["check", "-", "--licence", "ok"], None, 2, "--licence ok: write ill, print, none", id="licence"),
        pytest.param(["check", "-", "--date", "10.7.2026"], None, 2, "write a date as YYYY-MM-DD", id="date"),
        pytest.param(["check", "-", "--language", "fr"], None, 2, "--language fr: write en, zh", id="language"),
        pytest.param(["texts", "--policy", "fr"], None, 2, "--policy fr: write one of", id="texts of no policy"),
    ],
)
def test_what_is_wrong_is_told_in_a_sentence(
    ill: Ill, arguments: list[str], octets: bytes | None, code: int, said: str
) -> None:
    found, out, err = ill(*arguments, octets=octets)
    assert (found, out, err.count("\n")) == (code, "", 1)
    assert err.startswith("ill: ")
    assert said in err


def test_texts_are_listed_with_versions_in_both_languages(ill: Ill) -> None:
    code, out, _ = ill("texts", "--policy", "uk", "--json")
    assert code == 0
    assert [(each["version"], each["policy"], each["for"]) for each in json.loads(out)] == [
        ("uk-s42a-1", "uk", "declaration")
    ]
    assert "本人申请复制" in ill("texts", "--policy", "uk", "--language", "zh")[1]
    assert len(json.loads(ill("texts", "--json")[1])) > 10


def test_policies_are_listed_with_their_settings(ill: Ill) -> None:
    found = {each["policy"]: each for each in json.loads(ill("policies", "--json")[1])}
    assert list(found) == list(POLICIES)
    limit = next(row for row in found["us"]["settings"] if row["name"] == "limit")
    assert (limit["default"], limit["shown"]) == (5, "5")
    assert all(row["meaning"] for each in found.values() for row in each["settings"])
    code, out, _ = ill("policies", "--policy", "de")
    assert code == 0
    assert 'accounts."copyright_de:main"' in out
    assert "opted_in" in out
