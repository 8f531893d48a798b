"""End-to-end queries over a table that readers do not see yet: its future view stands before the query, as a WITH."""

import re

_BLANK = r"(?:\s+|--[^\n]*(?:\n|$)|/\*.*?\*/)*"
_WITH = re.compile(rf"{_BLANK}WITH\b(?:{_BLANK}RECURSIVE\b)?", re.IGNORECASE | re.DOTALL)


def over_candidate(sql: str, view: str, view_sql: str) -> str:
    """A query in which a view's name means another query: names of a WITH come before those of the catalog.

    Args:
        view: its name, which the query uses without a database.
        view_sql: what the view would be made of.
    """
    candidate = f'"{view}" AS (\n{view_sql}\n)'
    begins = _WITH.match(sql)
    if begins:
        return f"{begins[0]} {candidate},\n{sql[begins.end() :].lstrip()}"
    return f"WITH {candidate}\n{sql}"
