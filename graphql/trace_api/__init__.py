"""The GraphQL API of the ledger: its types, what it refuses, and the ASGI application.

Resolvers hold no rule of the business: they call `ledger`, and its errors are translated here.
"""
