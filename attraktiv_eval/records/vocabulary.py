"""The words that the lists use for a fixed choice, in Swedish and English, and the id each one means."""

from __future__ import annotations

__all__ = ["CHOICES", "WORDS", "id_of", "swedish"]

#: choice -> id -> words; the first word is the one that the workbook's drop-down offers.
CHOICES: dict[str, dict[str, tuple[str, ...]]] = {
    "yes_no": {
        "yes": ("ja", "yes", "j", "y", "x", "sant", "true", "1", "ja.", "jajamän"),
        "no": ("nej", "no", "n", "falskt", "false", "0", "ej", "inte"),
        "unknown": (
            "okänt",
            "unknown",
            "vet ej",
            "vet inte",
            "?",
            "oklart",
            "okänd",
            "ingen uppgift",
            "ej känt",
        ),
    },
    "phase": {
        "attract": ("attrahera", "attract", "attraktion", "attraherande", "fas 1", "1"),
        "welcome": ("välkomna", "welcome", "mottagande", "välkomnande", "fas 2", "2"),
        "integrate": ("integrera", "integrate", "integration", "etablering", "fas 3", "3"),
        "brand": ("stärkt varumärke", "brand", "varumärke", "strengthened brand", "rykte", "fas 4", "4"),
    },
    "area": {
        "collaboration_platform": (
            "utvecklad plattform för samverkan",
            "developed platform for collaboration",
            "collaboration platform",
            "samverkan",
            "plattform",
            "samverkansplattform",
        ),
        "labour_market_marketing": (
            "marknadsföring av arbetsmarknadsregionen",
            "marketing of the labour-market region",
            "labour-market marketing",
            "marknadsföring",
            "marketing",
        ),
    },
    "channel": {
        "fair": ("mässa", "fair", "jobbmässa", "hemvändarmässa", "event", "evenemang"),
        "web": ("webb", "web", "webbformulär", "webbplats", "formulär", "hemsida", "website"),
        "email": ("e-post", "email", "epost", "mejl", "mail", "e-mail"),
        "telephone": ("telefon", "telephone", "phone", "tel", "samtal"),
        "meeting": ("möte", "meeting", "besök", "visit", "personligt möte"),
        "social_media": ("sociala medier", "social media", "facebook", "linkedin", "instagram"),
        "employer": ("arbetsgivare", "employer", "via arbetsgivare", "rekryterare"),
        "other": ("annat", "other", "övrigt"),
    },
    "organisation_type": {
        "region": ("region", "regional authority"),
        "municipality": ("kommun", "municipality"),
        "public_agency": ("myndighet", "public agency", "statlig myndighet", "public_agency"),
        "university": ("lärosäte", "university", "universitet", "högskola"),
        "company": ("företag", "company", "bolag"),
        "business_organisation": (
            "näringslivsorganisation",
            "business organisation",
            "business_organisation",
            "företagarorganisation",
        ),
        "association": ("förening", "association", "ideell förening"),
        "other": ("annan", "other", "övrig"),
    },
    "role": {
        "owner": ("projektägare", "owner", "ägare", "project owner"),
        "partner": ("samverkanspart", "partner", "deltagare", "participant"),
        "financier": ("finansiär", "financier", "medfinansiär"),
        "other": ("annan", "other"),
    },
    "funding_kind": {
        "grant": ("bidrag", "grant", "tillväxtmedel", "projektmedel"),
        "own": ("egna medel", "own", "egen finansiering", "own funds"),
        "cash": ("kontant", "cash", "kontant medfinansiering", "kontanta medel"),
        "in_kind": (
            "eget arbete",
            "in kind",
            "in_kind",
            "in-kind",
            "natura",
            "arbetstid",
            "medfinansiering in natura",
        ),
    },
    "scale": {
        "1": ("säkert ändå", "surely anyway", "1", "1 säkert ändå"),
        "2": ("troligen ändå", "probably anyway", "2", "2 troligen ändå"),
        "3": ("kanske", "perhaps", "maybe", "3", "3 kanske"),
        "4": ("troligen inte", "probably not", "4", "4 troligen inte"),
        "5": ("säkert inte", "surely not", "5", "5 säkert inte"),
    },
}


def plain(text: str) -> str:
    """Return a word as it is compared: lower case, single spaces, no final point."""
    return " ".join(text.replace("\u00a0", " ").replace("_", " ").casefold().split()).strip(" .:;-–")


#: choice -> word as compared -> id.
WORDS: dict[str, dict[str, str]] = {
    choice: {
        **{plain(identity): identity for identity in words},
        **{plain(word) or word: identity for identity, several in words.items() for word in several},
    }
    for choice, words in CHOICES.items()
}


def id_of(choice: str, text: str) -> str | None:
    """Return the id that a word means in a choice, or None where it is not known."""
    return WORDS[choice].get(plain(text) or text.strip())


def swedish(choice: str) -> list[str]:
    """Return the Swedish words of a choice, in its order."""
    return [words[0] for words in CHOICES[choice].values()]
