"""How fast each part of a run is, and what it is given: figures for estimates, each with where it comes from.

Text is what pages hold once they are unpacked. Nothing here was measured on AWS: see docs/performance.md.
"""

INGEST_MEMORY_MB = 1024
TRANSFORM_MEMORY_MB = 3008
SMALL_MEMORY_MB = 512
"""As terraform/platform/compute.tf sets them: ingest; transform and publish; audit and record."""
LAMBDA_MB_PER_VCPU = 1769
"""AWS: a function has one vCPU for so much memory."""
TRANSFORM_CORES = TRANSFORM_MEMORY_MB / LAMBDA_MB_PER_VCPU

INGEST_BYTES_PER_SECOND = 10_000_000
"""A guess: upstreams are slower than ingest, which keeps up with curl (benchmarks/ingest)."""
TEXT_BYTES_PER_CPU_SECOND = 60_000_000
"""Measured: the whole transform of 600 MB of nested JSON in 8 to 9 seconds of CPU (benchmarks/transform); then taken
down, for S3 in the place of a local disk."""
STRICT_TEXT_BYTES_PER_CPU_SECOND = 12_000_000
"""Measured: 30 MB of the same JSON in 2 seconds of one core where every record is read as the contract is compiled,
which is what contracts need that the quick way does not know; then taken down likewise."""
FIXED_SECONDS = {"ingest": 1.0, "transform": 2.0, "audit": 0.5, "publish": 2.0, "record": 0.5}
"""What each step takes with nothing to do, a cold start shared out: guesses, rather too high."""

GLUE_START_SECONDS = 30
"""A guess: from the start of a job's billing to its first task."""
GLUE_WORKERS_AT_LEAST = 2
GLUE_TEXT_BYTES_PER_WORKER_SECOND = 60_000_000
"""A G.1X worker has 4 vCPU, and Spark carries rows to and fro: one of four is counted on."""
