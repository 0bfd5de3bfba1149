"""Backup and restore of a whole ledger."""
