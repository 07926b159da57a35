"""Build hook: compiles the catalogues of messages beside their sources, for wheels and for editable installs."""

from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

CATALOGUES = "states/locale/*/LC_MESSAGES/coop.po"


class CatalogueHook(BuildHookInterface):
    """Writes `coop.mo` beside every `coop.po`; a catalogue that cannot be read stops the build."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile every catalogue, whichever kind of wheel is built."""
        for source in sorted(Path(self.root).glob(CATALOGUES)):
            with source.open("rb") as po:
                catalogue = read_po(po, locale=source.parts[-3], abort_invalid=True)
            with source.with_suffix(".mo").open("wb") as mo:
                write_mo(mo, catalogue)
