"""A ``gh`` for scripts that call it: answers by the beginning of what it is asked, and writes down every question."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]

PROGRAM = """#!{python} -I
import json, pathlib, sys
folder = pathlib.Path(__file__).parent
words = sys.argv[1:]
body = json.load(sys.stdin) if "--input" in words else None
with (folder / "asked.jsonl").open("a") as log:
    log.write(json.dumps([words, body]) + "\\n")
for beginning, answer in json.loads((folder / "answers.json").read_text()).items():
    if " ".join(words).startswith(beginning):
        if answer is None:
            sys.exit("HTTP 403: Resource not accessible by integration")
        print(answer if isinstance(answer, str) else json.dumps(answer))
        break
"""


class GitHubProgram:
    """The program in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "gh-program"
        self.folder.mkdir()
        program = self.folder / "gh"
        program.write_text(PROGRAM.format(python=sys.executable))
        program.chmod(0o755)
        self.answers({})

    def answers(self, answers: dict[str, Any]) -> None:
        """What it answers; None refuses, and what is not here is answered with nothing."""
        (self.folder / "answers.json").write_text(json.dumps(answers))

    @property
    def asked(self) -> list[tuple[list[str], Any]]:
        """The words and the body of every question."""
        log = self.folder / "asked.jsonl"
        return [tuple(json.loads(line)) for line in log.read_text().splitlines()] if log.exists() else []

    def run(self, script: str, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """A script of the repository as a step runs it, with this program first on the PATH."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("GH_", "GITHUB_"))} | variables
        environment["PATH"] = f"{self.folder}{os.pathsep}{environment['PATH']}"
        command = [sys.executable, str(ROOT / script)] if script.endswith(".py") else [str(ROOT / script)]
        return subprocess.run([*command, *words], env=environment, capture_output=True, text=True, check=False)
