"""The schedules of two actors as a grid: one goes right, the other goes down, and a path is one order of steps."""

from __future__ import annotations

import networkx as nx
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from simregistry.errors import InvalidValue
from simregistry.show import theme
from simregistry.show.view import View
from simregistry.study.races.interleavings import Exploration
from simregistry.table import Table

MOST_STATES = 400


def schedules(exploration: Exploration) -> View:
    """Draw every state that two actors can reach, mark the broken ones, and draw the shortest path to one of them."""
    if len(exploration.actors) != 2:
        raise InvalidValue("schedules", len(exploration.actors), "a grid has two sides: it is drawn for two actors")
    if len(exploration.states) > MOST_STATES:
        raise InvalidValue("schedules", len(exploration.states), f"more than {MOST_STATES} states cannot be told apart")
    graph = schedule_graph_of(exploration)
    broken = sum(1 for state in exploration.states if state.broken)
    sentence = f"{exploration.sentence}, in {broken} of them something is broken."
    rows = tuple((n, taken.actor, taken.did, taken.broken) for n, taken in enumerate(exploration.shortest, 1))
    width, height = (max(state.at[side] for state in exploration.states) for side in (0, 1))

    def draw(figure: Figure) -> None:
        _draw(figure.subplots(), exploration, graph, width, height)

    return View(
        sentence,
        Table(("step", "who", "does", "and then"), rows),
        draw,
        alt="grid of all states of two actors",
        height=1.8 + 0.72 * height,
    )


def schedule_graph_of(exploration: Exploration) -> nx.DiGraph:
    """Build the graph of states; several states with the same steps taken are drawn side by side."""
    graph = nx.DiGraph()
    states_at: dict[tuple[int, ...], int] = {}
    for number, state in enumerate(exploration.states):
        beside = states_at.get(state.at, 0)
        states_at[state.at] = beside + 1
        x, y = state.at
        graph.add_node(number, place=(x + 0.13 * (beside % 4), -y - 0.16 * (beside // 4)), broken=state.broken)
    for number, state in enumerate(exploration.states):
        graph.add_edges_from((number, after, {"who": taken.actor}) for taken, after in state.moves)
    return graph


def _draw(axes: Axes, exploration: Exploration, graph: nx.DiGraph, width: int, height: int) -> None:
    axes.axis("off")
    place = nx.get_node_attributes(graph, "place")
    shortest = set(_shortest_edges(exploration))
    for above, below in graph.edges:
        on_path = (above, below) in shortest
        lost = bool(graph.nodes[below]["broken"])
        axes.plot(
            *zip(place[above], place[below], strict=True), zorder=3 if on_path else 1, lw=3 if on_path else 1,
            color=theme.RED if on_path or lost else theme.GREY, linestyle="-" if on_path or not lost else ":",
        )  # fmt: skip
    for broken in (False, True):
        places = [place[n] for n in graph if bool(graph.nodes[n]["broken"]) is broken]
        if places:
            marker, colour = ("X", theme.RED) if broken else ("o", theme.GREEN)
            label = "something is broken" if broken else "all is well"
            xs, ys = zip(*places, strict=True)
            axes.scatter(list(xs), list(ys), s=46, marker=marker, color=colour, zorder=4, label=label)
    for side in (0, 1):
        for step, did in sorted(_alone(exploration, side).items()):
            verb, _, rest = did.partition(":")[0].partition(",")[0].partition(" ")
            text = verb if side else f"{verb}\n{rest}"
            x, y = (-0.1, -step - 0.5) if side else (step + 0.5, 0.13)
            axes.text(x, y, text, fontsize=10, ha="right" if side else "center", va="center" if side else "bottom")
    axes.set_xlim(-1.3, width + 0.8)
    axes.set_ylim(-height - 0.7, 1.4)
    axes.annotate("", xy=(width + 0.4, 0.85), xytext=(0, 0.85), arrowprops={"arrowstyle": "->", "color": theme.INK})
    axes.text(0, 1.0, f"{exploration.actors[0]} goes right", fontweight="bold")
    axes.annotate("", xy=(-0.95, -height - 0.3), xytext=(-0.95, 0), arrowprops={"arrowstyle": "->", "color": theme.INK})
    axes.text(
        -1.05,
        -height / 2,
        f"{exploration.actors[1]} goes down",
        rotation=90,
        va="center",
        ha="right",
        fontweight="bold",
    )
    if any(state.broken for state in exploration.states):
        axes.legend(loc="upper right", ncols=2, frameon=False, bbox_to_anchor=(1, 1.02))


def _alone(exploration: Exploration, side: int) -> dict[int, str]:
    """Return what one actor does at each of its steps while the other has not begun."""
    return {
        state.at[side]: taken.did
        for state in exploration.states
        for taken, _ in state.moves
        if taken.actor == exploration.actors[side] and not state.at[1 - side]
    }


def _shortest_edges(exploration: Exploration) -> list[tuple[int, int]]:
    number = next((n for n, state in enumerate(exploration.states) if state.broken), 0)
    edges = []
    while (reached_by := exploration.states[number].reached_by) is not None:
        before, _ = reached_by
        edges.append((before, number))
        number = before
    return edges
