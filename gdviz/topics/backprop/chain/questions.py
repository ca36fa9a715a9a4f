"""What the room of the chain rule asks before the tape is walked."""

from gdviz.catalogue.question import Questions, ask_choice
from gdviz.learn.graph import Node
from gdviz.numerals import number
from gdviz.topics.backprop.chain.settings import Chain, run

WAYS = ("It falls", "It stays", "It grows")
NONE = 1e-9  # of the largest slope: rounding may have made so little of none


def questions(spec: Chain) -> Questions:
    """Ask for each input whether the output grows with it."""
    graph = run(spec)
    largest = max(abs(node.grad) for node in graph)
    inputs = [node for node in graph if not node.parents and node.op == "input"]
    return tuple(question for node in inputs for question in _way(node, largest))


def _way(node: Node, largest: float) -> Questions:
    if 0 < abs(node.grad) <= NONE * largest:
        return ()
    right = 1 if node.grad == 0 else 2 if node.grad > 0 else 0
    told = f"∂L/∂{node.name} = {number(node.grad)}."
    text = f"What does L do when {node.name} grows a little?"
    return ask_choice(f"way {node.name}", text, WAYS, {right}, told)
