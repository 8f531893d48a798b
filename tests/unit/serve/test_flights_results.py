"""The expected results of the flights' datasets are what plain Python computes from their samples."""

import json

import pytest
from flights_by_hand import DATASETS, RESULTS, expected

QUERIES = [(dataset, query) for dataset, queries in RESULTS.items() for query in queries]


@pytest.mark.parametrize(("dataset", "query"), QUERIES)
def test_the_committed_result_is_the_computed_one(dataset: str, query: str):
    committed = (DATASETS / dataset / "queries" / f"{query}.expected.json").read_text()

    assert json.loads(committed) == expected(dataset, query)


@pytest.mark.parametrize("dataset", RESULTS)
def test_no_query_is_left_out(dataset: str):
    written = {path.stem for path in (DATASETS / dataset / "queries").glob("*.sql")}

    assert written == set(RESULTS[dataset])
