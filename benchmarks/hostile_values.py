"""Large values: abused by hostile templates, and used by honest ones, which must render."""

from __future__ import annotations

from typing import Any

from benchmarks.attack import Attack, Cases, looped, text_of

_MIB = 1024 * 1024
_MANY = 50_000


def _rows(count: int, size: int = 20) -> list[dict[str, Any]]:
    return [
        {"id": n, "name": f"name {n % 97}", "text": "word " * (size // 5)} for n in range(count)
    ]


def _nested(depth: int, width: int) -> dict[str, Any]:
    made: dict[str, Any] = {"leaf": "x"}
    for _ in range(depth):
        made = {"next": made, **{f"k{n}": n for n in range(width)}}
    return made


def _double(name: str, times: int) -> str:
    return f"{{% assign {name} = {name} | concat: {name} %}}" * times


ABUSED: Cases = {
    "a megabyte searched": lambda: Attack(
        looped("{% if s contains 'ab' %}{% endif %}"), {"s": "a" * _MIB}
    ),
    "two equal megabytes compared": lambda: Attack(
        looped("{% if s == t %}{% endif %}"), {"s": "a" * _MIB, "t": "".join(["a"] * _MIB)}
    ),
    "a megabyte upper-cased": lambda: Attack(
        looped("{% assign t = s | upcase %}"), {"s": text_of("ß", _MIB // 2)}
    ),
    "ten megabytes given": lambda: Attack(
        "{{ s | size }}{{ s | upcase | size }}", {"s": "a" * 10 * _MIB}
    ),
    "ten megabytes output": lambda: Attack("{{ s }}", {"s": "a" * 10 * _MIB}),
    "a list searched": lambda: Attack(
        looped("{% if xs contains 'b' %}{% endif %}"), {"xs": ["a"] * _MANY}
    ),
    "two equal lists compared": lambda: Attack(
        looped("{% if xs == ys %}{% endif %}"),
        {"xs": [[n] for n in range(_MANY)], "ys": [[n] for n in range(_MANY)]},
    ),
    "two equal objects compared": lambda: Attack(
        looped("{% if a == b %}{% endif %}"),
        {
            "a": {f"k{n}": "v" * 20 for n in range(3_000)},
            "b": {f"k{n}": "v" * 20 for n in range(3_000)},
        },
    ),
    "two deep objects compared": lambda: Attack(
        looped("{% if a == b %}{% endif %}"), {"a": _nested(55, 50), "b": _nested(55, 50)}
    ),
    "a small list with a large one inside, compared": lambda: Attack(
        looped("{% if a == b %}{% endif %}"),
        {"a": [list(range(_MANY))], "b": [list(range(_MANY))]},
    ),
    "a small list with a large one inside, as JSON": lambda: Attack(
        looped("{% assign t = a | json: 8 | size %}"), {"a": [[1] * 10_000]}
    ),
    "JSON of a deep list, indented": lambda: Attack("{{ a | json: 8 }}", {"a": _nested(55, 500)}),
    "a small list with a large one inside, made unique": lambda: Attack(
        "{{ a | uniq | size }}", {"a": [list(range(_MANY))]}
    ),
    "a small list with a large one inside, mapped": lambda: Attack(
        looped("{% assign t = a | map: 'x' %}"), {"a": [["x"] * _MANY]}
    ),
    "empty lists in a list": lambda: Attack(
        looped("{% assign t = a | reverse | upcase | size %}"), {"a": [[]] * _MANY}
    ),
    "rows sorted": lambda: Attack(
        looped("{% assign t = rows | sort: 'text' %}"), {"rows": _rows(5_000)}
    ),
    "rows sorted naturally": lambda: Attack(
        looped("{% assign t = rows | sort_natural: 'text' %}"), {"rows": _rows(2_000, 500)}
    ),
    "rows made unique": lambda: Attack(
        looped("{% assign t = rows | uniq: 'id' %}"), {"rows": _rows(2_000)}
    ),
    "rows made unique by everything": lambda: Attack(
        looped("{% assign t = rows | uniq %}"), {"rows": _rows(1_000, 1_000)}
    ),
    "rows mapped": lambda: Attack(
        looped("{% assign t = rows | map: 'text' %}"), {"rows": _rows(5_000)}
    ),
    "rows filtered": lambda: Attack(
        looped("{% assign t = rows | where: 'text', 'x' %}"), {"rows": _rows(5_000)}
    ),
    "rows found": lambda: Attack(
        looped("{% assign t = rows | find: 'id', -1 %}"), {"rows": _rows(5_000)}
    ),
    "rows rejected": lambda: Attack(
        looped("{% assign t = rows | reject: 'id', 3 %}"), {"rows": _rows(5_000)}
    ),
    "rows summed": lambda: Attack(
        looped("{% assign t = rows | sum: 'id' %}"), {"rows": _rows(5_000)}
    ),
    "rows joined": lambda: Attack(
        looped("{% assign t = rows | join: ', ' %}"), {"rows": _rows(2_000)}
    ),
    "rows as JSON": lambda: Attack(
        looped("{% assign t = rows | json | size %}"), {"rows": _rows(5_000)}
    ),
    "sixteen megabytes of control characters": lambda: Attack(
        "{{ a }}", {"a": ["\x01" * 1_000] * 16_000}
    ),
    "eight megabytes of control characters, as JSON": lambda: Attack(
        "{{ a | json | size }}", {"a": ["\x01" * 1_000] * 8_000}
    ),
    "rows in rows": lambda: Attack(
        "{% for a in rows %}{% for b in rows %}{% if a == b %}{{ b.id }}{% endif %}"
        "{% endfor %}{% endfor %}",
        {"rows": _rows(2_000)},
    ),
    "an object's pairs in pairs": lambda: Attack(
        "{% for a in big %}{% for b in big %}{{ b[0] }}{% endfor %}{% endfor %}",
        {"big": {f"k{n}": "v" * 20 for n in range(3_000)}},
    ),
    "one large row many times": lambda: Attack(
        "{% assign x = rows %}" + _double("x", 15) + "{{ x | json | size }}",
        {"rows": [{"a": list(range(_MANY))}]},
    ),
    "one large row many times, compared": lambda: Attack(
        "{% assign x = a %}"
        + _double("x", 15)
        + "{% assign y = b %}"
        + _double("y", 15)
        + "{% if x == y %}same{% endif %}",
        {"a": [{"a": list(range(_MANY))}], "b": [{"a": list(range(_MANY))}]},
    ),
    "one large row many times, joined": lambda: Attack(
        "{% assign x = rows %}" + _double("x", 12) + "{{ x | join | size }}",
        {"rows": [{"a": list(range(_MANY))}]},
    ),
    "one large row in a cycle": lambda: Attack(
        looped("{% cycle a, b %}"), {"a": _rows(500), "b": _rows(500)}
    ),
    "a long row written again and again": lambda: Attack(
        looped("{{ rows[0] }}"), {"rows": _rows(3, 5_000)}
    ),
    "large integers": lambda: Attack(looped("{% assign t = n | times: n %}"), {"n": 2**4_000}),
    "larger integers": lambda: Attack(looped("{% assign t = n | append: '' %}"), {"n": 10**4_000}),
    "largest integers": lambda: Attack("{{ n }}{{ n | plus: 1 }}", {"n": 10**100_000}),
    "integers compared": lambda: Attack(
        looped("{% if n == m %}{% endif %}"), {"n": 2**1_000_000, "m": 2**1_000_000 + 1}
    ),
    "a list of texts that are numbers, sorted": lambda: Attack(
        looped("{% assign t = xs | sort_numeric %}{% assign t = xs | sort %}"),
        {"xs": [str(n) for n in range(_MANY)]},
    ),
    "mixed values sorted": lambda: Attack(
        looped("{% assign t = xs | sort_natural %}"),
        {"xs": [None, True, 1, 1.5, "a", [1], {"a": 1}] * 700},
    ),
    "long equal texts sorted": lambda: Attack(
        looped("{% assign t = xs | sort %}"),
        {"xs": ["a" * 10_000 + str(n % 7) for n in range(100)]},
    ),
    "long equal texts made unique": lambda: Attack(
        looped("{% assign t = xs | uniq | size %}"),
        {"xs": ["a" * 10_000 + str(n) for n in range(100)]},
    ),
    "a deep path in a loop": lambda: Attack(
        looped("{% assign t = a" + ".next" * 50 + ".leaf %}"), {"a": _nested(55, 5)}
    ),
    "a value of 10,000 keys, wrong key": lambda: Attack(
        "{{ a.missing }}", {"a": {f"k{n}": n for n in range(10_000)}}
    ),
    "a text with an error in it": lambda: Attack(
        "{{ s | date: s }}{{ s | slice: s }}", {"s": "a" * _MIB}
    ),
    "a text as a number": lambda: Attack(
        looped("{% assign t = s | plus: 1 %}"), {"s": "9" * 4_000}
    ),
    "a text as a huge number": lambda: Attack("{{ s | ceil }}", {"s": "1e99999999"}),
    "partials handed a list": lambda: Attack(
        looped("{% render 'p', xs: xs %}"), {"xs": list(range(_MANY))}, {"p": "{{ xs | size }}"}
    ),
    "messages without end": lambda: Attack(
        looped("{% message user %}{{ s }}{% endmessage %}"), {"s": "a" * 100_000}
    ),
}
"""Cases in which a template abuses the values it is given."""

HONEST: Cases = {
    "2,000 rows": lambda: Attack(
        "{% for r in rows %}{{ r.id }}: {{ r.text | strip | truncate: 40 }}\n{% endfor %}",
        {"rows": _rows(2_000, 100)}, honest=True,
    ),
    "2,000 rows with tags": lambda: Attack(
        "{% for r in rows %}{{ r.name }}: {{ r.tags | join: ', ' }}"
        "{% for t in r.tags %}#{{ t }}{% endfor %}\n{% endfor %}",
        {"rows": [{"name": f"n{n}", "tags": ["red", "green", "blue"]} for n in range(2_000)]},
        honest=True,
    ),
    "500 long rows with objects inside": lambda: Attack(
        "{% for r in rows %}{{ r.address.city }} {{ r.address }} "
        "{% if r.tags contains 'vip' %}!{% endif %}{{ r.text | truncate: 500 }}\n{% endfor %}",
        {
            "rows": [
                {"address": {"city": "Ulm", "zip": n}, "tags": ["a", "vip"], "text": "word " * 200}
                for n in range(500)
            ]
        },
        honest=True,
    ),
    "a million characters and a half": lambda: Attack(
        "{{ s }}", {"s": "word " * 300_000}, honest=True
    ),
    "a long text, worked over": lambda: Attack(
        "{{ s | strip | replace: 'a', 'b' | upcase | truncate: 900000 }}",
        {"s": "a word " * 140_000}, honest=True,
    ),
    "a long text, split into words": lambda: Attack(
        "{% assign words = s | split: ' ' %}{{ words | size }} "
        "{% for w in words limit: 500 %}{{ w }} {% endfor %}",
        {"s": "word " * 40_000}, honest=True,
    ),
    "a large list as JSON": lambda: Attack(
        "{{ rows | json }}", {"rows": _rows(5_000, 100)}, honest=True
    ),
    "a large list printed": lambda: Attack(
        "Data: {{ rows }}", {"rows": _rows(5_000, 100)}, honest=True
    ),
    "a table of 300 rows, indented": lambda: Attack(
        "{{ rows | json: 2 }}", {"rows": _rows(300, 200)}, honest=True
    ),
    "a list sorted, filtered, grouped": lambda: Attack(
        "{% assign by = rows | sort: 'name' %}{% for r in by %}{{ r.id }} {% endfor %}"
        "{% assign some = rows | where: 'name', 'name 5' %}{{ some | size }}"
        "{% assign names = rows | map: 'name' | uniq | sort %}{{ names | join: ', ' }}",
        {"rows": _rows(2_000)}, honest=True,
    ),
    "arrays built in a loop": lambda: Attack(
        "{% assign all = '' | split: '' %}"
        "{% for r in rows %}{% assign all = all | concat: r.tags %}{% endfor %}"
        "{{ all | uniq | join: ', ' }} {{ all | size }}",
        {"rows": [{"tags": ["a", "b", f"t{n % 9}"]} for n in range(200)]}, honest=True,
    ),
    "a chat of 1,000 turns": lambda: Attack(
        "{% for t in turns %}{% if t.me %}{% message user %}{{ t.text }}{% endmessage %}"
        "{% else %}{% message assistant %}{{ t.text }}{% endmessage %}{% endif %}{% endfor %}",
        {"turns": [{"me": n % 2 == 0, "text": "What is next? " * 20} for n in range(1_000)]},
        honest=True,
    ),
    "a partial for 1,000 rows": lambda: Attack(
        "{% render 'row' for rows as row %}", {"rows": _rows(1_000, 100)},
        {"row": "{{ row.id }}: {{ row.text }}\n"}, honest=True,
    ),
    "a list of 50,000": lambda: Attack(
        "{{ xs | size }} {{ xs | first }} {{ xs | last }} {{ xs | sum }} "
        "{{ xs | join: ',' | size }}",
        {"xs": list(range(50_000))}, honest=True,
    ),
    "a list of 5,000 in a loop": lambda: Attack(
        "{% for x in xs %}{% if x > 10 and x < 4000 %}{{ x }},{% endif %}{% endfor %}",
        {"xs": list(range(5_000))}, honest=True,
    ),
    "a conversation in one text": lambda: Attack(
        "{% assign lines = s | newline_to_br | strip_newlines | split: '<br />' %}"
        "{{ lines | size }}",
        {"s": "a line of words\n" * 5_000}, honest=True,
    ),
}  # fmt: skip
"""Honest templates with much to do."""
