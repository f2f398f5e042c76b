"""Templates that try to cost too much before anything is rendered."""

from __future__ import annotations

from benchmarks.attack import Attack, Cases, looped

_KIB = 1024
_MIB = _KIB * _KIB

PARSING: Cases = {
    "a megabyte of text": lambda: Attack("a" * (_MIB - 1), honest=True),
    "a megabyte of braces": lambda: Attack("{ " * (_MIB // 2), honest=True),
    "a megabyte of closing braces": lambda: Attack("}}%}" * (_MIB // 4), honest=True),
    "ten megabytes": lambda: Attack("{{ a }}" * (10 * _MIB // 7)),
    "outputs never closed": lambda: Attack("{{" * 500_000),
    "tags never closed": lambda: Attack("{%" * 500_000),
    "raw blocks never closed": lambda: Attack("{% raw %}" * 110_000),
    "doc blocks never closed": lambda: Attack("{% doc %}" * 110_000),
    "raw blocks, all closed": lambda: Attack("{% raw %}{{{% endraw %}" * 45_000),
    "raw ends that are none": lambda: Attack("{% raw %}" + "{% endraw" * 110_000 + "{% endraw %}"),
    "half of a raw end": lambda: Attack("{% raw %}" + "{%-   " * 170_000 + "{% endraw %}"),
    "outputs of blanks": lambda: Attack(("{{" + " " * 90 + "a" + " " * 90 + "}}") * 5_500),
    "tags of blanks": lambda: Attack(
        ("{% if" + " " * 99 + "a" + " " * 99 + "%}{%" + " " * 90 + "endif %}") * 500
    ),
    "runs of 99 blanks in long tags": lambda: Attack(
        ("{{ a" + (" " * 99 + "| upcase ") * 36 + "}}") * 39
    ),
    "runs of blanks in a liquid tag": lambda: Attack(
        "{% liquid\n" + (("x" + " " * 99) * 39 + "\n") * 260 + "%}"
    ),
    "lines without end in a liquid tag": lambda: Attack("{% liquid\n" + "a\n" * 520_000 + "%}"),
    "empty outputs": lambda: Attack("{{  }}" * 100_000),
    "blanks between trimming tags": lambda: Attack(
        ("{%- if a -%}" + " " * 60 + "{%- endif -%}") * 4_900
    ),
    "a path with quotes that do not end": lambda: Attack("{{ a" + '["a ' * 900 + "}}"),
    "texts that do not end": lambda: Attack(("{{ a | append: '" + "\\" * 3_900 + "}}") * 29),
    "texts full of escapes": lambda: Attack(("{{ '" + "\\u0041" * 640 + "' }}") * 29),
    "texts full of broken escapes": lambda: Attack(("{{ '" + "\\ud800" * 640 + "' }}") * 29),
    "texts full of backslashes": lambda: Attack(("{{ '" + "\\\\" * 1_950 + "' }}") * 29),
    "texts full of single quotes": lambda: Attack(("{{ " + "'" * 3_900 + " }}") * 29),
    "texts with interpolations": lambda: Attack(("{{ '" + "${a}" * 900 + "' }}") * 29),
    "a number of 3,900 digits": lambda: Attack(("{{ " + "9" * 3_900 + " }}") * 29),
    "an exponent of 3,900 digits": lambda: Attack("{{ 1e" + "9" * 3_900 + " }}"),
    "an exponent of nine digits": lambda: Attack("{{ 1e999999999 | plus: 1 | ceil }}"),
    "a negative exponent": lambda: Attack(
        "{{ 1e-999999999 | plus: 1 }}{{ 5e-324 | divided_by: 3 }}"
    ),
    "minus signs": lambda: Attack(("{{ a | plus: " + "-" * 3_900 + "1 }}") * 29),
    "dots": lambda: Attack(("{{ a" + "." * 3_900 + " }}") * 29),
    "colons": lambda: Attack(("{{ a | append" + ":" * 3_900 + " }}") * 29),
    "commas": lambda: Attack(("{{ 'a' | slice: 1" + "," * 3_900 + " }}") * 29),
    "pipes": lambda: Attack(("{{ a" + "|" * 3_900 + " }}") * 29),
    "brackets": lambda: Attack(("{{ " + "[" * 3_900 + " }}") * 29),
    "brackets in brackets": lambda: Attack("{{ " + "a[" * 1_900 + "b" + "]" * 1_900 + " }}"),
    "ranges of ranges": lambda: Attack("{{ " + "(1.." * 900 + "2" + ")" * 900 + " }}"),
    "parentheses": lambda: Attack("{% if " + "(" * 1_900 + "a" + ")" * 1_900 + " %}x{% endif %}"),
    "ands": lambda: Attack("{% if " + " and ".join("a" * 650) + " %}x{% endif %}"),
    "ands, many times": lambda: Attack(
        ("{% if " + " and ".join("a" * 150) + " %}x{% endif %}") * 120
    ),
    "nots": lambda: Attack("{% if " + "not " * 900 + "a %}x{% endif %}"),
    "comparisons": lambda: Attack("{% if " + "a == " * 700 + "a %}x{% endif %}"),
    "filters in a row": lambda: Attack(("{{ 'abc'" + " | upcase" * 430 + " }}") * 29),
    "arguments in a row": lambda: Attack(("{{ a | default: 1" + ", b: 2" * 600 + " }}") * 29),
    "whens in a row": lambda: Attack("{% case a %}" + "{% when 1 %}x" * 4_900 + "{% endcase %}"),
    "elsifs in a row": lambda: Attack(
        looped("{% if false %}" + "{% elsif false %}" * 6_000 + "{% endif %}")
    ),
    "elses in a row": lambda: Attack("{% if a %}" + "{% else %}" * 9_900 + "{% endif %}"),
    "loops in loops": lambda: Attack("{% for a in b %}" * 10_000 + "{% endfor %}" * 10_000),
    "conditions thirty deep": lambda: Attack(("{% if a %}" * 29 + "x" + "{% endif %}" * 29) * 170),
    "comments in comments": lambda: Attack("{% comment %}" * 20_000 + "{% endcomment %}" * 20_000),
    "tags in a comment": lambda: Attack("{% comment %}" + "{% if %}" * 80_000 + "{% endcomment %}"),
    "a comment thirty deep": lambda: Attack(
        ("{% comment %}" * 29 + "x" + "{% endcomment %}" * 29) * 170
    ),
    "inline comments": lambda: Attack("{% # a %}" * 9_900),
    "lines of an inline comment": lambda: Attack("{% #" + " a\n #" * 650 + " %}"),
    "a liquid tag of many lines": lambda: Attack("{% liquid\n" + "echo a\n" * 9_900 + "%}"),
    "a liquid tag of many blocks": lambda: Attack(
        "{% liquid\n" + "if a\necho b\nendif\n" * 3_200 + "%}"
    ),
    "liquid in liquid": lambda: Attack("{% liquid " + "liquid " * 560 + "echo a %}"),
    "liquid in liquid, many times": lambda: Attack(
        ("{% liquid " + "liquid " * 25 + "echo a %}") * 560
    ),
    "as many outputs as there may be": lambda: Attack("{{ a }}" * 9_999, {"a": "x"}),
    "as many filters as there may be": lambda: Attack("{{a|abs|abs}}" * 9_000, {"a": 1}),
    "as many variables as there may be": lambda: Attack(
        "".join(f"{{{{ v{n} }}}}" for n in range(9_900))
    ),
    "many variables after a megabyte": lambda: Attack(
        "x" * 850_000 + "".join(f"{{{{ v{n} }}}}" for n in range(9_900))
    ),
    "many variables after a megabyte of lines": lambda: Attack(
        "\n" * 850_000 + "".join(f"{{{{ v{n} }}}}" for n in range(9_900))
    ),
    "many assigned variables": lambda: Attack(
        "".join(f"{{% assign v{n} = 1 %}}" for n in range(4_900))
    ),
    "many captures": lambda: Attack(
        "".join(f"{{% capture v{n} %}}{{% endcapture %}}" for n in range(2_400))
    ),
    "many messages": lambda: Attack("{% message user %}{% endmessage %}" * 3_200),
    "many loops": lambda: Attack("{% for a in b %}{{ a }}{% endfor %}" * 3_300, {"b": [1]}),
    "a path of 1,900 segments": lambda: Attack("{% assign z = d" + ".d" * 1_900 + " %}"),
    "a cycle of 1,900 values": lambda: Attack(looped("{% cycle " + "1," * 1_900 + "1 %}")),
    "many small cycles": lambda: Attack(looped("{% cycle 'a','b' %}" * 5_000)),
    "an unknown filter": lambda: Attack("x" * 900_000 + "{{ a | " + "b" * 3_900 + " }}"),
    "an unknown tag": lambda: Attack("x" * 900_000 + "{% " + "b" * 3_900 + " %}"),
    "an unknown role": lambda: Attack("{% message " + "b" * 3_900 + " %}{% endmessage %}"),
    "a name of 3,900 letters": lambda: Attack("{{ " + "b" * 3_900 + " }}"),
    "letters of all sorts": lambda: Attack("{{ " + "ﬁ漢é_" * 900 + " }}"),
}
"""Cases of parsing."""
