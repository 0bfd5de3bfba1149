"""Issuing item codes: serials nobody can guess, tags that refuse junk, and who got which."""
