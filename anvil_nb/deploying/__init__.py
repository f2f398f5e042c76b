"""Deploying: an image built, pushed and announced; and what a server does when one is announced."""
