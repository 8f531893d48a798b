"""The shape of a record as its columns' paths describe it: what a typed reader of JSON has to know.

Only the places that columns are read from are in it, each as JSON, so that nothing is converted or lost on the way: a
leaf is the text that ``json_extract`` would give. A record of another shape (an array where the paths have an object)
makes the reader fail; whoever reads must then go another way.
"""

import re
from dataclasses import dataclass, field

STEP = re.compile(r"\.([A-Za-z_][\w\-]*)|\[(\d+)\]")


@dataclass
class _Node:
    """What is below one place: members by name, or elements, or nothing because a column is read from it."""

    members: dict[str, "_Node"] = field(default_factory=dict)
    element: "_Node | None" = None
    is_leaf: bool = False

    def sql_type(self) -> str | None:
        """DuckDB's type; None when no type says it: a leaf with something below it, or names that DuckDB mixes up."""
        if self.is_leaf:
            return None if self.members or self.element else "JSON"
        if self.element is not None:
            inner = None if self.members else self.element.sql_type()
            return f"{inner}[]" if inner else None
        if len({name.lower() for name in self.members}) < len(self.members):
            return None
        types = {name: node.sql_type() for name, node in self.members.items()}
        if not types or None in types.values():
            return None
        members = ", ".join(f'"{name}" {of}' for name, of in types.items())
        return f"STRUCT({members})"


@dataclass(frozen=True)
class Shape:
    """DuckDB's type of a record, and an expression for each path, over a record named ``r``."""

    sql_type: str
    places: list[str]


def shape_of(paths: list[str]) -> Shape | None:
    """The shape that has all these paths; None when no DuckDB type has."""
    root, places = _Node(), []
    for path in paths:
        node, place = root, "r"
        for name, index in STEP.findall(path):
            if name:
                node = node.members.setdefault(name, _Node())
                place += f'."{name}"'
            else:
                node.element = node.element or _Node()
                node = node.element
                place += f"[{int(index) + 1}]"
        node.is_leaf = True
        places.append(place)
    sql_type = root.sql_type()
    return Shape(sql_type, places) if sql_type and sql_type.startswith("STRUCT") else None
