"""The pages by dlt's rest_api source, to files: ``python by_dlt.py PORT FOLDER PAGES``. Runs in .venv-bench."""

import sys

import dlt
from dlt.sources.rest_api import rest_api_source


def main() -> None:
    """Read all pages by offset, and load them as dlt does unless told otherwise."""
    port, folder, pages = sys.argv[1:]
    source = rest_api_source(
        {
            "client": {
                "base_url": f"http://127.0.0.1:{port}",
                "paginator": {
                    "type": "offset",
                    "limit": 1000,
                    "offset": 0,
                    "total_path": None,
                    "maximum_offset": int(pages) * 1000,
                },
            },
            "resources": [{"name": "pages", "endpoint": {"path": "pages", "data_selector": "items"}}],
        }
    )
    pipeline = dlt.pipeline("pages", destination=dlt.destinations.filesystem(folder), pipelines_dir=f"{folder}-state")
    print(pipeline.run(source))


if __name__ == "__main__":
    main()
