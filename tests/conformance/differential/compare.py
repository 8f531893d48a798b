#!/usr/bin/env python3
"""Ask PyVelox (Presto's functions in C++) and the local Athena the same; every disagreement must be explained.

PyVelox lives in an environment of its own: ``make differential`` makes it. The explanations are in ``explained.toml``:
an entry speaks for the disagreements of one function, of one kind, whose call matches ``calls``. Presto is not Trino:
where the two differ by design the local Athena follows Trino's documentation, and the entry says so.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from calls import Call, every_call
from canonical import canonical

from lakeward_local.athena.errors import QueryError
from lakeward_local.athena.run import Engine
from lakeward_local.athena.session import Sessions
from lakeward_local.athena.syntax.queries import parse_query

HERE: Final = Path(__file__).parent
_NOT_THERE: Final = ("signature is not supported", "doesn't exist", "cannot be resolved",
                     "Unsupported", "not supported")  # fmt: skip


@dataclass(frozen=True)
class Explanation:
    """Why some calls of a function are answered differently."""

    function: str
    kind: str
    calls: str
    why: str

    def covers(self, call: Call, kind: str) -> bool:
        return (
            self.function == call.function
            and self.kind in {kind, "any"}
            and re.search(self.calls, call.sql) is not None
        )


class Ours:
    """The local Athena's engine without any catalog: scalar calls need none."""

    def __init__(self) -> None:
        self.engine = Engine(None, None, Sessions(2), None)  # type: ignore[arg-type]

    def answer(self, call: Call) -> dict[str, Any]:
        run, catalog = self.engine.start(), self.engine.catalog()
        try:
            plan = self.engine.plan(parse_query(f"SELECT {call.sql} AS answer"), "none", catalog)
            return {"ok": canonical(self.engine.arrow(plan, run, catalog).column(0))}
        except QueryError as error:
            return {"error": f"{error.code}: {error.message}"}
        finally:
            run.connection.close()


def velox(python: Path, lines: Sequence[str]) -> list[dict[str, Any]]:
    """PyVelox's answers. A call that ends its process is answered with an error, and the rest are asked again."""
    answers: list[dict[str, Any]] = []
    while len(answers) < len(lines):
        ended = subprocess.run(
            [str(python), str(HERE / "velox_answers.py")], input="\n".join(lines[len(answers) :]) + "\n",
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        answers += [json.loads(line) for line in ended.stdout.splitlines()]
        if len(answers) < len(lines):
            if not ended.stdout and not answers:
                raise SystemExit(f"differential: PyVelox answers nothing: {ended.stderr[-800:]}")
            answers.append({"error": f"the process ended with {ended.returncode}"})
    return answers


def kind_of(theirs: dict[str, Any], ours: dict[str, Any]) -> str:
    """How two answers differ; empty when they agree (two failures agree, whatever they say)."""
    if "error" in theirs or "error" in ours:
        return "" if "error" in theirs and "error" in ours else "theirs fails" if "error" in theirs else "ours fails"
    a, b = theirs["ok"], ours["ok"]
    if same(a, b):
        return ""
    return "theirs null" if a is None else "ours null" if b is None else "values"


def same(a: Any, b: Any) -> bool:
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, str) and isinstance(b, str) and a.startswith("f:") and b.startswith("f:"):
        x, y = float(a[2:]), float(b[2:])
        return (math.isnan(x) and math.isnan(y)) or math.isclose(x, y, rel_tol=1e-12, abs_tol=1e-300)
    return type(a) is type(b) and a == b


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", type=Path, required=True, help="the Python of the environment that has PyVelox")
    parser.add_argument("--only", help="compare one function")
    arguments = parser.parse_args()
    known = subprocess.run([str(arguments.python), str(HERE / "velox_answers.py"), "--functions"],
                           capture_output=True, text=True, check=True).stdout  # fmt: skip
    calls = [c for c in every_call(set(json.loads(known))) if arguments.only in (None, c.function)]
    explanations = [Explanation(x["function"], x["kind"], x.get("calls", ""), x["why"])
                    for x in tomllib.loads((HERE / "explained.toml").read_text())["difference"]]  # fmt: skip
    theirs = velox(arguments.python, [json.dumps(c.as_json()) for c in calls])
    return report(calls, theirs, Ours(), explanations, complete=arguments.only is None)


def report(
    calls: list[Call], theirs: list[dict[str, Any]], ours: Ours, explanations: list[Explanation], *, complete: bool
) -> int:
    """Print what was found; 1 when a disagreement has no explanation, or an explanation no disagreement."""
    counts: Counter[str] = Counter()
    examples: dict[Explanation, tuple[Call, dict[str, Any], dict[str, Any]]] = {}
    functions: set[str] = set()
    for call, their_answer in zip(calls, theirs, strict=True):
        if any(x in their_answer.get("error", "") for x in _NOT_THERE):
            counts["not comparable: PyVelox lacks this overload"] += 1
            continue
        functions.add(call.function)
        our_answer = ours.answer(call)
        kind = kind_of(their_answer, our_answer)
        if not kind:
            counts["agree"] += 1
            continue
        found = next((e for e in explanations if e.covers(call, kind)), None)
        if found is not None:
            examples.setdefault(found, (call, their_answer, our_answer))
            counts["disagree, explained"] += 1
        else:
            counts["disagree, NOT explained"] += 1
            say(f"{call.function} [{kind}]: {call.sql}")
            say(f"    theirs {_shown(their_answer)}\n    ours   {_shown(our_answer)}")
    unused = [e for e in explanations if e not in examples] if complete else []
    for e in unused:
        say(f"explained.toml: nothing differs any more: {e.function} [{e.kind}] {e.calls}")
    summary = ", ".join(f"{name}: {count}" for name, count in sorted(counts.items()))
    say(f"differential: {len(calls)} calls of {len(functions)} functions and expressions; {summary}")
    if complete and not unused:
        (HERE / "differences.md").write_text(_table(examples))
    return 1 if counts["disagree, NOT explained"] or unused else 0


def _table(examples: dict[Explanation, tuple[Call, dict[str, Any], dict[str, Any]]]) -> str:
    lines = ["# Where PyVelox and the local Athena differ", "",
             "Written by `make differential`; the reasons are in `explained.toml`.", "",
             "| function | example | theirs | ours | why |", "|---|---|---|---|---|"]  # fmt: skip
    for e, (call, theirs, ours) in sorted(examples.items(), key=lambda item: (item[0].function, item[0].kind)):
        cells = [e.function, f"`{call.sql}`", _brief(theirs), _brief(ours), e.why]
        lines.append("| " + " | ".join(c.replace("|", "\\|").replace("\n", " ") for c in cells) + " |")
    return "\n".join(lines) + "\n"


def _brief(answer: dict[str, Any]) -> str:
    if "error" in answer:
        reason = re.search(r"Reason: (.*?) Retriable", answer["error"])
        return f"fails: {(reason[1] if reason else answer['error'])[:120]}"
    return f"`{json.dumps(answer['ok'], ensure_ascii=False)[:120]}`"


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def _shown(answer: dict[str, Any]) -> str:
    return json.dumps(answer, ensure_ascii=False)[:220]


if __name__ == "__main__":
    sys.exit(main())
