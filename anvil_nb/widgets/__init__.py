"""Views in the notebook: edit, compare, settle, export and import by hand.

A *view* is a screen: Python that holds what is true, answers the calls of the browser, and adds no
rule of its own: it calls the services. A *desk* carries the messages between views and the page.
A *widget* is the shell that Jupyter shows, one for all views; what it draws is in ``js/``.

Loading this package loads neither ipywidgets nor IPython: both come when a view is first shown.
"""
