"""Where things are in the API."""

API = "/api/v1"
CLOUD = f"{API}/cloud/"
"""Below it are the routes of a sync, which take large bodies."""
TENANT = f"{API}/cloud/tenants/{{tenant}}"
