"""`ill rota explain`: whom a request is asked of, in what order and why, in the language of the file."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from illcore.cli import app
from illcore.cli.init import config_text
from illcore.engine import Engine
from illcore.events import Actor
from illcore.partners import put

OURS = "ISIL:CN-110001"
LOAN = {"service_type": "loan", "citation": {"title": "红楼梦", "isbn": "9787020002207", "publication_type": "Book"}}
PARTNERS: list[dict[str, Any]] = [
    {"symbol": "ISIL:QUICK"},
    {"symbol": "ISIL:DEAR", "cost": {"amount": "20", "currency": "CNY"}},
    {"symbol": "ISIL:COPIES", "services": ["copy"]},
    {"symbol": "ISIL:LAST", "last_resort": True, "rank": 1},
]


@pytest.fixture(params=["en", "zh"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def asked(empty_database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str) -> str:
    """A request in the current folder that nobody was named for; its id."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ILL_CONFIG", raising=False)
    shutil.copy(empty_database, tmp_path / "ill.db")
    text = config_text(OURS, "National Library", "国家图书馆", "sqlite:///ill.db", language, plugins=())
    (tmp_path / "ill.toml").write_text(text, encoding="utf-8")
    engine = Engine.open(config=tmp_path / "ill.toml", plugins=[], executor="inline")
    with engine.database.write() as connection:
        for each in PARTNERS:
            put(connection, OURS, {"account": "letters:main", **each}, engine.clock.now())
    id = engine.as_(Actor(kind="staff", id="anna", library=OURS, role="admin")).submit(LOAN)
    engine.close()
    return id


@pytest.fixture
def ill(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[str, str]]:
    def run(*arguments: str, code: int = 0) -> tuple[str, str]:
        capsys.readouterr()
        ended = app.run(arguments)
        said = capsys.readouterr()
        assert ended == code, said.err
        return said.out, said.err

    return run


def test_every_entry_has_its_numbers_and_its_sentence(asked, ill, language):
    found = json.loads(ill("rota", "explain", asked, "--json")[0])
    assert (found["id"], found["state"], found["accounts"], found["found"], found["more"]) == (asked, "sent", [], {}, 0)
    first, second, third, out = found["rota"]
    assert [each["partner"] for each in found["rota"]] == ["ISIL:QUICK", "ISIL:DEAR", "ISIL:LAST", "ISIL:COPIES"]
    assert [each["rank"] for each in found["rota"]] == [1, 2, 3, 4]
    assert (first["status"], second["status"], out["status"]) == ("open", "waiting", "skipped")
    assert (first["chance"], first["days"], first["days_per_fill"], first["tries"]) == (0.5, 5.0, 10.0, 0.0)
    assert first["score"] > second["score"]
    assert second["cost"] == {"amount": "20", "currency": "CNY"}
    assert third["place"] == "last_resort"
    assert out["score"] is None
    whys = {
        "en": (
            "Offers loans; not asked for such before, so taken as an average partner (50 %, 5.0 days a try); rank 100.",
            "Does not offer loans.",
        ),
        "zh": ("提供外借；此类申请尚无往来，按平均水平估计（50 %，每次约 5.0 天）；优先级 100。", "不提供外借。"),
    }
    assert (first["why"], out["why"]) == whys[language]


def test_people_read_a_table_and_a_sentence_each(asked, ill, language):
    shown, _ = ill("rota", "explain", asked)
    assert "50%" in shown
    assert "20 CNY" in shown
    assert f"4. ISIL:COPIES: {'Does not offer loans.' if language == 'en' else '不提供外借。'}" in shown


def test_a_request_that_is_not_there_and_a_reader_get_one_sentence(asked, ill):
    assert "there is no request NOBODY" in ill("rota", "explain", "NOBODY", code=1)[1]
    assert "is for staff" in ill("rota", "explain", asked, "--as", "reader:R1", code=1)[1]


def test_a_supplier_that_the_request_names_stands_there_for_that(asked, ill, language, tmp_path):
    (tmp_path / "named.json").write_text(json.dumps({**LOAN, "suppliers": ["ISIL:DEAR"]}), encoding="utf-8")
    id = ill("submit", "named.json")[0].strip()
    entry = json.loads(ill("rota", "explain", id, "--json")[0])["rota"][0]
    assert entry["why"] == {"en": "named in the request", "zh": "申请中已指定。"}[language]
    assert f"  {entry['why']}" in ill("show", id)[0]
