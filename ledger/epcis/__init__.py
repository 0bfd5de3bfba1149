"""EPCIS 2.0 and CBV 2.0: read, check and write events.

`reader` streams events out of JSON-LD, `checking` decides which may be stored, `export` writes
stored events as JSON-LD again; `sniffing` tells EPCIS from other inputs.
"""
