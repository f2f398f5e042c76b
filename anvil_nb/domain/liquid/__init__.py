"""Liquid, bounded: python-liquid with budgets, JSON output, partials and chat messages.

The language and its rules are python-liquid's. This package adds what a prompt store needs of it:
a hostile template costs at most about a second and 200 MB, rendering depends on nothing but
template, values and time, objects print as JSON, and ``{% message role %}`` makes a chat.
Only ``anvil_nb.domain.template`` imports it, and only when a template is parsed.
"""
