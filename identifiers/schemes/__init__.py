"""Schemes of item codes beside the GS1 keys: each module reads one family of them."""
