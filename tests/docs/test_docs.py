"""The documentation is true: links lead somewhere, commands exist, every setting and command is described."""

import re
import tomllib
from pathlib import Path
from urllib.parse import unquote

import pytest

from doorstep.site.command import OFFLINE, USAGE
from doorstep.site.commands import COMMANDS

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "doorstep"
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *PACKAGE.rglob("*.md")])
MODULES = ("foundation", "organisations", "talents", "resources", "affairs", "projects", "services", "site")
SET_BY_THE_HOUSE = {"DOORSTEP_DEMO", "DOORSTEP_TESTING"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_of_a_page_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
    targets = [unquote(target) for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text)]
    missing = [target for target in targets if "://" not in target and not target.startswith("/") and not (page.parent / target).exists()]
    assert missing == []


@pytest.mark.parametrize("module", MODULES)
def test_every_module_has_one_page(module: str) -> None:
    page = (PACKAGE / module / "README.md").read_text("utf-8")
    assert 3 < len(page.splitlines()) <= 80


def test_the_readme_opens_with_a_picture_and_two_commands() -> None:
    opening = (ROOT / "README.md").read_text("utf-8").splitlines()[:8]
    assert any(line.startswith("![") for line in opening)
    assert [line.split("#")[0].strip() for line in opening if line.startswith("./run")] == ["./run demo", "./run test"]


def test_verbs_named_in_pages_are_verbs_of_the_launcher() -> None:
    launcher = (ROOT / "run").read_text("utf-8")
    verbs = set(re.findall(r"^    ([a-z]+)\) ", launcher, re.MULTILINE))
    named = {verb for page in PAGES for verb in re.findall(r"\./run ([a-z]+)", page.read_text("utf-8"))}
    assert named <= verbs


def test_commands_named_in_pages_exist() -> None:
    known = {*COMMANDS, *OFFLINE, "manage"}
    named = {name for page in PAGES for name in re.findall(r"(?:bin/|`)doorstep ([a-z]+)", page.read_text("utf-8"))}
    assert named <= known


@pytest.mark.parametrize("name", [*COMMANDS, *OFFLINE, "manage"])
def test_every_command_is_in_the_usage(name: str) -> None:
    assert f"doorstep {name}" in USAGE


def test_every_setting_of_the_environment_is_described() -> None:
    read = {name for path in PACKAGE.rglob("*.py") for name in re.findall(r'"(DOORSTEP_[A-Z0-9_]+)"', path.read_text("utf-8"))}
    described = set(re.findall(r"DOORSTEP_[A-Z0-9_]+", (ROOT / "docs/howto/configuration.md").read_text("utf-8")))
    assert read - SET_BY_THE_HOUSE - described == set()


def test_every_decision_has_its_page() -> None:
    """A rule that anyone can re-run (design of the house) is explained in docs/algorithms."""
    decisions = {"tally", "panel", "lottery", "early_warning", "opinion", "matching", "rota", "coverage", "accounts"}
    stand = {path.stem for path in PACKAGE.glob("*/rules/*") if path.stem in decisions}
    explained = {path.stem for path in (ROOT / "docs" / "algorithms").glob("*.md")}
    assert stand <= explained


def test_no_page_names_a_licence_other_than_the_projects() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["license"] == "Apache-2.0"
    assert "Apache License" in (ROOT / "LICENSE").read_text("utf-8")
