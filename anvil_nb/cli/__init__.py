"""The command line: ``anvil``. Its grammar is the notebook's too."""


def main() -> None:
    """Run the command that the process was started with, and end the process."""
    try:
        from anvil_nb.cli.process import run  # noqa: PLC0415 - importing the package stays cheap
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    run()
