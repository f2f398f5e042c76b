"""Saving prompts that render one another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from anvil_nb.errors import RefusedError
from tests.services.drafts import DRAFT, WELCOME

if TYPE_CHECKING:
    from anvil_nb.workspace import Workspace


def test_partials_may_be_saved_in_any_order(ws: Workspace) -> None:
    ws.save(WELCOME, "Hello. {% render 'foot' %}")
    ws.save("desk/emails/foot", "Bye {{ name }}.")
    prompt = ws.get(DRAFT)
    assert [one.name for one in prompt.parameters] == ["name"]
    assert prompt.render(name="Ada").text == "Hello. Bye Ada."


def test_a_circle_of_partials_is_refused_by_the_save_that_would_close_it(ws: Workspace) -> None:
    ws.save("desk/emails/a", "{% render 'b' %}")
    with pytest.raises(RefusedError, match="in a circle: a → b → a|in a circle: b → a → b"):
        ws.save("desk/emails/b", "{% render 'a' %}")
    ws.save("desk/emails/b", "{% render 'c' %}")
    with pytest.raises(RefusedError, match="in a circle"):
        ws.save("desk/emails/c", "{% if false %}{% render 'a' %}{% endif %}")
    with pytest.raises(RefusedError, match="in a circle: d → d"):
        ws.save("desk/emails/d", "{% render 'd' %}")
    assert [item.address for item in ws.ls("desk/emails")] == ["desk/emails/a", "desk/emails/b"]
    # What would be a circle only with the text that is being replaced is none.
    ws.save("desk/emails/a", "end")
    ws.save("desk/emails/c", "{% render 'a' %}")
    assert ws.get("desk/emails/b@draft").render().text == "end"


def test_a_circle_by_renaming_copying_or_restoring_is_refused(ws: Workspace) -> None:
    ws.save("desk/emails/a", "{% render 'b' %}")
    ws.save("desk/emails/x", "{% render 'a' %}")
    for move in (ws.rename, lambda one, name: ws.copy(one, f"desk/emails/{name}")):
        with pytest.raises(RefusedError, match="in a circle"):
            move("desk/emails/x", "b")
    old = ws.save("desk/emails/y", "{% render 'z' %}").digest
    ws.save("desk/emails/y", "nothing")
    ws.save("desk/emails/z", "{% render 'y' %}")
    with pytest.raises(RefusedError, match="in a circle"):
        ws.restore("desk/emails/y", old)


def test_a_chat_cannot_be_a_partial(ws: Workspace) -> None:
    ws.save("desk/emails/chat", "{% message user %}Hi{% endmessage %}")
    with pytest.raises(RefusedError, match="'chat' is a chat prompt and cannot be a partial"):
        ws.save(WELCOME, "{% render 'chat' %}")


def test_a_prompt_that_its_partials_broke_can_still_be_shown_and_mended(ws: Workspace) -> None:
    ws.save(WELCOME, "Hello {{ name }} {% render 'foot' %}", parameters={"name": "string"})
    ws.save("desk/emails/foot", "Bye")
    ws.save("desk/emails/foot", "{% message user %}Bye{% endmessage %}")
    broken = ws.get(DRAFT)
    assert "not sound: 'foot' is a chat prompt" in broken.to_text()
    assert "not sound" in broken.to_html()
    shown = broken.to_json()
    assert isinstance(shown, dict)
    assert "chat prompt" in str(shown["problem"])
    with pytest.raises(RefusedError):
        broken.render(name="Ada")
    assert not ws.validate("desk/emails").valid
    with pytest.raises(RefusedError, match="welcome is not sound"):
        ws.publish("desk/emails")
    ws.save("desk/emails/foot", "Bye again")
    assert ws.get(DRAFT).render(name="Ada").text == "Hello Ada Bye again"


def test_very_many_and_very_deep_partials_are_refused(ws: Workspace) -> None:
    with ws.burst():
        for number in range(51):
            ws.save(f"desk/chain/p{number}", f"{{% render 'p{number - 1}' %}}" * (number > 0))
    with pytest.raises(RefusedError, match="more than 50 deep"):
        ws.save("desk/chain/last", "{% render 'p50' %}")
    ws.save("desk/chain/near", "{% render 'p49' %}")
    assert ws.get("desk/chain/near@draft").render().text == ""


def test_partials_that_each_render_the_next_twice_are_looked_at_once(ws: Workspace) -> None:
    with ws.burst():
        for number in range(25):
            twice = f"{{% render 'p{number + 1}' %}}" * 2
            ws.save(f"desk/twice/p{number}", twice)
        # Followed along every path this would be 33 million looks.
        ws.save("desk/twice/p25", "{{ name }}")
    assert [one.name for one in ws.get("desk/twice/p0@draft").parameters] == ["name"]
