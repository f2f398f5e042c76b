"""Another instance over HTTP: the one client, when it asks again, and the calls of its API."""
