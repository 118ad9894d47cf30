"""The wheel: its README, whose examples are run, and its metadata."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path

import pytest

from test_client import TOKEN, Server

README = Path(__file__).parents[1] / "README.md"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README.read_text(encoding="utf-8"), re.M | re.S)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    served = Server(tmp_path)
    yield served
    served.stop()


def test_the_examples_print_their_output(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ROLECALL_TOKEN", TOKEN)
    for name, text in zip(("policy.json", "directory.json"), blocks("json"), strict=True):
        Path(name).write_text(json.dumps(json.loads(text)), encoding="utf-8")
    examples = blocks("python")
    assert len(examples) >= 6
    names: dict[str, object] = {}
    for example in examples:
        expected = re.findall(r"^ *print\(.*\)  # (.+)$", example, re.M)
        assert expected and len(expected) == example.count("print(")
        exec(compile(example.replace("https://roles.example.com", server.url), str(README), "exec"), names)
        assert capsys.readouterr().out.splitlines() == expected


def test_the_metadata_is_complete() -> None:
    wheel = distribution("rolecall")
    facts = wheel.metadata
    assert facts["Name"] == "rolecall" and facts["License-Expression"] == "Apache-2.0"
    assert facts["Summary"] and facts["Keywords"] and facts["Requires-Python"] == ">=3.10"
    assert "Typing :: Typed" in (facts.get_all("Classifier") or [])
    links = {link.split(",")[0] for link in facts.get_all("Project-URL") or []}
    assert links >= {"Homepage", "Documentation", "Repository", "Issues", "Changelog"}
    assert README.read_text(encoding="utf-8").strip() in wheel.read_text("METADATA").replace("\r\n", "\n")  # type: ignore[union-attr]
    files = [str(file) for file in wheel.files or []]
    assert any(file.endswith("licenses/LICENSE") for file in files) and "rolecall/py.typed" in files


def test_this_version_answers_as_the_matrix_wants() -> None:
    probe = Path(__file__).parents[3] / "tests/matrix/python/probe.py"
    ran = subprocess.run([sys.executable, str(probe)], capture_output=True, text=True, timeout=120)
    answers = dict(line.split(": ", 1) for line in ran.stdout.splitlines())
    assert len(answers) == 7, ran.stdout + ran.stderr
    assert set(answers.values()) == {"yes"}, answers
