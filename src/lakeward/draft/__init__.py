"""A first contract from a sample response: what can be guessed is guessed, and every guess says what to check."""

from lakeward.draft.contract import Drafted, draft_contract
from lakeward.draft.sample import Sample, read_sample

__all__ = ["Drafted", "Sample", "draft_contract", "read_sample"]
