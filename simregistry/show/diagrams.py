"""The sequence diagram of a conversation: time runs down, and each exchange is a request arrow and an answer arrow."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from simregistry.oci.messages import Conversation, Exchange, shorten
from simregistry.show import theme
from simregistry.show.view import View
from simregistry.table import count, human

# Nobody reads more arrows than this in a picture. A longer conversation is shown without its middle; the table has all.
MOST = 26
# The place of the token service, between the client at 1 and the registry at 9.
TOKENS = 6.0


def sequence(conversation: Conversation, title: str = "") -> View:
    """Draw who sends what, with digests cut short, and with the bytes of a body beside its arrow."""
    exchanges = list(conversation)
    folded = len(exchanges) - MOST
    shown: list[Exchange | str] = list(exchanges)
    if folded > 0:
        shown = [*exchanges[: MOST // 2], f"… {folded} more exchanges …", *exchanges[-(MOST // 2) :]]
    sentence = (
        f"{title + ': ' if title else ''}{len(exchanges)} exchanges, {count(conversation.up)} body bytes up, "
        f"{count(conversation.down)} down."
    )

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        axes.axis("off")
        axes.set_xlim(0.3, 10.4)
        axes.set_ylim(len(shown) + 0.3, -1.0)
        lines = [(1.0, "client"), (9.0, "registry")]
        if any(isinstance(exchange, Exchange) and _for_token(exchange) for exchange in shown):
            lines.insert(1, (TOKENS, "token service"))
        for x, who in lines:
            axes.plot((x, x), (-0.3, len(shown) + 0.2), color=theme.GREY, lw=1.2, zorder=1)
            box = {"boxstyle": "round,pad=0.3", "facecolor": theme.LIGHT, "edgecolor": theme.INK}
            axes.text(x, -0.6, who, ha="center", va="center", fontweight="bold", bbox=box)
        for row, exchange in enumerate(shown):
            if isinstance(exchange, str):
                axes.text(5, row + 0.45, exchange, ha="center", va="center", style="italic")
            else:
                _exchange(axes, exchange, row)

    return View(
        sentence,
        conversation.table(),
        draw,
        alt="sequence diagram of requests and answers",
        height=0.56 * len(shown) + 0.9,
    )


def _for_token(exchange: Exchange) -> bool:
    """Say whether the request goes to a token service: every path that is not below /v2/ does."""
    return not exchange.request.path.startswith("/v2/")


def _exchange(axes: Axes, exchange: Exchange, row: float) -> None:
    """Draw one request and its answer: a full line for success, a dotted one for a refusal, a cross if none came."""
    far = TOKENS if _for_token(exchange) else 9.0
    up = f"   ▲ {human(exchange.up)}" if exchange.up else ""
    request_arrow = _arrow(theme.BLUE, exchange.up)
    axes.annotate("", xy=(far - 0.05, row + 0.42), xytext=(1.05, row + 0.42), arrowprops=request_arrow)
    line = shorten(exchange.request.line)
    # The query of a token request is too long for the picture; the table has it.
    line = line.partition("?")[0] if far == TOKENS else line
    axes.text(1.2, row + 0.36, line + up, va="bottom", fontsize=11)
    status = exchange.status
    if status is None:
        axes.text(8.6, row + 0.42, "✗ the line broke", ha="right", va="bottom", fontsize=11, color=theme.RED)
        return
    fine = status < 400
    arrow = _arrow(theme.GREEN if fine else theme.RED, exchange.down) | {"linestyle": "-" if fine else ":"}
    axes.annotate("", xy=(1.05, row + 0.78), xytext=(far - 0.05, row + 0.78), arrowprops=arrow)
    down = f"   ▼ {human(exchange.down)}" if exchange.down else ""
    colour = theme.GREEN if fine else theme.RED
    axes.text(far + 0.1, row + 0.78, f"{status}{down}", va="center", fontsize=11, color=colour, fontweight="bold")


def _arrow(colour: str, body: int) -> dict[str, object]:
    """Return the style of an arrow, a thick one for a message with a body."""
    return {"arrowstyle": "-|>", "color": colour, "lw": 2.4 if body else 1.1, "shrinkA": 0, "shrinkB": 0}
