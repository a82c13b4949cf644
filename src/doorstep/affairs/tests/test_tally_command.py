"""`doorstep tally` as anybody runs it: a process without settings and without a database."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from doorstep.affairs.rules.tally import read_vote, result_document, tally
from doorstep.affairs.tests.vote_files import Document, ballot, unit, vote

DOORSTEP = [sys.executable, "-c", "from doorstep.site.command import main; main()"]
FILE = vote(roll=[unit("瑞金阁-1", "甲"), unit("瑞金阁-2", "乙")], ballots=[ballot("票1", "甲"), ballot("票2", "租客")])


def doorstep(*arguments: str, given: bytes = b"", **environment: str) -> subprocess.CompletedProcess[bytes]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DOORSTEP_", "DJANGO_"))}
    return subprocess.run([*DOORSTEP, *arguments], input=given, capture_output=True, env={**kept, **environment}, check=False, timeout=60)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "vote.json"
    path.write_text(json.dumps(FILE, ensure_ascii=False), encoding="utf-8")
    return path


def expected(document: Document) -> Document:
    return result_document(tally(read_vote(document)))


@pytest.mark.parametrize(
    "environment", [{}, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, {"PYTHONIOENCODING": "gb18030"}]
)
def test_standard_output_is_the_result_as_utf_8_json_and_nothing_else(file: Path, environment: dict[str, str]) -> None:
    done = doorstep("tally", str(file), **environment)
    assert (done.returncode, done.stderr) == (0, b"")
    result = json.loads(done.stdout.decode("utf-8"))
    assert result == expected(FILE)
    assert list(result) == ["format", "roll", "motions", "rejected"]
    assert result["rejected"] == [{"ballot": "票2", "reason": "not_on_roll"}]


def test_a_dash_reads_standard_input(file: Path) -> None:
    assert doorstep("tally", "-", given=file.read_bytes()).stdout == doorstep("tally", str(file)).stdout


def test_no_turnout_is_decided_too(file: Path) -> None:
    done = doorstep("tally", str(file))
    assert json.loads(done.stdout)["motions"][0]["outcome"] == "no_turnout"
    assert done.returncode == 0


def test_a_file_that_is_not_acceptable_exits_2_with_every_path_on_standard_error_and_nothing_on_standard_output(tmp_path: Path) -> None:
    bad = vote(roll=[unit("1", "甲", area="0"), unit("1", "乙", kind="house")])
    (tmp_path / "bad.json").write_text(json.dumps(bad), encoding="utf-8")
    done = doorstep("tally", str(tmp_path / "bad.json"))
    assert (done.returncode, done.stdout) == (2, b"")
    said = done.stderr.decode()
    for path in ("$.roll[0].area: ", "$.roll[1].unit: ", "$.roll[1].kind: "):
        assert path in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (b'{"format": "doorstep.vote/1", "format": "doorstep.vote/1"}', b"$.format: stands twice in one object"),
        (b'{"format": "doorstep.vote/2"}', b"$.format: 'doorstep.vote/2' is not doorstep.vote/1"),
        (b"not json", b"$: is not JSON"),
    ],
)
def test_what_is_said_of_other_documents(given: bytes, says: bytes) -> None:
    done = doorstep("tally", "-", given=given)
    assert (done.returncode, done.stdout) == (2, b"")
    assert says in done.stderr


@pytest.mark.parametrize("arguments", [(), ("one", "two"), ("/no/such/file",), ("/",)])
def test_a_call_that_cannot_be_answered_exits_2(arguments: tuple[str, ...]) -> None:
    done = doorstep("tally", *arguments)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr
    assert b"Traceback" not in done.stderr


def test_it_runs_without_django_and_without_a_database(file: Path) -> None:
    program = (
        "import sys; from doorstep.site.command import run; code = run(['tally', sys.argv[1]]);"
        "print(sorted(name for name in sys.modules if name.split('.')[0] in ('django', 'sqlite3', 'psycopg')), file=sys.stderr); sys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-c", program, str(file)], capture_output=True, env={"PATH": ""}, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, b"[]\n")


def test_an_error_of_ours_exits_1(file: Path) -> None:
    program = (
        "import sys; import doorstep.affairs.tally_command as command; from doorstep.site.command import main\n"
        "def broken(document): raise KeyError('ours')\n"
        "command.tally = broken; sys.argv = ['doorstep', 'tally', sys.argv[1]]; main()"
    )
    done = subprocess.run([sys.executable, "-c", program, str(file)], capture_output=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"KeyError" in done.stderr
