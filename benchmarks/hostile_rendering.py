"""Templates that try to cost too much when they are rendered, with values of no size."""

from __future__ import annotations

from benchmarks.attack import END, Attack, Cases, grown, looped

_WORDS = "{% assign s = '" + "b A c d " * 480 + "' | split: ' ' %}"
_DOUBLED = "{% assign x = x | concat: x %}"
_LONG = 1_000_000


def _bound(text: str, name: str = "s") -> str:
    return f"{{% capture {name} %}}{text}{{% endcapture %}}"


LOOPS: Cases = {
    "an empty loop": lambda: Attack("{% for i in (1..10000000) %}{% endfor %}"),
    "loops thirty deep": lambda: Attack("{% for a in (1..9) %}" * 29 + "x" + END * 29),
    "a range joined": lambda: Attack("{{ (1..30000000) | join }}"),
    "a range skipped through": lambda: Attack(
        "{% for i in (1..1000000000) offset: 999999999 %}" + END
    ),
    "a range reversed": lambda: Attack("{% for i in (1..1000000000) reversed %}" + END),
    "a range from below": lambda: Attack("{% for i in (-1000000000..5) %}" + END),
    "a range up to a text": lambda: Attack("{% assign n = '99999999999' %}{{ (1..n) | size }}"),
    "ranges in a loop": lambda: Attack(looped("{% assign a = (1..49999) %}{{ a | size }}")),
    "a range with a limit in a loop": lambda: Attack(
        looped("{% for a in (1..50000) limit: 1 %}" + END)
    ),
    "a range with an offset in a loop": lambda: Attack(
        looped("{% for a in (1..50000) offset: 49999 %}" + END)
    ),
    "a range reversed in a loop": lambda: Attack(
        looped("{% for a in (1..50000) reversed limit: 1 %}" + END)
    ),
    "a range reversed and left in a loop": lambda: Attack(
        looped("{% for a in (1..50000) reversed %}{% break %}" + END)
    ),
    "offset: continue in a loop": lambda: Attack(
        looped("{% for a in (1..50000) limit: 1 offset: continue %}" + END)
    ),
    "a range searched in a loop": lambda: Attack(
        "{% assign r = (1..50000) %}" + looped("{% if r contains 'a' %}{% endif %}")
    ),
    "a range searched in place": lambda: Attack(
        looped("{% if (1..50000) contains 1.5 %}{% endif %}")
    ),
    "a range compared in a loop": lambda: Attack(
        "{% assign r = (1..50000) %}{% assign q = (1..50000) %}"
        + looped("{% if r == q %}{% endif %}")
    ),
    "a range as JSON in a loop": lambda: Attack(
        "{% assign r = (1..50000) %}" + looped("{% assign t = r | json %}")
    ),
    "a range as text in a loop": lambda: Attack(
        "{% assign r = (1..50000) %}" + looped("{% assign t = r | append: 'x' %}")
    ),
    "parentloops thirty deep": lambda: Attack(
        "{% for a in (1..3) %}" * 25 + "{{ forloop" + ".parentloop" * 24 + ".index }}" + END * 25
    ),
    "a loop's state as JSON": lambda: Attack(looped("{{ forloop | json }}{{ forloop }}")),
    "a loop's state kept": lambda: Attack(looped("{% assign a = forloop %}{{ a.index }}")),
    "breaks and continues": lambda: Attack(
        looped("{% for a in (1..9) %}{% if a == 2 %}{% break %}{% endif %}{% continue %}" + END)
    ),
    "whens that repeat their blocks": lambda: Attack(
        looped(
            ("{% case 1 %}{% when " + ",".join("1" * 999) + " %}") * 2
            + "x{% endcase %}{% endcase %}"
        )
    ),
    "conditions in a loop": lambda: Attack(looped("{% if true %}a{% endif %}")),
    "outputs in a loop": lambda: Attack(looped("{{ i }}")),
    "long conditions in a loop": lambda: Attack(
        looped("{% if " + " or ".join(["false"] * 100) + " %}{% endif %}")
    ),
    "a filter chain in a loop": lambda: Attack(looped("{{ 'abc'" + " | upcase" * 430 + " }}")),
    "cycles, counters, changes": lambda: Attack(
        looped("{% cycle 'a','b' %}{% increment x %}{% ifchanged %}{{ i }}{% endifchanged %}")
    ),
    "cycles with names of their own": lambda: Attack(looped("{% cycle i: 'a', 'b' %}")),
    "cycles of long texts": lambda: Attack(grown("s", "a", _LONG) + looped("{% cycle s, 'b' %}")),
    "counters up and down": lambda: Attack(looped("{% increment a %}{% decrement b %}" * 20)),
    "changes of large text": lambda: Attack(
        looped("{% ifchanged %}" + "x" * 100_000 + "{% endifchanged %}")
    ),
    "changes of large text that does not change": lambda: Attack(
        looped("{% ifchanged %}" + "x" * 1_000 + "{% endifchanged %}" * 1)
    ),
    "captures in captures": lambda: Attack(
        looped("{% capture a %}" * 20 + "xxxxxxxxxx" + "{% endcapture %}" * 20)
    ),
    "a capture that grows": lambda: Attack(
        looped("{% capture a %}{{ 'abc' }}{{ a }}{% endcapture %}")
    ),
    "a capture of much text": lambda: Attack(looped(_bound("x" * 900_000, "a"))),
    "text in a condition of a loop": lambda: Attack(
        looped("{% if false %}" + "x" * 900_000 + "{% endif %}")
    ),
    "many variables that hold much": lambda: Attack(
        "".join(f"{{% assign y{n} = s | append: '{n}' %}}" for n in range(60)).join(
            (grown("s", "漢", _LONG // 2), "")
        )
    ),
    "partials in a loop": lambda: Attack(looped("{% render 'p' %}"), partials={"p": "hello"}),
    "partials for a range": lambda: Attack(
        "{% render 'p' for r %}" * 100, {"r": list(range(50_000))}, {"p": "{{ p }}"}
    ),
    "a chain of thirty partials": lambda: Attack(
        looped("{% render 'p0' %}"),
        partials={f"p{n}": f"{{% render 'p{n + 1}' %}}" for n in range(29)} | {"p29": "x"},
    ),
    "partials that double thirty times": lambda: Attack(
        "{% render 'p0' %}",
        partials={f"p{n}": f"{{% render 'p{n + 1}' %}}" * 2 for n in range(29)} | {"p29": "x"},
    ),
    "partials that multiply by a thousand": lambda: Attack(
        "{% render 'p0' %}",
        partials={f"p{n}": f"{{% render 'p{n + 1}' %}}" * 1_000 for n in range(9)} | {"p9": "x"},
    ),
    "many calls of a partial with many variables": lambda: Attack(
        "".join(f"{{% render 'p', v{n}: 1 %}}" for n in range(3_300)),
        partials={"p": "".join(f"{{{{ v{n} }}}}" for n in range(9_000))},
    ),
    "a chain of 99 partials": lambda: Attack(
        "{% render 'p0' %}",
        partials={f"p{n}": f"{{% render 'p{n + 1}' %}}" for n in range(98)} | {"p98": "x"},
    ),
    "thirty partials in thirty blocks": lambda: Attack(
        "{% render 'p0' %}",
        partials={
            f"p{n}": "{% if true %}" * 28 + f"{{% render 'p{n + 1}' %}}" + "{% endif %}" * 28
            for n in range(29)
        }
        | {"p29": "x"},
    ),
    "partials handed much": lambda: Attack(
        grown("s", "a", _LONG) + looped("{% render 'p', t: s %}"), partials={"p": "{{ t | size }}"}
    ),
    "ninety-nine partials, each as large as may be": lambda: Attack(
        "".join(f"{{% render 'p{n}' %}}" for n in range(99)),
        partials={f"p{n}": f"{n}" + "{{ 1 }}" * 9_900 for n in range(99)},
    ),
}
"""Cases of loops, captures, counters and partials."""

FILTERS: Cases = {
    "sorted in a loop": lambda: Attack(_WORDS + looped("{% assign t = s | sort %}")),
    "sorted naturally in a loop": lambda: Attack(
        _WORDS + looped("{% assign t = s | sort_natural %}")
    ),
    "uniq, many times": lambda: Attack(
        "{% assign s = '" + "b" * 3_000 + "' | split: '' | uniq %}" * 40
    ),
    "uniq of different words": lambda: Attack(
        "{% capture c %}{% for i in (1..4000) %}{{ i }} " + END + "{% endcapture %}"
        "{% assign s = c | split: ' ' %}" + looped("{% assign t = s | uniq %}")
    ),
    "mapped in a loop": lambda: Attack(_WORDS + looped("{% assign t = s | map: 'a' %}")),
    "a text doubled": lambda: Attack(
        "{% assign a = 'xxxxxxxx' %}" + looped("{% assign a = a | append: a %}")
    ),
    "a number squared": lambda: Attack(
        "{% assign a = 9 %}" + looped("{% assign a = a | times: a %}")
    ),
    "a number of 3,900 digits printed": lambda: Attack(
        "{% assign a = " + "9" * 3_900 + " %}" + looped("{% assign b = a | append: '' %}")
    ),
    "numbers of 3,900 digits divided": lambda: Attack(
        "{% assign a = "
        + "9" * 3_900
        + " %}"
        + looped(f"{{% assign b = a | modulo: {'7' * 1_900} %}}")
    ),
    "a number of 3,900 digits searched for": lambda: Attack(
        looped(f"{{% if 'abc' contains {'9' * 3_900} %}}{{% endif %}}")
    ),
    "a number of 70 digits printed": lambda: Attack(
        "{% assign a = " + "9" * 70 + " %}" + looped("{% assign b = a | append: a | append: a %}")
    ),
    "a text that is a huge number": lambda: Attack(
        "{{ '1e999999' | ceil }}{{ '1e999999' | floor }}{{ '1e999999' | round }}"
    ),
    "a text that is a huge number, rounded": lambda: Attack("{{ '1e999999' | round: 5 }}"),
    "a text that is a huge number, divided": lambda: Attack("{{ '1e999999' | divided_by: 3 }}"),
    "a text that is a huge number, times": lambda: Attack("{{ '1e999999' | times: 3 | abs }}"),
    "a text that is a huge number, modulo": lambda: Attack("{{ '1e999999' | modulo: 7 }}"),
    "a text that is a huge index": lambda: Attack("{{ 'abc' | slice: '1e999999', '1e999999' }}"),
    "a text that is a huge length": lambda: Attack("{{ 'abc' | truncate: '1e999999' }}"),
    "a long text that is a number": lambda: Attack(
        grown("s", "9", 60_000) + looped("{% assign b = s | plus: 1 %}")
    ),
    "a long text that is a decimal": lambda: Attack(
        grown("s", "9", _LONG)
        + "{% assign s = s | append: '.5' %}"
        + looped("{% assign b = s | plus: 1 %}")
    ),
    "floats in a loop": lambda: Attack(
        "{% assign a = 1.5 %}" + looped("{% assign a = a | times: 1.00001 | plus: 0.1 %}")
    ),
    "floats to infinity": lambda: Attack(
        "{{ 1e308 | times: 10 | round }}{{ 1e308 | times: 10 | ceil }}"
    ),
    "rounded to a million places": lambda: Attack(looped("{{ 1.5 | round: 1000000 }}")),
    "sliced far beyond": lambda: Attack(looped("{{ 'abc' | slice: 0, 10000000000000 }}")),
    "summed in a loop": lambda: Attack(
        "{% assign x = '" + "1.5 " * 900 + "' | split: ' ' %}" + looped("{% assign y = x | sum %}")
    ),
    "summed, with huge exponents": lambda: Attack(
        "{% assign x = '" + "1e999999 " * 400 + "' | split: ' ' %}{{ x | sum | ceil }}"
    ),
    "concatenated in a loop": lambda: Attack(
        "{% assign x = 'a b c' | split: ' ' %}" + looped(_DOUBLED)
    ),
    "a replacement that explodes": lambda: Attack(
        "{% assign a = '" + "a" * 3_900 + "' %}" + looped("{% assign b = a | replace: 'a', a %}")
    ),
    "replaced in a long text": lambda: Attack(
        grown("s", "ab", _LONG // 2) + looped("{% assign b = s | replace: 'b', 'c' %}")
    ),
    "removed from a long text": lambda: Attack(
        grown("s", "ab", _LONG // 2) + looped("{% assign b = s | remove: 'a' %}")
    ),
    "a long text searched": lambda: Attack(
        grown("s", "a", _LONG) + looped("{% if s contains 'aaaaaaaaaaaaaaaaaab' %}{% endif %}")
    ),
    "a long text searched for another": lambda: Attack(
        grown("s", "a", _LONG)
        + grown("t", "a", 400_000)
        + "{% assign t = t | append: 'b' %}"
        + looped("{% if s contains t %}{% endif %}")
    ),
    "a literal searched": lambda: Attack(
        looped("{% if '" + "a" * 3_000 + "' contains 'aaaaaaaaaaaab' %}{% endif %}")
    ),
    "tags stripped, never closed": lambda: Attack(
        grown("x", "<a", 60_000) + looped("{{ x | strip_html }}")
    ),
    "tags stripped, comments never closed": lambda: Attack(
        grown("x", "<<!--", 60_000) + looped("{{ x | strip_html }}")
    ),
    "tags stripped, scripts never closed": lambda: Attack(
        grown("x", "<script", 60_000) + looped("{{ x | strip_html }}")
    ),
    "tags stripped, styles half closed": lambda: Attack(
        grown("x", "<style></style ", 60_000) + looped("{{ x | strip_html }}")
    ),
    "tags stripped, closed": lambda: Attack(
        grown("x", "<a>", 4_000) + looped("{{ x | strip_html }}")
    ),
    "small tags stripped": lambda: Attack(looped("{{ '<a><b>' | strip_html }}")),
    "escaped once": lambda: Attack(
        grown("x", "&amp", 400_000) + looped("{% assign y = x | escape_once %}")
    ),
    "escaped once, numbers": lambda: Attack(
        grown("x", "&#1114112;", 400_000) + looped("{% assign y = x | escape_once %}")
    ),
    "escaped": lambda: Attack(grown("x", "&", 200_000) + looped("{% assign y = x | escape %}")),
    "Base64 of a small text": lambda: Attack(looped("{% assign y = 'ab' | base64_encode %}")),
    "URL decoded": lambda: Attack(
        grown("x", "%41", 400_000) + looped("{% assign y = x | url_decode %}")
    ),
    "URL decoded, only signs": lambda: Attack(
        grown("x", "%", _LONG) + looped("{% assign y = x | url_decode %}")
    ),
    "URL encoded": lambda: Attack(
        grown("x", "é!", 100_000) + looped("{% assign y = x | url_encode %}")
    ),
    "URL encoded, faces": lambda: Attack(
        grown("x", "😀", 60_000) + looped("{% assign y = x | url_encode %}")
    ),
    "words truncated": lambda: Attack(
        grown("x", "a ", _LONG) + looped("{% assign y = x | truncatewords: 3 %}")
    ),
    "words truncated late": lambda: Attack(
        grown("x", "a ", _LONG) + looped("{% assign y = x | truncatewords: 1000000 %}")
    ),
    "squished": lambda: Attack(grown("x", "a ", 400_000) + looped("{% assign y = x | squish %}")),
    "lines broken": lambda: Attack(
        "{% capture x %}"
        + "\n" * 140_000
        + "{% endcapture %}"
        + looped("{% assign y = x | newline_to_br %}")
    ),
    "lines stripped": lambda: Attack(
        "{% capture x %}"
        + "\n" * 990_000
        + "{% endcapture %}"
        + looped("{% assign y = x | strip_newlines %}")
    ),
    "lines stripped in a chain": lambda: Attack(
        "{% capture x %}"
        + "\n" * 300_000
        + "{% endcapture %}"
        + looped("{% assign y = x | newline_to_br | strip_newlines %}")
    ),
    "letters that grow": lambda: Attack(
        grown("x", "ŉ", 400_000) + looped("{% assign y = x | upcase %}")
    ),
    "letters that shrink": lambda: Attack(
        grown("x", "İ", 400_000) + looped("{% assign y = x | downcase %}")
    ),
    "upcase in a long chain": lambda: Attack(
        grown("x", "ŉ", 100_000) + looped("{% assign y = x" + " | downcase | upcase" * 90 + " %}")
    ),
    "Base64": lambda: Attack(
        grown("x", "😀", 180_000) + looped("{% assign y = x | base64_url_safe_encode %}")
    ),
    "Base64 back": lambda: Attack(
        grown("x", "QUFB", 700_000) + looped("{% assign y = x | base64_decode %}")
    ),
    "split into many": lambda: Attack(
        grown("x", "a ", 48_000)
        + "".join(f"{{% assign y{n} = x | split: ' ' %}}" for n in range(2_000))
    ),
    "split into many letters": lambda: Attack(
        grown("x", "漢", 24_000)
        + "".join(f"{{% assign y{n} = x | split: '' %}}" for n in range(2_000))
    ),
    "JSON in a loop": lambda: Attack(_WORDS + looped("{{ s | json: 8 }}")),
    "JSON of a long text": lambda: Attack(
        grown("s", "a", _LONG) + looped("{% assign y = s | json %}")
    ),
    "JSON of one long text in an array": lambda: Attack(
        grown("s", "a", _LONG)
        + "{% assign x = s | split: 'none' %}"
        + looped("{% assign y = x | json | size %}")
    ),
    "JSON of control characters": lambda: Attack(
        "{% capture s %}"
        + "\x01" * 900_000
        + "{% endcapture %}{% assign x = s | split: 'none' %}"
        + _DOUBLED * 5
        + "{{ x | json }}"
    ),
    "one long text many times in an array": lambda: Attack(
        grown("s", "a", _LONG)
        + "{% assign x = s | split: 'none' %}"
        + _DOUBLED * 15
        + "{{ x | json }}"
    ),
    "one long text many times, sorted": lambda: Attack(
        grown("s", "a", _LONG)
        + "{% assign x = s | split: 'none' %}"
        + _DOUBLED * 5
        + looped("{% assign t = x | sort_natural %}")
    ),
    "one long text many times, joined": lambda: Attack(
        grown("s", "a", _LONG)
        + "{% assign x = s | split: 'none' %}"
        + _DOUBLED * 15
        + "{{ x | join }}"
    ),
    "arrays of equal long texts compared": lambda: Attack(
        grown("s", "a", _LONG) + "{% assign x = s | split: 'none' %}"
        "{% assign y = s | append: '' | split: 'none' %}" + looped("{% if x == y %}{% endif %}")
    ),
    "a date in a loop": lambda: Attack(looped("{{ 'January 5 2024 10:30' | date: '%Y' }}")),
    "dates that differ": lambda: Attack(
        looped("{{ i | append: ' Jan 2024 10:30:00.123456 foo' | date: '%Y' }}")
    ),
    "dates of many numbers": lambda: Attack(looped("{{ '" + "1 " * 27 + "' | date: '%Y' }}")),
    "dates of many names": lambda: Attack(looped("{{ '" + "Jan Mon " * 12 + "' | date: '%Y' }}")),
    "dates of many separators": lambda: Attack(
        looped("{{ '" + "1:-/,.+" * 14 + "' | date: '%Y' }}")
    ),
    "dates with huge years": lambda: Attack(looped("{{ '" + "9" * 99 + "' | date: '%Y' }}")),
    "dates with fractions": lambda: Attack(
        looped("{{ '10:00:00." + "9" * 89 + "' | date: '%Y' }}")
    ),
    "a format of directives": lambda: Attack(looped("{{ 'now' | date: '" + "%c" * 50 + "' }}")),
    "a format with widths": lambda: Attack("{{ 'now' | date: '%999999999d' }}"),
    "defaults in a chain": lambda: Attack(looped("{{ nil" + " | default: 'x'" * 230 + " }}")),
}
"""Cases of filters."""
