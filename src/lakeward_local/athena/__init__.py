"""A local Athena: Trino SQL over a Glue catalog and S3, answered as Athena engine version 3 answers.

The way of a query, one package a stage::

    syntax    text            -> syntax tree        (what Trino's grammar refuses is refused here)
    catalog   names           -> tables and views of the Glue catalog
    analysis  syntax tree     -> typed plan         (names bound, every expression has a Trino type)
    rewrite   typed plan      -> DuckDB SQL         (one template a function, one rule a node)
    run       DuckDB SQL      -> rows               (files planned by ``tables``, errors renamed)
    render    rows            -> Athena's text      (GetQueryResults and the result file)

``service`` is the Athena API around it, ``server`` puts that on a port of its own.
"""
