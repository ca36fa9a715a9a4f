"""Other ways to write the same: typographic signs, superscripts, fractions, other names."""

import unicodedata

SPACES = "\t\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u3000"
INVISIBLE = "\u200b\u2060\ufeff"
SIGNS = str.maketrans(
    {
        **dict.fromkeys(SPACES + INVISIBLE, " "),
        **dict.fromkeys("×·⋅∙∗•", "*"),
        **dict.fromkeys("÷∕⁄", "/"),
        **dict.fromkeys("−–‐‑", "-"),
    }
)
SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹"
FRACTIONS = "½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞"
ALIASES = {
    "π": "pi",
    "arcsin": "asin",
    "arccos": "acos",
    "arctan": "atan",
    "arctan2": "atan2",
    "arcsinh": "asinh",
    "arccosh": "acosh",
    "arctanh": "atanh",
    "arsinh": "asinh",
    "arcosh": "acosh",
    "artanh": "atanh",
    "tg": "tan",
    "ctg": "cot",
    "cotan": "cot",
    "cosec": "csc",
    "lg": "log10",
    "sgn": "sign",
    "fabs": "abs",
    "ceiling": "ceil",
    "step": "heaviside",
    "logistic": "sigmoid",
    "power": "pow",
    "maximum": "max",
    "minimum": "min",
}
HINTS = {
    "=": "type only the right-hand side",
    "<": "write heaviside(x) for a condition",
    ">": "write heaviside(x) for a condition",
    "√": "write sqrt(x)",
    "∛": "write cbrt(x)",
    "[": "use round brackets ( )",
    "{": "use round brackets ( )",
    "|": "write abs(x)",
    "!": "write gamma(n + 1) for a factorial",
    "%": "write mod(x, y)",
    ";": "commas separate arguments, and a decimal number is written with a point, 1.5",
    ".": "a number needs digits beside its point",
}
NAME_HINTS = {
    "sqr": "write x**2",
    "square": "write x**2",
    "hypot": "write sqrt(x**2 + y**2)",
    "norm": "write sqrt(x**2 + y**2)",
    "factorial": "write gamma(n + 1)",
    "int": "write sign(x)*floor(abs(x))",
    "trunc": "write sign(x)*floor(abs(x))",
    "fmod": "write sign(x)*mod(abs(x), y); mod(x, y) has the sign of y",
    "rem": "write mod(x, y), which has the sign of y",
    "remainder": "write mod(x, y), which has the sign of y",
    "coth": "write 1/tanh(x)",
    "sech": "write 1/cosh(x)",
    "csch": "write 1/sinh(x)",
    "acot": "write pi/2 - atan(x)",
    "root": "write x**(1/n)",
    "nthroot": "write x**(1/n)",
    "degrees": "write 180/pi*x",
    "radians": "write pi/180*x",
    "round": "write floor(x + 0.5)",
    "log1p": "write log(1 + x)",
    "expm1": "write exp(x) - 1",
    "sinc": "write sin(x)/x",
    "if": "write heaviside(x)",
}


def known_name(name: str, known: set[str]) -> str:
    """Return the known name that a typed one means: as it is, an alias, or in lower case.

    >>> known_name("ArcSin", {"asin", "x"}), known_name("X", {"asin", "x"})
    ('asin', 'x')
    """
    for written in (name, name.lower()):
        if written in known:
            return written
        if ALIASES.get(written) in known:
            return ALIASES[written]
    return name


def exponent(text: str) -> str:
    """Return superscript digits, with a sign perhaps, as plain ones.

    >>> exponent("⁻¹²")
    '-12'
    """
    return unicodedata.normalize("NFKC", text).replace("\u2212", "-").removeprefix("+")


def fraction(character: str) -> tuple[str, str]:
    """Return the numerator and the denominator of a fraction that is one character.

    >>> fraction("¾")
    ('3', '4')
    """
    above, below = unicodedata.normalize("NFKC", character).split("\u2044")
    return above, below
