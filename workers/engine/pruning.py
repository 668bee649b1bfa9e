"""Leaves out joins that change nothing: at most one match for each row, and nobody reads what they bring."""

from __future__ import annotations

from workers.engine.ops import OpNode
from workers.engine.ops.combine import Join
from workers.engine.ops.node import NamesOf


def pruned(node: OpNode, names_of: NamesOf) -> OpNode:
    """The same table without such joins; the op itself when there are none."""
    if not any(isinstance(part, Join) and part.counted_input() is not None for part in node.walk()):
        return node
    return _without(node, None, names_of)


def _without(node: OpNode, wanted: set[str] | None, names_of: NamesOf) -> OpNode:
    """An op of which only some columns are read (None is all)."""
    path: list[OpNode] = []
    while True:
        if isinstance(node, Join):
            kept = node.counted_input()
            if kept is None or wanted is None or not wanted <= set(names_of(kept)):
                break
            node = kept
            continue
        if len(node.inputs()) != 1 or not hasattr(node, "input"):
            break
        path.append(node)
        wanted, node = node.needs(wanted), node.inputs()[0]
    if isinstance(node, Join) and node.counted_input() is not None:
        node = node.model_copy(update={"left": _without(node.left, _read(node, wanted, names_of), names_of)})
    for above in reversed(path):
        if above.inputs()[0] is not node:
            above = above.model_copy(update={"input": node})
        node = above
    return node


def _read(join: Join, wanted: set[str] | None, names_of: NamesOf) -> set[str] | None:
    """What a join reads of its left side: its keys, and what is read of the result; all where names could change."""
    mine, theirs = names_of(join.left), names_of(join.right)
    if wanted is None or set(mine) & set(theirs) - {key.right for key in join.keys}:
        return None
    return {key.left for key in join.keys} | (wanted & set(mine))
