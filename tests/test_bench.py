"""`scripts/bench` measures: that it works, not how fast anything is."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).parents[1]


def test_a_case_is_measured_beside_its_yardstick_and_every_repetition_is_kept(tmp_path: Path) -> None:
    kept = tmp_path / "results.json"
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench", "--quick", "signal", "--json", str(kept)],
        cwd=TOP,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    document = json.loads(kept.read_text())
    assert document["isQuick"]
    assert document["settings"]["fsync"] == document["settings"]["synchronous_commit"] == "on"
    (result,) = document["results"]
    assert [(figure["name"], len(figure["values"])) for figure in result["figures"]] == [
        ("one signal", 2),
        ("one by one", 2),
    ]
    assert min(value for figure in result["figures"] for value in figure["values"]) > 0


def test_a_case_that_is_none_is_told() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench", "speed"], cwd=TOP, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "there is no case speed" in done.stderr
