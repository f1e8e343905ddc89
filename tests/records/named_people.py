"""Invented households whose e-mail addresses are made of names, drawn as often as such names are borne.

Frequencies are rounded from Statistics Sweden's *Namnstatistik* (all persons, 31 December 2022: bearers in
thousands of
the most common surnames and given names used as first name). Together they cover about a fifth of the
people; the rest bear rarer names, which are drawn here from built ones.
"""

from __future__ import annotations

import numpy as np

GIVEN = {
    "Erik": 40, "Lars": 80, "Karl": 42, "Anders": 74, "Johan": 68, "Per": 60, "Peter": 63, "Mikael": 60,
    "Jan": 62,
    "Thomas": 54, "Daniel": 54, "Fredrik": 46, "Andreas": 45, "Hans": 48, "Stefan": 42, "Mats": 38,
    "Marcus": 33,
    "Mattias": 33, "Magnus": 35, "Jonas": 34, "Niklas": 29, "Oskar": 27, "Alexander": 40, "Emil": 29,
    "Simon": 30,
    "Anna": 84, "Eva": 68, "Maria": 68, "Karin": 50, "Sara": 50, "Lena": 46, "Emma": 44, "Kerstin": 41,
    "Marie": 30,
    "Malin": 37, "Jenny": 37, "Hanna": 36, "Linda": 36, "Susanne": 34, "Elin": 35, "Johanna": 33, "Sofia": 31,
    "Julia": 31, "Annika": 31, "Ida": 30, "Karolina": 22, "Åsa": 28, "Ulrika": 27, "Linnea": 27, "Helena": 30,
}  # fmt: skip
SURNAMES = {
    "Andersson": 222, "Johansson": 221, "Karlsson": 196, "Nilsson": 152, "Eriksson": 133, "Larsson": 112,
    "Olsson": 101,
    "Persson": 95, "Svensson": 90, "Gustafsson": 86, "Pettersson": 82, "Jonsson": 66, "Jansson": 44,
    "Hansson": 39,
    "Bengtsson": 32, "Jönsson": 27, "Lindberg": 28, "Jakobsson": 26, "Magnusson": 26, "Lindström": 25,
    "Olofsson": 25,
    "Lindqvist": 22, "Lindgren": 23, "Axelsson": 22, "Berg": 22, "Bergström": 21, "Lundberg": 21, "Lind": 21,
    "Lundgren": 20, "Lundqvist": 20, "Mattsson": 18, "Berglund": 18, "Fredriksson": 17, "Sandberg": 17,
    "Henriksson": 16, "Forsberg": 16, "Sjöberg": 16, "Wallin": 15, "Ali": 20, "Mohamed": 17, "Engström": 15,
    "Eklund": 15, "Danielsson": 14, "Lundin": 14, "Håkansson": 14, "Björk": 13, "Bergman": 13, "Gunnarsson":
    13, "Holm": 13, "Wikström": 13, "Samuelsson": 12, "Isaksson": 12, "Fransson": 12, "Bergqvist": 12,
    "Nyström": 12,
}  # fmt: skip
RARE = 2500  # thousands who bear other surnames: drawn from built ones
TOWNS = {
    "Stockholm": 98,
    "Göteborg": 59,
    "Malmö": 35,
    "Uppsala": 24,
    "Sundsvall": 10,
    "Umeå": 13,
    "Gävle": 10,
    "Örebro": 16,
}
PLACES = ("Åre", "Berg", "Bräcke", "Härjedalen", "Krokom", "Ragunda", "Strömsund", "Östersund")
MAILS = ("gmail.com", "hotmail.com", "outlook.com", "telia.com", "icloud.com")
_PLAIN = str.maketrans("åäöé", "aaoe")


class People:
    """Draws households: each a dict of adults' names, e-mail addresses and telephones, towns and days."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        heads = [
            "Ask",
            "Björn",
            "Dal",
            "Ek",
            "Fors",
            "Gran",
            "Hag",
            "Kull",
            "Löv",
            "Mo",
            "Nor",
            "Ros",
            "Sten",
        ]
        tails = [
            "berg",
            "ström",
            "lund",
            "gren",
            "kvist",
            "man",
            "dahl",
            "rud",
            "holm",
            "stad",
            "mark",
            "blad",
        ]
        rare = [head + tail for head in heads for tail in tails]
        self.surnames = [*SURNAMES, *rare]
        weights = np.array([*SURNAMES.values(), *([RARE / len(rare)] * len(rare))], dtype=float)
        self._surname = weights / weights.sum()
        self.used: dict[str, int] = {}

    def _one(self, table: dict[str, int]) -> str:
        weights = np.array(list(table.values()), dtype=float)
        return str(self.rng.choice(list(table), p=weights / weights.sum()))

    def email(self, given: str, surname: str) -> str:
        """Return an address made of the name; a number follows where it is taken, as mail hosts ask for."""
        a, b = given.lower().translate(_PLAIN), surname.lower().translate(_PLAIN)
        local = str(self.rng.choice([f"{a}.{b}", f"{a}{b}", f"{a[0]}.{b}", f"{a}_{b}", f"{b}.{a}"]))
        address = f"{local}@{self.rng.choice(MAILS)}"
        n = self.used.get(address, 0)
        self.used[address] = n + 1
        return address if n == 0 else address.replace("@", f"{n + 1}@")

    def household(self, number: int) -> dict[str, object]:
        """Return a household of one adult or two."""
        surname = str(self.rng.choice(self.surnames, p=self._surname))
        adults = [self._one(GIVEN) for _ in range(int(self.rng.integers(1, 3)))]
        day = np.datetime64("2020-06-01") + int(self.rng.integers(0, 600))
        return {
            "number": number,
            "names": [f"{given} {surname}" for given in adults],
            "emails": [self.email(given, surname) for given in adults],
            "phone": f"07{self.rng.integers(0, 10)}-{self.rng.integers(10**6, 10**7)}",
            "town": self._one(TOWNS),
            "place": str(self.rng.choice(PLACES)),
            "contact": str(day),
            "moved": str(day + int(self.rng.integers(20, 300))),
            "mover": bool(self.rng.random() < 0.4),
        }


def slip(text: str, rng: np.random.Generator) -> str:
    """Return an e-mail address with two letters exchanged before its ``@``."""
    end = text.index("@")
    places = [i for i in range(1, end - 1) if text[i : i + 2].isalpha() and text[i] != text[i + 1]]
    i = int(rng.choice(places))
    return text[:i] + text[i + 1] + text[i] + text[i + 2 :]
