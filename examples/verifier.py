"""Recalcule les empreintes d'une base SQLite sans rien du produit : python3 examples/verifier.py coop.db.

Ce que fait `coop db verify` pour la chaîne et les textes privés, écrit à part, d'après docs/historique.md.
"""

import hashlib
import json
import sqlite3
import sys

ORIGINE = "0" * 64


def empreinte(texte: str) -> str:
    """SHA-256 du texte en UTF-8, en hexadécimal."""
    return hashlib.sha256(texte.encode("utf-8", "surrogatepass")).hexdigest()


def canonique(valeur: object) -> str:
    """Le JSON de ce qui est empreint : clés dans l'ordre, sans espaces, caractères tels quels."""
    return json.dumps(valeur, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def verifier(fichier: str) -> str:
    """L'empreinte de tête ; AssertionError à la première différence."""
    base = sqlite3.connect(f"file:{fichier}?mode=ro", uri=True)
    precedente: dict[str, str] = {}
    longueur: dict[str, int] = {}
    prives: dict[tuple[str, int, str], str] = {}
    for ligne in base.execute("SELECT * FROM entries ORDER BY stream, seq"):
        *colonnes, inscrite = ligne
        flux, numero, note = colonnes[0], colonnes[1], colonnes[12]
        colonnes[8], colonnes[11] = bool(colonnes[8]), json.loads(colonnes[11])
        assert numero == longueur.get(flux, 0) + 1, f"{flux} : l'entrée {longueur.get(flux, 0) + 1} manque"
        assert colonnes[14] == precedente.get(flux, ORIGINE), f"{flux} n° {numero} ne suit pas la précédente"
        assert empreinte(canonique(colonnes)) == inscrite, f"{flux} n° {numero} a été changée"
        precedente[flux], longueur[flux] = inscrite, numero
        prives[flux, numero, "note"] = note
        for champ, valeur in colonnes[11].items():
            if isinstance(valeur, dict) and set(valeur) == {"vault"}:
                prives[flux, numero, champ] = valeur["vault"]
    for flux, numero, champ, sel, valeur in base.execute("SELECT stream, seq, field, salt, value FROM vault"):
        attendue = prives.get((flux, numero, champ))
        assert empreinte(sel + valeur) == attendue, f"{flux} n° {numero} : le texte « {champ} » n'est pas le sien"
    tete = hashlib.sha256()
    for flux in sorted(precedente):
        tete.update(f"{flux}\t{longueur[flux]}\t{precedente[flux]}\n".encode())
    return tete.hexdigest()


if __name__ == "__main__":
    print(verifier(sys.argv[1]))
