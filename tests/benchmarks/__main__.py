"""``make bench``: run every ``bench_*.py`` beside this file, print its figures with their targets, keep all in
``build/bench.json``.

Each module has ``measure() -> dict[str, float | dict[str, float]]`` and runs in a process of its own, so that memory
and caches of one never count for another. ``BENCH_ONLY="charts effects"`` runs some; the file keeps the other figures.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from tests.benchmarks.targets import TARGETS

HERE = Path(__file__).parent
KEPT = Path("build") / "bench.json"

Value = float | dict[str, float]


def chosen(only: str) -> list[str]:
    """Names of the benchmarks to run, without ``bench_``. Raises SystemExit on one that does not exist."""
    known = sorted(file.stem.removeprefix("bench_") for file in HERE.glob("bench_*.py"))
    wanted = only.replace(",", " ").split()
    for name in wanted:
        if name not in known:
            raise SystemExit(f"BENCH_ONLY: there is no benchmark “{name}”; there are {', '.join(known)}.")
    return wanted or known


def line(key: str, value: Value) -> str:
    """One figure as a line of the table: the value, its range, its target and whether it is met."""
    middle = value.get("median") if isinstance(value, dict) else value
    if isinstance(value, dict):
        others = "  ".join(f"{name} {number:.4g}" for name, number in value.items() if name != "median")
    else:
        others = ""
    target = TARGETS.get(key)
    verdict = "" if target is None or middle is None else f"{target}  {'met' if target.met(middle) else 'MISSED'}"
    shown = "" if middle is None else f"{middle:.4g}"
    return f"  {key:36} {shown:>10}  {verdict:24} {others}".rstrip()


def measured(name: str) -> dict[str, Value] | None:
    """Run one benchmark in a process of its own; None when it failed (its words are on the terminal)."""
    with tempfile.NamedTemporaryFile(suffix=".json") as answer:
        done = subprocess.run([sys.executable, "-m", "tests.benchmarks", name, answer.name], check=False)
        if done.returncode:
            return None
        found: dict[str, Value] = json.loads(Path(answer.name).read_text(encoding="utf-8"))
        return found


def keep(found: Mapping[str, Value]) -> None:
    """Add figures to the file; those of benchmarks that did not run stay."""
    KEPT.parent.mkdir(exist_ok=True)
    held = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.exists() else {}
    KEPT.write_text(json.dumps({**held, **found}, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def run_all(names: list[str]) -> int:
    """Run, print and keep; 1 when a benchmark could not be run. A missed target is said, and no failure."""
    failed = 0
    for name in names:
        began = time.monotonic()
        found = measured(name)
        say(f"{name} ({time.monotonic() - began:.0f} s){'' if found else ': FAILED, see above'}")
        for key, value in (found or {}).items():
            say(line(key, value))
        failed += found is None
        keep(found or {})
    say(f"Kept in {KEPT}.")
    return 1 if failed else 0


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    match sys.argv[1:]:
        case [one, answer_file]:
            figures = importlib.import_module(f"tests.benchmarks.bench_{one}").measure()
            Path(answer_file).write_text(json.dumps(figures), encoding="utf-8")
        case _:
            sys.exit(run_all(chosen(os.environ.get("BENCH_ONLY", ""))))
