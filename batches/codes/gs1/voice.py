"""The voice pick code of the Produce Traceability Initiative: four digits that a picker says."""


def voice_code(gtin: str, number: str, packed: str = "") -> str:
    """`gtin` has 14 digits; `packed` is YYMMDD or empty. CRC-16/ARC of the text, mod 10000."""
    crc = 0
    for byte in (gtin + number + packed).encode():
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ 0xA001 if crc & 1 else crc >> 1
    return f"{crc % 10000:04}"
