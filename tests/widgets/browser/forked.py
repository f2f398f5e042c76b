"""Kernels that start at once: one process loads what every kernel loads, and each is its fork.

A kernel for each test costs mostly its imports. A :class:`Forge` has done them, once for a whole
run; JupyterLab starts ``python forked.py SOCKET FILE``, which asks it for a fork and stands for
that kernel from then on: it passes interrupts on, and each of both ends with the other.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import threading

WAITING = 100
"""How many kernels may be asked for at once."""
SHOWN = ("anvil_nb.cli.commands", "anvil_nb.domain", "anvil_nb.magics", "anvil_nb.store",
         "anvil_nb.widgets", "anvil_nb.workspace")  # fmt: skip
"""The packages that a notebook loads, with what they import."""


def stand_for_kernel(address: str, connection: str) -> None:
    """Ask for a kernel with this connection file, and end with it."""
    asked = {"connection": connection, "folder": os.getcwd(), "environment": dict(os.environ)}  # noqa: PTH109 - a text, to be sent
    with socket.socket(socket.AF_UNIX) as forge:
        forge.connect(address)
        forge.sendall(json.dumps(asked).encode() + b"\n")
        kernel = int(forge.recv(32))
        signal.signal(signal.SIGINT, lambda *_: os.kill(kernel, signal.SIGINT))
        forge.recv(1)  # what comes is the end


def forge(address: str) -> None:
    """Answer who asks for a kernel, for ever."""
    os.environ["JPY_PARENT_PID"] = "1"  # the fork looks after its end itself
    load()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(address)
        listening.listen(WAITING)
        while True:
            asking, _ = listening.accept()
            with asking:
                if os.fork() == 0:
                    listening.close()
                    be_kernel(asking)


def load() -> None:
    """Import what a kernel imports until all views have been shown."""
    from importlib import import_module
    from pkgutil import walk_packages

    import anywidget  # noqa: F401 - to have it loaded
    from ipykernel import ipkernel, kernelapp, zmqshell  # noqa: F401 - as above

    for package in map(import_module, SHOWN):
        for module in walk_packages(package.__path__, f"{package.__name__}."):
            import_module(module.name)


def be_kernel(asking: socket.socket) -> None:
    """Be the kernel that was asked for, where and as who asked was started."""
    with asking.makefile("rb") as said:
        asked = json.loads(said.readline())
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.chdir(asked["folder"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    sys.argv = ["ipykernel_launcher", "-f", asked["connection"]]
    asking.sendall(str(os.getpid()).encode())
    threading.Thread(target=_end_with, args=[asking], daemon=True).start()
    from ipykernel import kernelapp

    kernelapp.launch_new_instance()
    sys.exit()


def _end_with(asking: socket.socket) -> None:
    """End when who stands for this kernel has ended."""
    asking.recv(1)
    os._exit(1)


if __name__ == "__main__":
    del sys.path[0]  # this folder, which no kernel has there
    if len(sys.argv) == 2:
        forge(sys.argv[1])
    else:
        stand_for_kernel(*sys.argv[1:])
