"""The arguments of the transform job, as Glue gives them: ``--name value``, among others of Glue's own."""

import argparse
from dataclasses import dataclass, fields


@dataclass(frozen=True)
class Arguments:
    """What the job is told. All but the first three are set by Terraform on the job, and the same for every run."""

    dataset: str
    slot: str
    certificate_key: str
    release: str
    region: str
    account_id: str
    environment: str
    raw_bucket: str
    curated_bucket: str
    curated_database: str
    quarantine_database: str

    @classmethod
    def of(cls, given: list[str]) -> "Arguments":
        """Read a command line without the script's name; one that is missing ends the process and says which."""
        parser = argparse.ArgumentParser(allow_abbrev=False, description=__doc__)
        for field in fields(cls):
            parser.add_argument(f"--{field.name}", required=True)
        known, _ = parser.parse_known_args(given)
        return cls(**vars(known))
