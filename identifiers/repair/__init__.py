"""Undo what scanners, keyboards and people do to a code, and say so.

===============  =========================================================================
drafts           a text with everything that was done to it
cleaning         what takes nothing away from a code: line endings, full-width forms, ...
keyboards        layouts that a code was typed on by mistake
lost_separators  where separators may have been lost
proposing        all repairs, the likeliest first
===============  =========================================================================
"""
