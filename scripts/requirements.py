"""Print what pip must install for this repository, one requirement a line, read from the pyproject files.

usage: python scripts/requirements.py all | tools
  all    the core with every extra and every plugin (editable), and the test tools
  tools  the test tools alone
"""

import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def editable(folder: Path) -> str:
    project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = ",".join(sorted(project.get("optional-dependencies", {})))
    return f'-e "{folder}[{extras}]"' if extras else f'-e "{folder}"'


def tools() -> list[str]:
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["dependency-groups"]
    return [requirement for requirement in groups["dev"] if isinstance(requirement, str)]


def main(arguments: list[str]) -> int:
    if arguments not in (["all"], ["tools"]):
        print("usage: requirements.py all | tools", file=sys.stderr)
        return 2
    folders = [ROOT, *sorted(path.parent for path in ROOT.glob("plugins/*/pyproject.toml"))]
    for line in [*(editable(folder) for folder in folders if arguments == ["all"]), *tools()]:
        print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
