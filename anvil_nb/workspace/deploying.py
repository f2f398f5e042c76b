"""Deploying: an image built and pushed by the steps of ``anvil.toml``, and the server told."""

# ruff: noqa: PLC0415 - a method imports its service when called

from __future__ import annotations

from typing import TYPE_CHECKING

from anvil_nb.workspace.arguments import check_texts
from anvil_nb.workspace.sync import Sync

if TYPE_CHECKING:
    from collections.abc import Callable

    from anvil_nb.remote.deployments import RemoteDeployments
    from anvil_nb.results.deploying import DeployReport

    Progress = Callable[[int, int], None]


class Deploying(Sync):
    """What brings an application to where it runs."""

    def deploy(
        self,
        *,
        dry_run: bool = True,
        tag: str | None = None,
        skip_build: bool = False,
        progress: Progress | None = None,
    ) -> DeployReport:
        """Run the steps of a deployment, one after the other, and announce the image last.

        A step that fails is the last one that is run; the report says which it is.

        Args:
            dry_run: Only say what would be run; so unless told otherwise.
            tag: Of the image; ``deploy-<unix time>-<git short sha>`` unless the file says one.
            skip_build: Leave out the steps that say ``build = true``.
            progress: Is told how many steps are done, of how many.

        Raises:
            SettingsError: for settings that cannot be used, a secret that is not set, or no
                server; nothing was run.
        """
        from anvil_nb.deploying import carrying_out
        from anvil_nb.deploying.plan import make_plan

        check_texts(tag=tag)
        root = self.settings.root or self.settings.services.parent
        plan = make_plan(self.settings.deploy, root, self._clock(), tag=tag, skip_build=skip_build)
        return carrying_out.deploy(plan, self._deployments, dry_run=dry_run, progress=progress)

    def _deployments(self) -> RemoteDeployments:
        from anvil_nb.remote.deployments import RemoteDeployments

        api = self._cloud()
        return RemoteDeployments(api.calls, api.path)
