"""Where in a YAML text the value at a path stands, for messages that point at the line to mend."""

import io

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from lakeward.contract.part import At


class Positions:
    """The lines and the plain texts of a YAML document that has been found to be well-formed."""

    def __init__(self, text: str) -> None:
        self._root: Node | None = YAML(typ="safe", pure=True).compose(io.StringIO(text))

    def line(self, at: At) -> int:
        """The line (from 1) of the key or list item at ``at``, or of the nearest thing around it."""
        node, mark = self._root, self._root.start_mark if self._root else None
        for step in at:
            found = _child(node, step)
            if found is None:
                break
            mark, node = found[0].start_mark, found[1]
        return mark.line + 1 if mark else 1

    def plain(self, at: At) -> str | None:
        """The value at ``at`` as it is written, when it is one word without quotes; else None."""
        node = self._root
        for step in at:
            found = _child(node, step)
            if found is None:
                return None
            node = found[1]
        return node.value if isinstance(node, ScalarNode) and node.style is None else None


def _child(node: Node | None, step: str | int) -> tuple[Node, Node] | None:
    """What to point at, and the value: a mapping's key and value, or a list's item twice."""
    if isinstance(node, MappingNode):
        return next(((key, value) for key, value in node.value if key.value == str(step)), None)
    if isinstance(node, SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step], node.value[step]
    return None
