"""One sound request for each operation of the API, on what ``desk`` has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.server.conftest import PROMPT, SET

if TYPE_CHECKING:
    import httpx

READ, WRITE, ADMIN = "read:prompts", "write:prompts", "admin"


@dataclass(frozen=True)
class Call:
    """A request.

    Args:
        operation: Its ``operationId``.
        scope: What it needs.
        method, path: Of it; names in braces stand for ids of what is there.
        body: Sent as JSON.
        names_it: Whether its path names something of the organisation's own.
    """

    operation: str
    scope: str
    method: str
    path: str
    body: Any = None
    names_it: bool = True

    def send(self, client: httpx.Client, ids: dict[str, str], **said: Any) -> httpx.Response:
        """Send it."""
        return client.request(self.method, self.path.format(**ids), json=self.body, **said)


SAVE = {"template": "Bye {{ name }}"}
CALLS = (
    Call("list_projects", READ, "GET", "projects", names_it=False),
    Call("create_project", WRITE, "POST", "projects", {"name": "new"}, names_it=False),
    Call("get_project", READ, "GET", "projects/{project}"),
    Call("update_project", WRITE, "PATCH", "projects/{project}", {"title": "New"}),
    Call("list_project_sets", READ, "GET", "projects/desk/prompt_sets"),
    Call("create_set", WRITE, "POST", "projects/{project}/prompt_sets", {"name": "more"}),
    Call("list_sets", READ, "GET", "prompt_sets", names_it=False),
    Call("get_set_by_id", READ, "GET", "prompt_sets/{set}"),
    Call("get_set", READ, "GET", SET),
    Call("update_set", WRITE, "PATCH", SET, {"title": "New"}),
    Call("list_prompts", READ, "GET", f"{SET}/prompts"),
    Call("list_set_changes", READ, "GET", f"{SET}/draft_log"),
    Call("validate_set", READ, "GET", f"{SET}/validation"),
    Call("list_versions", READ, "GET", f"{SET}/versions"),
    Call("publish", WRITE, "POST", f"{SET}/versions", {}),
    Call("get_version", READ, "GET", f"{SET}/versions/1.0.0"),
    Call("diff_versions", READ, "GET", f"{SET}/diff"),
    Call("rollback", WRITE, "POST", f"{SET}/rollback", {"to": "1.0.0"}),
    Call("list_labels", READ, "GET", f"{SET}/labels"),
    Call("point_label", WRITE, "PUT", f"{SET}/labels/beta", {"version": "1.0.0"}),
    Call("remove_label", WRITE, "DELETE", f"{SET}/labels/production"),
    Call("get_prompt", READ, "GET", PROMPT),
    Call("save_prompt", WRITE, "PUT", f"{PROMPT}", SAVE, names_it=False),
    Call("render_prompt", READ, "POST", f"{PROMPT}/render", {"variables": {"name": "Ada"}}),
    Call("copy_prompt", WRITE, "POST", f"{PROMPT}/copy", {"to": "desk/emails/copied"}),
    Call("restore_prompt", WRITE, "POST", f"{PROMPT}/restore", {"digest": "sha256:" + "0" * 64}),
    Call("list_prompt_changes", READ, "GET", f"{PROMPT}/draft_log"),
    Call("rename_prompt", WRITE, "POST", f"{PROMPT}/rename", {"name": "renamed"}),
    Call("remove_prompt", WRITE, "DELETE", PROMPT.replace("welcome", "renamed")),
    Call("delete_set", WRITE, "DELETE", f"{SET}?force=true"),
    Call("delete_project", WRITE, "DELETE", "projects/desk?force=true"),
    Call("search", READ, "GET", "search?q=welcome", names_it=False),
    Call("get_organisation", READ, "GET", "organisation", names_it=False),
    Call("update_organisation", ADMIN, "PATCH", "organisation", {"title": "T"}, names_it=False),
    Call("list_members", READ, "GET", "organisation/members", names_it=False),
    Call("get_member", READ, "GET", "organisation/members/{member}"),
    Call("list_tokens", ADMIN, "GET", "tokens", names_it=False),
    Call("create_token", ADMIN, "POST", "tokens", {"name": "n", "scopes": [READ]}, names_it=False),
    Call("revoke_token", ADMIN, "DELETE", "tokens/{token}"),
    Call("list_audit", ADMIN, "GET", "audit", names_it=False),
)
"""In an order in which all of them succeed, one after the other."""

OTHERS = ("health", "ready")
"""Operations that need no token."""
ELSEWHERE = "/api/v1/cloud/"
"""Below it stand operations that have tests of their own."""
