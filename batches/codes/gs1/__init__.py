"""GS1 codes as text: keys, element strings, Digital Link, EPC, scan data. Pure.

    elements     (01)…(10)… and its unbracketed form, each value checked
    pairing      which identifiers need or exclude one another
    digital_link https://…/01/…/10/… read and written
    epc          urn:epc:… as elements
    scans        what a scanner sends, with its symbology prefix

What is valid is read from GS1's own dictionary (`syntax`), so that a new identifier is a
new line there. Sources: GS1 General Specifications, GS1 Digital Link 1.3, EPC TDS 1.13.
"""

from batches.codes.gs1.errors import CodeError
from batches.codes.gs1.keys import check_digit, has_right_check_digit

__all__ = ["CodeError", "check_digit", "has_right_check_digit"]
