"""A plugin in the repository is under the same checks as the others, and the READMEs name it."""

import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PLUGINS = sorted(path.parent.name for path in ROOT.glob("plugins/*/pyproject.toml"))
LINTER = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]


def contract(start: str) -> dict[str, list[str]]:
    return next(contract for contract in LINTER["contracts"] if contract["name"].startswith(start))


@pytest.mark.parametrize(
    "named",
    [
        LINTER["root_packages"],
        contract("The core knows no plugin")["forbidden_modules"],
        contract("A plugin knows no other plugin")["modules"],
    ],
    ids=["packages", "core", "plugins"],
)
def test_the_import_contracts_name_every_plugin(named: list[str]) -> None:
    assert sorted(set(named) - {"illcore"}) == [f"illcore_{name}" for name in PLUGINS]


@pytest.mark.parametrize("readme", ["README.md", "README.zh.md"])
def test_the_readmes_name_every_plugin(readme: str) -> None:
    text = (ROOT / readme).read_text(encoding="utf-8")
    assert [name for name in PLUGINS if f"plugins/{name}/" not in text] == []
