"""A finding's answer, and the forms in which it is handed over."""

from __future__ import annotations

import html
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pathgraph.queries.export import cell_text, csv_lines, csv_text, xlsx_bytes
from pathgraph.queries.spec import Finding, Kind

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

__all__ = ["Result"]

Target = str | Path | IO[bytes] | IO[str]
"""A path, or a stream that takes bytes or text."""

_DOCUMENT = (
    "finding", "version", "title", "as_of", "parameters", "data", "among", "n_rows",
    "n_suppressed", "truncated", "columns",
)  # fmt: skip
_HTML_ROWS = 60
_CHUNK_ROWS = 5_000


@dataclass(frozen=True)
class Result:
    """A finding's answer with all that it rests on.

    Attributes
    ----------
    finding
        The finding that was asked.
    table
        Arrow table; numbers that are not to be shown are null.
    manifest
        Finding, version, parameters, as of when, which data, of how many, coverage, notes.
    hidden
        Column to mask of shape ``(rows,)``: what is null because it is not to be shown.
    """

    finding: Finding
    table: pa.Table
    manifest: Mapping[str, Any]
    hidden: Mapping[str, npt.NDArray[np.bool_]] = field(default_factory=dict)

    @property
    def as_of(self) -> date:
        """The day at whose end things were looked at."""
        return date.fromisoformat(self.manifest["as_of"])

    @property
    def marker(self) -> str:
        """What stands for a value that is not to be shown, for example ``<5``."""
        return f"<{self.manifest['suppress_below']}"

    @cached_property
    def frame(self) -> pd.DataFrame:
        """Pandas table: ``Int64``, ``float64``, ``datetime64[s]``, ``boolean`` and texts."""
        import pandas as pd

        columns = {}
        for column in self.finding.returns:
            values = self.table.column(column.name)
            if column.kind in (Kind.PERSONS, Kind.COUNT):
                columns[column.name] = pd.array(values.to_pylist(), dtype="Int64")
            elif column.kind in (Kind.DATE, Kind.TIME):
                texts = np.array([v or "NaT" for v in values.to_pylist()], dtype="datetime64[s]")
                columns[column.name] = pd.array(texts)
            elif column.kind is Kind.BOOLEAN:
                columns[column.name] = pd.array(values.to_pylist(), dtype="boolean")
            elif column.kind is Kind.LIST:
                columns[column.name] = pd.Series(values.to_pylist(), dtype=object)
            else:
                columns[column.name] = values.to_pandas()
        return pd.DataFrame(columns, columns=list(self.table.column_names))

    @cached_property
    def polars(self) -> pl.DataFrame:
        """Polars table; dates and times are ``Date`` and ``Datetime``."""
        import polars as pl

        frame = pl.DataFrame(pl.from_arrow(self.table))
        casts = [
            pl.col(c.name).str.to_date()
            if c.kind is Kind.DATE
            else pl.col(c.name).str.to_datetime(time_unit="us")
            for c in self.finding.returns
            if c.kind in (Kind.DATE, Kind.TIME)
        ]
        return frame.with_columns(casts)

    def document(self) -> dict[str, Any]:
        """Return the answer as one JSON-able object; a row names its hidden columns."""
        return {
            **{name: self.manifest[name] for name in _DOCUMENT},
            "rows": [
                {**row, "suppressed": names} if names else row
                for row, names in zip(self.table.to_pylist(), self._suppressed(), strict=True)
            ],
            **{k: v for k, v in self.manifest.items() if k not in _DOCUMENT},
        }

    def json_chunks(self) -> Iterator[str]:
        """Yield the text of :meth:`to_json` in parts of some thousand rows."""
        before = {name: self.manifest[name] for name in _DOCUMENT}
        after = {k: v for k, v in self.manifest.items() if k not in _DOCUMENT}
        yield _json(before)[:-1] + ', "rows": ['
        hidden = self._suppressed() if self.hidden else None
        for start in range(0, len(self), _CHUNK_ROWS):
            rows = self.table.slice(start, _CHUNK_ROWS).to_pylist()
            for place, row in enumerate(rows, start):
                if hidden is not None and hidden[place]:
                    row["suppressed"] = hidden[place]
            yield (", " if start else "") + _json(rows)[1:-1]
        yield "], " + _json(after)[1:] + "\n"

    def csv_chunks(self) -> Iterator[str]:
        """Yield the text of :meth:`to_csv` in parts of some thousand rows."""
        return csv_lines(self)

    def to_json(self, target: Target | None = None) -> str:
        """Write the document of :meth:`document` to ``target``, and return it as text."""
        text = "".join(self.json_chunks())
        _write(target, text)
        return text

    def to_csv(self, target: Target | None = None) -> str:
        """Write the rows as CSV below the manifest (``# name: value``), and return it as text."""
        text = csv_text(self)
        _write(target, text)
        return text

    def to_xlsx(self, target: Target) -> None:
        """Write a workbook: the sheet ``rows``, and the sheet ``manifest``.

        Raises
        ------
        UsageError
            When there are more rows than a sheet holds.
        """
        _write(target, xlsx_bytes(self))

    def to_parquet(self, target: Target) -> None:
        """Write a Parquet file; the manifest is its metadata ``pathgraph``.

        Tables that are not patient-level have the further column ``suppressed``.
        """
        import pyarrow.parquet as pq

        table = self.table
        if not self.finding.is_patient_level:
            names = pa.array(self._suppressed(), pa.list_(pa.string()))
            table = table.append_column("suppressed", names)
        manifest = json.dumps(self.manifest, ensure_ascii=False)
        buffer = io.BytesIO()
        pq.write_table(table.replace_schema_metadata({"pathgraph": manifest}), buffer)
        _write(target, buffer.getvalue())

    def shown_rows(self, limit: int | None = None) -> Iterator[tuple[Any, ...]]:
        """Yield rows with :attr:`marker` where a value is not to be shown."""
        table = self.table if limit is None else self.table.slice(0, limit)
        columns = []
        for name in table.column_names:
            values = table.column(name).to_pylist()
            for index in np.flatnonzero(self.hidden.get(name, np.zeros(0, bool))[: len(values)]):
                values[index] = self.marker
            columns.append(values)
        yield from zip(*columns, strict=True)

    def cut(self, limit: int | None) -> Result:
        """Return the answer with at most ``limit`` rows; its manifest says that it was cut."""
        if limit is None or limit >= len(self):
            return self
        hidden = {name: mask[:limit] for name, mask in self.hidden.items()}
        manifest = {**self.manifest, "truncated": True}
        return Result(self.finding, self.table.slice(0, limit), manifest, hidden)

    def _suppressed(self) -> list[list[str]]:
        """Return the names of the hidden columns, row by row."""
        names: list[list[str]] = [[] for _ in range(self.table.num_rows)]
        for name in self.table.column_names:
            for index in np.flatnonzero(self.hidden.get(name, np.zeros(0, bool))):
                names[index].append(name)
        return names

    def __len__(self) -> int:
        """Return the number of rows that are here (see ``n_rows`` of the manifest)."""
        return int(self.table.num_rows)

    def __repr__(self) -> str:
        """Return what was asked, as of when, and how much came back."""
        m = self.manifest
        among = "" if m["among"] is None else f", among {m['among']}"
        return f"<{m['finding']} as of {m['as_of']}: {m['n_rows']} rows{among}>"

    def _repr_html_(self) -> str:
        """Return the first rows for a notebook, with what they rest on."""
        m = self.manifest
        head = "".join(f"<th>{html.escape(name)}</th>" for name in self.table.column_names)
        body = "".join(
            "<tr>" + "".join(f"<td>{html.escape(cell_text(v))}</td>" for v in row) + "</tr>"
            for row in self.shown_rows(_HTML_ROWS)
        )
        among = "" if m["among"] is None else f" among {m['among']}"
        cut = f" (the first {_HTML_ROWS} shown)" if len(self) > _HTML_ROWS else ""
        notes = "".join(f"<br>{html.escape(note)}" for note in m["notes"])
        return (
            f"<table><caption>{html.escape(m['title'])}</caption><thead><tr>{head}</tr></thead>"
            f"<tbody>{body}</tbody></table><p>{m['n_rows']} rows{cut}{among}, as of "
            f"{html.escape(m['as_of'])}.{notes}</p>"
        )


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _write(target: Target | None, content: str | bytes) -> None:
    if target is None:
        return
    data = content.encode() if isinstance(content, str) else content
    if isinstance(target, str | Path):
        Path(target).write_bytes(data)
    elif isinstance(target, io.TextIOBase) and isinstance(content, str):
        target.write(content)
    else:
        target.write(data)  # type: ignore[arg-type]
