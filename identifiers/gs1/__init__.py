"""Codes of GS1: application identifiers in element strings, on scanned labels and in Digital Links.

=====================  =======================================================================
aitable                the table of application identifiers (AIs)
components             the named checks of values (coupons, dates: those with rules of their own)
recognition            sound values in one step (link_recognition: links)
elements               element strings with and without brackets (value_lengths, places: errors)
relations              which AIs must, and must not, stand together (link_shapes: in links)
digital_link           Digital Link URIs (convenience, compressed: forms of earlier releases)
scans                  what a scanner sends
label_groups           several codes of one label as one message
products               GTINs of 8, 12, 13 and 14 digits as one product
=====================  =======================================================================

Standard: https://ref.gs1.org/standards/genspecs/
"""
