"""How errors reach a person: a name, the message as it came, exit code 1, and no traceback."""

import sys

import pytest
from environment_over_http import EnvironmentOverHttp

from lakeward.cli.app import main


@pytest.mark.usefixtures("environment")
def test_an_error_of_ours_is_its_name_and_its_message(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["lakeward", "run", "[red]p[/x]", "--slot", "2018-01-31"])

    with pytest.raises(SystemExit) as ended:
        main()

    assert ended.value.code == 1
    assert capsys.readouterr() == ("", "UnknownDataset expected one of parcels, found '[red]p[/x]'\n")


def test_an_error_of_aws_is_told_in_its_words(
    environment: EnvironmentOverHttp, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environment.refuse_queries = "no ledger [so named]"
    monkeypatch.setattr(sys, "argv", ["lakeward", "runs", "parcels"])

    with pytest.raises(SystemExit) as ended:
        main()

    assert ended.value.code == 1
    assert capsys.readouterr() == (
        "",
        "AWS An error occurred (ResourceNotFoundException) when calling the Query operation: no ledger [so named]\n",
    )
