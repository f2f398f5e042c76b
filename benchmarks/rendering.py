"""Getting and rendering a prompt, against python-liquid rendering the same template, parsed.

The library gets what a careful user would give it: an output limit, the values as they are. Ours
does more for its time: it looks the address up, checks every value against its declared type,
copies arrays and objects, and keeps the account of steps. Both render in turns in one process.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, TextIO

from benchmarks.measure import Figure, in_turns
from benchmarks.stores import workspace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from liquid import BoundTemplate

BAR = 1.5
OUTPUT_LIMIT = 2 * 1024 * 1024

TWO_VARIABLES = (
    "Hello {{ customer }}, your order {{ order }} is on its way.",
    {"customer": "string", "order": "integer"},
    {"customer": "Ada Lovelace", "order": 1815},
)
LOOP = (
    (
        "Orders of {{ customer | upcase }}:\n"
        "{% for row in rows %}{{ forloop.index }}. {{ row.name }}: {{ row.count }}"
        "{% if row.late %} (late){% endif %}\n{% endfor %}"
    ),
    {"customer": "string", "rows": "array"},
    {
        "customer": "Ada Lovelace",
        "rows": [{"name": f"item {n}", "count": n, "late": n % 3 == 0} for n in range(20)],
    },
)
_RULES = "".join(
    f"{n}. Read what the customer wrote, and answer the question that was asked, not another one; "
    f"say what happens next, and who does it, in sentences of at most {n + 10} words.\n"
    for n in range(1, 21)
)
CHAT = (
    "{% message system %}\nYou answer for {{ company }}, in {{ language }}.\n" + _RULES
    + "{% if vip %}This customer has priority.{% endif %}\n{% endmessage %}\n"
    "{% message user %}{{ question }}{% endmessage %}\n"
    "{% message assistant %}Thank you for writing to {{ company }}.{% endmessage %}\n"
    "{% message user %}{{ reply }}{% endmessage %}\n",
    {
        "company": "string", "language": "string", "vip": "boolean", "question": "string",
        "reply": "string",
    },
    {
        "company": "Analytical Engines", "language": "English", "vip": True,
        "question": "Where is my parcel? " * 10, "reply": "It has not come. " * 5,
    },
)  # fmt: skip


def two_variables(*, quick: bool) -> Iterator[Figure]:
    """Render a line with two variables."""
    yield _against("two variables", TWO_VARIABLES, quick=quick)


def loop(*, quick: bool) -> Iterator[Figure]:
    """Render a loop over twenty objects."""
    yield _against("a loop over 20 rows", LOOP, quick=quick)


def chat(*, quick: bool) -> Iterator[Figure]:
    """Render a chat of four messages and 4 kB."""
    yield _against(f"a chat of {len(CHAT[0]) / 1000:.1f} kB", CHAT, quick=quick)


def _against(
    called: str, case: tuple[str, dict[str, str], dict[str, Any]], *, quick: bool
) -> Figure:
    source, types, values = case
    address = "desk/emails/welcome"
    with workspace("duckdb") as ws:
        ws.save(address, source, parameters=types)
        ws.publish("desk/emails")
        bound = library(source)
        rendered = ws.get(address).render(**values)
        plain = "".join(bound.render(**values).split())
        assert plain == "".join(rendered.text.split())
        names = {"ws": ws, "address": address, "values": values, "bound": bound}
        ours, theirs = in_turns(
            ["ws.get(address).render(**values)", "bound.render(**values)"],
            names,
            number=200 if quick else 2_000,
            repeats=15 if quick else 60,
        )
    ratios = [one / other for one, other in zip(ours.seconds, theirs.seconds, strict=True)]
    note = f"{ours.median * 1e6:.1f} µs against {theirs.median * 1e6:.1f} µs"
    return Figure(
        f"get + render, {called}, over python-liquid", ours.median / theirs.median, "times", BAR,
        min(ratios), len(ratios), note,
    )  # fmt: skip


def library(source: str) -> BoundTemplate:
    """Parse with python-liquid itself, an output limit, and a message block that only renders."""
    from liquid import Environment, Node, Tag, TokenStream
    from liquid.parser import get_parser
    from liquid.token import TOKEN_TAG

    class Limited(Environment):
        output_stream_limit: ClassVar[int] = OUTPUT_LIMIT

    class MessageNode(Node):
        def __init__(self, token: Any, block: Any) -> None:
            super().__init__(token)
            self.block = block
            self.blank = False

        def render_to_output(self, context: Any, buffer: TextIO) -> int:
            return int(self.block.render(context, buffer))

    class MessageTag(Tag):
        name = "message"

        def parse(self, stream: TokenStream) -> Node:
            token = stream.eat(TOKEN_TAG)
            stream.next()  # the role
            return MessageNode(
                token, get_parser(self.env).parse_block(stream, frozenset(("endmessage",)))
            )

    environment = Limited()
    environment.add_tag(MessageTag)
    return environment.from_string(source)


MEASUREMENTS = (two_variables, loop, chat)
