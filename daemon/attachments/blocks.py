"""Lines and tables of a document that comes as a stream of paragraph, cell and row ends: old Word files and RTF."""

from __future__ import annotations

from daemon.attachments.form import cells_by_label, looks_like_form
from daemon.attachments.limits import Found


class Blocks:
    """Gathers words until something ends; a table's row becomes a line with tabs, and its cells are kept too."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._rows: list[list[str | None]] = []
        self._words: list[str] = []
        self._cell: list[str] = []
        self._row: list[str] = []

    def words(self, text: str) -> None:
        """More words of the paragraph."""
        self._words.append(text)

    def paragraph(self, *, in_table: bool) -> None:
        """The paragraph ends."""
        line = "".join(self._words).strip()
        self._words.clear()
        if in_table:
            self._cell += [line] if line else []
            return
        self.row()  # a table that breaks off
        if line:
            self._lines.append(line)

    def cell(self) -> None:
        """The cell ends, and with it its last paragraph."""
        self.paragraph(in_table=True)
        self._row.append("\n".join(self._cell))
        self._cell.clear()

    def row(self) -> None:
        """The row ends."""
        if self._cell:
            self.cell()
        if any(self._row):
            self._lines.append("\t".join(" ".join(cell.split("\n")) for cell in self._row))
            self._rows.append(list(self._row))
        self._row.clear()

    def give(self, found: Found) -> None:
        """Everything gathered becomes the part's text, and the form's cells where it is our form."""
        self.paragraph(in_table=False)
        text = "\n".join(self._lines)
        found.add_text(text)
        if looks_like_form(text):
            found.form = cells_by_label(self._rows)
