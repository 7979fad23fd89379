"""The words by which recall notices say what follows, in English, Spanish, French and German.

Everything is matched on folded text: lower case, without accents.
"""

import re

# Between a word such as "lot code" and its first value.
LINK = re.compile(
    r"(?:[\s:#=]|\((?=\s*[\"\d])|\"(?=[\s:])|(?<=\w)\"|,(?=\s*\")|"
    r"\bon\b(?!\s+or)|\b(?:is|are|was|were|of|the|following|as follows|any of|either|marked|"
    r"reading|el dia|el|la|los|las|de|del|le|du|des|den|vom|sind|ist|date|dates|dated|"
    r"fecha|fechas|range|ranges|ranging|various|code|codes|number|numbers|stamp|stamps|dia)\b"
    r"|\)|\(s\)|(?<=\bno)\.|(?<=\bnos)\.|(?<=\bnr)\.)*"
)
# Between two values of a list.
NEXT = re.compile(
    r"\s*(?:[,;|]\s*|\n\s*|\.\s+(?=\d)|/\s+|\s/\s*)?(?:\b(?:and/or|and|or|y|o|u|e|et|ou|und|oder|sowie)\b\s*)?[&+]?\s*"
)
THROUGH = re.compile(
    r"\s*(?:\b(?:through|thru|to|until|till|up to|hasta|al|a|bis|au|jusqu'?au?)\b)"
    r"\s*(?:and including\s*)?(?:el|la|the|le|den|zum)?\s*"
)
HYPHEN = re.compile(r"\s*-\s*")

_CODE = r"(?:codes?|numbers?|nos?\b\.?|nrs?\b\.?|nums?\b\.?|ids?|#s?)"
_LOT = r"(?:lots?|batch(?:es)?)"
_ES = r"(?:codigos?|numeros?|nos?\.?|n[.º°o]?)"
# Looked ahead at only: "between" and "on or before" belong to the dates.
_WHEN = r"(?=\s+(?:on|between|from|before|after|since|until|through|prior\s+to|up\s+to)\b)"
_BY = r"[\s-]*(?:by|before|thru|through|or sell by)"

# Order matters: the first that fits at a place counts.
_CUES = {
    "elements": r"\(01\)\d{14}\(\d{2,4}\)",
    "every": (
        rf"all\s+(?:of\s+the\s+|known\s+|other\s+)?(?:{_LOT}(?:\s+{_CODE})?|codes)|"
        r"todos\s+los\s+lotes|tous\s+les\s+lots|alle\s+chargen"
    ),
    "gtin": (
        r"(?:case\s+|unit\s+|each\s+|item\s+|retail\s+|master\s+)?"
        r"(?:upcs?|eans?|gtins?|jan|ucc|cup|udi-di|udi|bar\s?codes?|c[o]digos?\s+de\s+barras|"
        r"codes?[\s-]barres?|gencod\w*|strichcodes?)"
        rf"(?:-?\s?(?:8|1[234]|a|e)\b)?(?:\s*/\s*(?:upc|ean))?(?:\s+(?:de\s+)?(?:upc|ean))?\s*{_CODE}?"
    ),
    "sold": r"(?:sold|distributed|shipped|purchased|vendid[oa]s?|verkauft|vendus?)",
    "produced": (
        r"(?:product(?:ion)?|manufactur\w*|mfg|mfd|prod|processing|pull)[\s.]*(?:dates?|on\b)|"
        rf"(?:produced|manufactured|made){_WHEN}|"
        r"fechas?\s+de\s+(?:produccion|fabricacion|elaboracion)|produktionsdatum|"
        r"hergestellt\s+am|date\s+de\s+(?:production|fabrication)"
    ),
    "packed": (
        rf"pack(?:age|aging|ing|ed)?[\s.]*dates?|packed{_WHEN}|"
        r"fechas?\s+de\s+(?:empaque|envasado)|abgepackt\s+am"
    ),
    "sell_by": (
        rf"sell{_BY}|fechas?\s+de\s+\"?vender\s+hasta(?:\s+el\s+dia)?|vender\s+hasta(?:\s+el\s+dia)?"
    ),
    "use_by": (
        rf"use\s*/\s*(?:re)?freeze{_BY}|(?:use|freeze|consume|eat|cook){_BY}|enjoy{_BY}|"
        r"(?:usar|consumir)\s+(?:hasta|antes)(?:\s+el\s+dia|\s+del?)?|fechas?\s+de\s+(?:uso|consumo)|"
        r"date\s+limite\s+de\s+consommation|dlc|verbrauchsdatum|zu\s+verbrauchen\s+bis"
    ),
    "best_by": (
        rf"best\s+before\s+end(?:\s+of)?|best(?:\s+(?:if|flavor|quality|when))?(?:\s+(?:used|enjoyed|frozen|eaten|consumed))?{_BY}|best\s+use\s+dates?|"
        r"bbe?\b|bbd\b|bud\b|bub\b|mejor\s+si\s+se\s+(?:usa|consume)\s+antes(?:\s+del?)?|"
        r"consumir\s+preferentemente\s+antes(?:\s+del?)?|date\s+de\s+durabilite\s+minimale|ddm|dluo|"
        r"a\s+consommer\s+de\s+preference\s+avant(?:\s+le)?|mhd|mindestens\s+haltbar\s+bis(?:\s+ende)?|"
        r"mindesthaltbarkeitsdat\w*"
    ),
    "expiry": (
        r"exp(?:iry|iration|ires?|iring|\.)?[\s.]*(?:dates?|on)?\b|"
        r"fechas?\s+de\s+\"?(?:caducidad|vencimiento|expiracion)|verfallsdatum|peremption"
    ),
    "time": r"time[\s-]*(?:stamps?|codes?|of\s+day)|times?|horas?|hours",
    "plant": rf"plant\s+{_CODE}|plant\s+(?:number|#)",
    "julian": rf"julian\s+(?:dates?|days?|{_CODE})",
    "serial": rf"serial\s*{_CODE}?s?|s/n",
    "other": (
        r"(?:product|item|establishment|est\.?|model|sku|ndc|catalog(?:ue)?|cat\.?|reference|ref\.?|"
        r"part|style|article|order|po|p\.o\.|material|case|pack(?:age)?|packaging|date|shipping|"
        r"stock|bag|label|dock|container)\s*"
        rf"(?:marks?|\bpack\b|{_CODE})|sku|ndc|est\.|item\s*#|model|"
        rf"{_ES}\s+de\s+(?:caja|empaque|producto|articulo|establecimiento)"
    ),
    "number": (
        rf"(?:mfg|manufactur\w*|production|product|batch|lot)[\s/-]+{_CODE}|"
        rf"(?:(?:mfg|case|product|item|carton|unit|affected|recalled|specific|package)[\s/]+)?"
        rf"{_LOT}(?:\s*(?:/|and|or)\s*(?:case|batch|lot|serial)(?:es|s)?\b)?"
        rf"(?:[\s/-]*(?:(?:case|batch|date)[\s/]+)?{_CODE})?(?:\(s\))?s?|"
        rf"{_ES}\s+de\s+(?:los\s+)?lotes?|lotes?|(?:{_ES}\s+du\s+|n[º°]\s*)lot|"
        r"chargen?(?:-?\s?(?:nr\.?|nummern?|code))?|los(?:-?\s?nr\.?|-?nummern?)"
    ),
}
CUE = re.compile(
    r"(?<![a-z])(?:"
    + "|".join(f"(?P<{kind}>{pattern})" for kind, pattern in _CUES.items())
    + r")(?![a-z])"
)
DATED = ("produced", "packed", "sell_by", "use_by", "best_by", "expiry", "sold")

# Says of numbers that more than one follows.
PLURAL = re.compile(
    r"lots|batches|codes|numbers|nos\b|lotes|codigos|numeros|chargen(?!-?\s?n)|\(s\)|serials"
)
# What stands before a word for numbers and makes a limit of the number, not a member.
LIMIT = re.compile(
    r"\b(?:between|before|after|prior to|up to|until|since|above|below|through|thru|zwischen|entre|"
    r"vor|nach|antes de|despues de|avant|apres)\s+(?:the\s+)?$"
)
# What stands behind a word for numbers and says that not a list of numbers follows.
PARTIAL = re.compile(
    r"\W*(?:\w+\W+){0,3}?(?:beginning|begin|begins|starting|starts|start|ending|ends|end|containing|"
    r"prefix\w*|suffix\w*)\s+(?:with|in)\b|"
    r"\W*(?:that\s+(?:are|is)\s+)?(?:prior to|before|after|up to|"
    r"earlier than|later than|lower than|higher than|greater than|less than|below|above|since)\b"
)
BEYOND = re.compile(
    r"\s*,?\s*(?:and|or|und|y|et)\s+(?:above|below|higher|lower|up|later|earlier|older|newer|hoher|"
    r"niedriger|mayores|menores)\b"
)
NEGATED = re.compile(
    r"\b(?:not|no|never)\b[^.;\n]{0,40}\b(?:affected|included|recall\w*|subject|involved|impacted|"
    r"part of)\b|\bunaffected\b|\bexcept(?:ing)?\b|\bexception\b|\bexclud\w+\b|\bother than\b|"
    r"\bsalvo\b|\bexcepto\b|\bsauf\b|\bausgenommen\b|\bau(?:ß|ss)er\b|\bnicht\s+(?:betroffen|zuruckgerufen)|"
    r"\bno\s+(?:estan?\s+)?(?:afectad|incluid)\w+|\bpas\s+concern\w+"
)
# A figure with its unit is no number of a batch.
MEASURE = re.compile(
    r"\d{1,4}(?:[.,/]\d+)?\s*-?\s*(?:fl\.?\s*)?(?:oz|ounces?|lbs?|pounds?|kgs?|mgs?|mls?|cl|ct|counts?|"
    r"packs?|cases?|units?|bottles?|pieces?|cm|mm|inch(?:es)?|gal|gallons?|trays?|boxes|box|bags?|"
    r"cartons?|packages?|pkgs?|cans?|tubs?|vials?|liters?|litres?|grams?|gr|stuck|paquetes?)\b|"
    r"\d{1,4}(?:[.,]\d+)?\s+[gl]\b|(?<!\d)\d+(?:[.,]\d+)?\s*%"
)
