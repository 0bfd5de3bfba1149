"""Verification of a ledger's database: by segments, over several processes, and in parts."""
