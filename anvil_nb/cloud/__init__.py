"""What a server does for a tenant: its files, its records, and the archives of them.

Services, like those for people: each checks the right ``sync``, and works in one transaction.
"""
