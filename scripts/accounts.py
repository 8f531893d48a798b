#!/usr/bin/env python3
"""Put your accounts, and the GitHub repository that may deploy to them, into environments/.

Writes the account's id into platform.tfvars and backend.hcl of each environment that is named, and with --repository
the repository, with its numeric ids, into bootstrap.tfvars: trust is bound to the numbers, which no rename changes.
Those are asked of GitHub with its command line tool. Values that are there already stay as they are.
"""

import argparse
import json
import re
import subprocess
import sys
from pathlib import Path

_REPOSITORY = Path(__file__).resolve().parent.parent
_ACCOUNT = re.compile(r"[0-9]{12}")
_GITHUB = re.compile(r"^github +=.*?(?=^\w|\Z)", re.MULTILINE | re.DOTALL)


class CannotWrite(Exception):
    """Nothing was written; the message says what to do."""


def with_account(text: str, environment: str, account: str) -> str:
    """A file of an environment with another account in the places where its account stands."""
    text = re.sub(r'^(account_id +=) "[0-9]{12}"', rf'\1 "{account}"', text, flags=re.MULTILINE)
    text = re.sub(r'^(allowed_account_ids +=) \["[0-9]{12}"\]', rf'\1 ["{account}"]', text, flags=re.MULTILINE)
    return re.sub(rf'"lakeward-{environment}-[0-9]{{12}}-state"', f'"lakeward-{environment}-{account}-state"', text)


def with_repository(text: str, repository: dict[str, str]) -> str:
    """bootstrap.tfvars with the repository in the place of what stands there, or of null."""
    lines = [f'  {key:<8} = "{value}"' for key, value in repository.items()]
    return _GITHUB.sub("\n".join(["github = {", *lines, "}", ""]), text, count=1)


def ask_github(repository: str) -> dict[str, str]:
    """The repository's name and numbers.

    Raises:
        CannotWrite: GitHub does not know it, or is not there to be asked.
    """
    command = ["gh", "api", f"repos/{repository}"]
    try:
        answer = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    except FileNotFoundError:
        raise CannotWrite(
            "no gh on the PATH; install the GitHub command line tool, or leave --repository out"
        ) from None
    except subprocess.CalledProcessError as problem:
        raise CannotWrite(f"{' '.join(command)} failed: {problem.stderr.strip()}") from problem
    return {"name": answer["full_name"], "id": str(answer["id"]), "owner_id": str(answer["owner"]["id"])}


def parse_accounts(words: list[str], root: Path) -> dict[str, str]:
    """Account by environment, of words like dev=111122223333.

    Raises:
        CannotWrite: a word is something else, or names an environment that is not there.
    """
    found = dict(word.partition("=")[::2] for word in words)
    known = sorted(path.parent.name for path in root.glob("environments/*/platform.tfvars"))
    for environment, account in found.items():
        if environment not in known or not _ACCOUNT.fullmatch(account):
            raise CannotWrite(
                f"expected ENVIRONMENT=ACCOUNT with one of {', '.join(known)} and 12 digits, found "
                f"{environment}={account}"
            )
    if len(set(found.values())) < len(found):
        raise CannotWrite(f"expected an account of its own for each environment, found {found}")
    return found


def write(root: Path, accounts: dict[str, str], repository: dict[str, str] | None) -> list[str]:
    """Write all of it; returns the files that changed, as they are called from ``root``."""
    changed = []
    for environment, account in accounts.items():
        folder = root / "environments" / environment
        texts = {name: (folder / name).read_text() for name in ("platform.tfvars", "backend.hcl", "bootstrap.tfvars")}
        for name, text in texts.items():
            new = with_account(text, environment, account)
            if name == "bootstrap.tfvars" and repository is not None:
                new = with_repository(new, repository)
            if new != text:
                (folder / name).write_text(new)
                changed.append(f"environments/{environment}/{name}")
    return changed


def main() -> int:
    """Write, and say what changed; 1 and the reason when nothing can be written."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog="example: scripts/accounts.py dev=111122223333 staging=222233334444 --repository owner/name",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("accounts", nargs="+", metavar="ENVIRONMENT=ACCOUNT", help="the account of an environment")
    parser.add_argument("--repository", metavar="OWNER/NAME", help="the GitHub repository that may deploy there")
    parser.add_argument("--root", type=Path, default=_REPOSITORY, help="the working copy (default: this one)")
    arguments = parser.parse_args()
    try:
        accounts = parse_accounts(arguments.accounts, arguments.root)
        repository = ask_github(arguments.repository) if arguments.repository else None
    except CannotWrite as reason:
        print(f"accounts: {reason}", file=sys.stderr)
        return 1
    changed = write(arguments.root, accounts, repository)
    print(f"accounts: changed {', '.join(changed) or 'nothing'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
