"""Which versions of another instance are followed."""

from __future__ import annotations

import pytest

from anvil_nb.domain.sync.following import parse_following
from anvil_nb.errors import SettingsError


@pytest.mark.parametrize(
    ("lines", "path", "number", "expected"),
    [
        (["desk"], "desk/emails", "1.0.0", True),
        (["desk"], "desk-two/emails", "1.0.0", False),
        (["desk/emails"], "desk/emails", "1.0.0-rc.1", True),
        (["desk/emails"], "desk/emails-two", "1.0.0", False),
        (["desk/e*"], "desk/emails", "1.0.0", True),
        (["shop-*"], "shop-a/offers", "1.0.0", True),
        (["*"], "any/thing", "1.0.0", True),
        (["*/emails"], "desk/emails", "1.0.0", True),
        (["desk@^1"], "desk/emails", "1.9.0", True),
        (["desk@^1"], "desk/emails", "2.0.0", False),
        (["desk@^1"], "desk/emails", "1.9.0-rc.1", False),
        (["desk@2.0.0"], "desk/emails", "2.0.0", True),
        (["desk@^1", "desk/emails"], "desk/emails", "2.0.0", True),
        ([], "desk/emails", "1.0.0", False),
    ],
)
def test_lines_name_projects_sets_and_ranges(
    lines: list[str], path: str, number: str, *, expected: bool
) -> None:
    assert parse_following(lines).admits(path, number, {"desk"}) is expected


def test_without_lines_the_projects_that_are_known_are_followed_and_all_where_none_is() -> None:
    following = parse_following(None)
    assert following.admits("desk/emails", "1.0.0", {"desk"})
    assert not following.admits("shop/offers", "1.0.0", {"desk"})
    assert following.admits("shop/offers", "1.0.0", set())


@pytest.mark.parametrize(
    "line", ["", "desk/emails/welcome", "Desk", "desk@", "desk@x.y.z", "@desk"]
)
def test_a_line_that_says_nothing_is_refused(line: str) -> None:
    with pytest.raises(SettingsError, match="cannot be followed") as caught:
        parse_following([line])
    assert "follow = " in caught.value.hint
