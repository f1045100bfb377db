"""The source ``tables``: canonical tables as CSV, Parquet or XLSX, a user's own extracts included.

A mapping file renames columns and codes; ``dataset.yaml`` beside the files says what holds for all
of them. See ``docs/loading.md``.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pathgraph.errors import InputError
from pathgraph.ingest.pseudonyms import DOMAINS, read_key
from pathgraph.ingest.reading import PARQUET_SUFFIX, Reader
from pathgraph.ingest.sources import AcuteRule, SourceContent, SourceOption
from pathgraph.ingest.sources._canonical import acute_rule
from pathgraph.ingest.sources._tables_settings import (
    Dataset,
    TableMapping,
    is_timezone,
    read_dataset,
    read_mapping,
)
from pathgraph.model.check import identifier, literal
from pathgraph.model.tables import CANONICAL_TABLES, REQUIRED_TABLES
from pathgraph.model.types import Column, ColumnType, Table
from pathgraph.sentence import sentence, template

__all__ = ["DEFAULT_ACUTE", "SOURCE", "Tables"]

DEFAULT_ACUTE = ("1", "2", "3")
"""NPR innmateHast: without waiting, within 6 h, within 24 h; as SKDE groups them."""

_URGENCY_CODES = ("1", "2", "3", "4", "5")
_ENDINGS = (".csv", ".csv.gz", PARQUET_SUFFIX, ".xlsx")
_IGNORED = ("dataset.yaml", "answer_key")


@dataclass(frozen=True, slots=True)
class _Found:
    """One table's file, and which of its columns is which canonical one."""

    table: Table
    path: Path
    mapping: TableMapping
    columns: Mapping[str, tuple[str, ...]]


class Tables:
    """Reads one file, or one folder of Parquet parts, for each canonical table."""

    name = "tables"
    sentence = "Canonical tables as CSV, Parquet or XLSX; a mapping file adapts own extracts."
    options: tuple[SourceOption, ...] = (
        SourceOption("map", "Mapping file (YAML) that renames columns and codes."),
        SourceOption("key_file", "File with a secret key: person ids become keyed hashes."),
        SourceOption(
            "acute",
            "Urgency codes that count as acute, with commas between them, or 'all'. Default: "
            f"dataset.yaml, otherwise {', '.join(DEFAULT_ACUTE)}.",
        ),
        SourceOption("timezone", "Time zone of the local times. Default: dataset.yaml."),
    )

    def read(self, reader: Reader, path: Path, options: Mapping[str, str]) -> SourceContent:
        """Read the tables in the folder ``path``.

        Raises
        ------
        InputError
            With all problems of all files; also when person ids are neither declared pseudonymous
            nor a key file is given.
        UsageError
            When the option ``acute`` names a code that there is not.
        """
        if not path.is_dir():
            raise InputError(
                f"{path.name} is no folder. Give the folder that holds the tables, one file each."
            )
        if reader.folder is None:
            reader.folder = path
        dataset = read_dataset(path / "dataset.yaml", reader.problems)
        mappings: Mapping[str, TableMapping] = {}
        if options.get("map"):
            mappings = read_mapping(Path(options["map"]), reader.problems)
        timezone = options.get("timezone") or dataset.timezone
        if not is_timezone(timezone):
            reader.problems.append(
                f"There is no time zone '{timezone}'. Give an IANA name, for example Europe/Oslo."
            )
        _settle_pseudonyms(reader, dataset, options.get("key_file"))
        files = _find_files(reader, path, mappings)
        found = [
            what
            for table in CANONICAL_TABLES
            if table.name in files
            and (what := _match(reader, table, files[table.name], mappings.get(table.name)))
        ]
        reader.stop_on_problems()
        tables = {what.table.name: _read_table(reader, what) for what in found}
        reader.stop_on_problems()
        return SourceContent(
            tables=tables,
            timezone=timezone,
            pseudonymous=True,
            acute=_acute(reader, tables["contacts"], options.get("acute"), dataset),
            notes=tuple(reader.notes),
        )


SOURCE = Tables()


def _settle_pseudonyms(reader: Reader, dataset: Dataset, key_file: str | None) -> None:
    if key_file:
        try:
            reader.hash_persons(read_key(Path(key_file)))
        except InputError as error:
            reader.problems.extend(error.problems)
            return
        reader.notes.append(
            sentence(
                "Person ids are keyed hashes made with the key {key_id}.", key_id=reader.key_id
            )
        )
        if dataset.pseudonymous:
            reader.notes.append(
                sentence(
                    "dataset.yaml says that ids are pseudonyms already; the key was used all the "
                    "same."
                )
            )
    elif reader.key_id is None and not dataset.pseudonymous:
        reader.problems.append(
            "It is not said whether person ids are pseudonyms. If they are, write 'pseudonymous: "
            "true' in dataset.yaml beside the tables. If they are not, give a file with a secret "
            "key (option key_file=FILE), with which they become pseudonyms while they are read."
        )


_LEFT_OUT = template("{file}: is left out, since no table is called '{name}'.")
_LEFT_OUT_WITH_HINT = template(
    "{file}: is left out, since no table is called '{name}'. Did you mean '{hint}'?"
)


def _find_files(
    reader: Reader, folder: Path, mappings: Mapping[str, TableMapping]
) -> dict[str, Path]:
    """Return the file of each table; the mapping's file comes before one found by its name."""
    by_name: dict[str, list[Path]] = {}
    for entry in sorted(folder.iterdir()):
        table = _table_name(entry)
        if table is not None:
            by_name.setdefault(table, []).append(entry)
    files = {
        name: folder / mapping.file
        for name, mapping in mappings.items()
        if mapping.file is not None
    }
    known = [table.name for table in CANONICAL_TABLES]
    for name, paths in by_name.items():
        unused = [path for path in paths if path not in files.values()]
        if name in files or not unused:
            continue
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            text = _LEFT_OUT_WITH_HINT if close else _LEFT_OUT
            reader.notes.extend(
                sentence(text, file=path.name, name=name, hint="".join(close)) for path in unused
            )
            continue
        if len(unused) > 1:
            listed = ", ".join(path.name for path in unused)
            reader.problems.append(
                f"{name}: there is more than one file for it ({listed}). Keep one."
            )
        files[name] = unused[0]
    for name in REQUIRED_TABLES:
        if name not in files:
            reader.problems.append(
                f"{name}: there is no file for it ({name}{', '.join(_ENDINGS[:1])}, "
                f"{', '.join(_ENDINGS[1:])} or a folder {name} of Parquet parts), and no load goes "
                "without it. Add it, or name your file in a mapping file."
            )
    return files


def _table_name(entry: Path) -> str | None:
    """Return the name of the table that a file or folder would be, None for what is no table."""
    name = entry.name.lower()
    if name in _IGNORED or name.startswith((".", "~$")):
        return None
    if entry.is_dir():
        return name if any(entry.glob(f"*{PARQUET_SUFFIX}")) else None
    for ending in sorted(_ENDINGS, key=len, reverse=True):
        if name.endswith(ending):
            return name.removesuffix(ending)
    return None


def _match(reader: Reader, table: Table, path: Path, mapping: TableMapping | None) -> _Found | None:
    """Find the canonical columns in the file's header; say what is missing and what is left out."""
    mapping = mapping or TableMapping()
    header = reader.header(path, delimiter=mapping.delimiter, encoding=mapping.encoding)
    if not header:
        return None
    by_name = {name.strip().casefold(): name for name in header}
    columns: dict[str, tuple[str, ...]] = {}
    problems = []
    for column in table.columns:
        if column.name in mapping.constants:
            continue
        if column.name in mapping.columns:
            wanted = mapping.columns[column.name]
            absent = [name for name in wanted if name.strip().casefold() not in by_name]
            problems += [
                f"lacks the column '{name}', which the mapping file names for '{column.name}'. "
                "Is it spelt as in row 1?"
                for name in absent
            ]
            if not absent:
                columns[column.name] = tuple(by_name[n.strip().casefold()] for n in wanted)
            continue
        names = [n for n in (column.name, *column.aliases) if n in by_name]
        if names:
            columns[column.name] = (by_name[names[0]],)
        elif column.required:
            problems.append(
                f"lacks the column '{column.name}' in its header (row 1). Add it there, or say in "
                "the mapping file which column of yours it is."
            )
    reader.problems.extend(f"{reader.name(path)}: {problem}" for problem in problems)
    used = {name for names in columns.values() for name in names}
    extra = [name for name in header if name not in used]
    if extra:
        listed = ", ".join(f"'{name}'" for name in extra)
        reader.notes.append(
            sentence(
                "{file}: has columns that are not read: {listed}.",
                file=reader.name(path),
                listed=listed,
            )
        )
    return _Found(table, path, mapping, columns)


def _read_table(reader: Reader, what: _Found) -> str:
    """Read the file, and put a view with canonical names and codes over it."""
    relation = f"raw_{what.table.name}"
    columns = sorted({name for names in what.columns.values() for name in names})
    persons = {
        name: DOMAINS[ours]
        for ours, names in what.columns.items()
        if ours in DOMAINS
        for name in names
    }
    path, mapping = what.path, what.mapping
    if path.is_dir() or path.suffix.lower() == PARQUET_SUFFIX:
        reader.parquet(path, relation, columns=columns, required=columns, persons=persons)
    elif path.suffix.lower() == ".xlsx":
        reader.xlsx(path, relation, columns=columns, required=columns, persons=persons)
    else:
        reader.csv(
            path,
            relation,
            table=what.table.name,
            columns=columns,
            required=columns,
            delimiter=mapping.delimiter,
            encoding=mapping.encoding,
            decimal=mapping.decimal,
            numbers=_numbers(what),
            persons=persons,
        )
    view = f"source_{what.table.name}"
    selected = ", ".join(
        f"{_expression(column, what)} AS {identifier(column.name)}" for column in what.table.columns
    )
    reader.connection.execute(
        f"CREATE OR REPLACE TEMP VIEW {view} AS "
        f"SELECT {selected}, source_file, source_row FROM {relation}"
    )
    return view


def _numbers(what: _Found) -> Sequence[str]:
    return [
        name
        for column in what.table.columns
        if column.type is ColumnType.NUMBER
        for name in what.columns.get(column.name, ())
    ]


def _expression(column: Column, what: _Found) -> str:
    """Return SQL for a canonical column: constant, NULL, or the file's with formats and codes."""
    mapping = what.mapping
    if column.name in mapping.constants:
        return literal(mapping.constants[column.name])
    names = what.columns.get(column.name)
    if not names:
        return "CAST(NULL AS VARCHAR)"
    value = identifier(names[0])
    if len(names) > 1:
        # Date and clock time in two columns: without the first one there is nothing.
        rest = ", ".join(f"nullif(trim({identifier(name)}), '')" for name in names)
        value = f"CASE WHEN nullif(trim({value}), '') IS NOT NULL THEN concat_ws(' ', {rest}) END"
    if column.name in mapping.date_format:
        value = _reformatted(value, mapping.date_format[column.name], column)
    codes = mapping.codes.get(column.name)
    if codes:
        cases = " ".join(
            f"WHEN {literal(theirs)} THEN {literal(ours) if ours else 'NULL'}"
            for theirs, ours in codes.items()
        )
        value = f"CASE {value} {cases} ELSE {value} END"
    return value


def _reformatted(value: str, date_format: str, column: Column) -> str:
    """Return SQL that writes a date or time as ISO 8601; what does not fit stays as it was."""
    has_clock = any(sign in date_format for sign in ("%H", "%I", "%X", "%c"))
    iso = "%Y-%m-%dT%H:%M:%S" if has_clock and column.type is ColumnType.TIME else "%Y-%m-%d"
    parsed = f"try_strptime({value}, {literal(date_format)})"
    day_only = date_format.replace("T", " ").split(" ")[0]
    written = f"strftime({parsed}, {literal(iso)})"
    if has_clock and day_only != date_format:
        # A row without a clock time still has its day.
        day = f"strftime(try_strptime({value}, {literal(day_only)}), '%Y-%m-%d')"
        return f"coalesce({written}, {day}, {value})"
    return f"coalesce({written}, {value})"


def _acute(reader: Reader, contacts: str, option: str | None, dataset: Dataset) -> AcuteRule:
    codes = option or ",".join(dataset.acute or DEFAULT_ACUTE)
    rule = acute_rule(reader.connection, codes, contacts=contacts, known=_URGENCY_CODES)
    meanings = dataset.meanings.get("urgency", {})
    named = [f"{code} ({meanings[code]})" for code in rule.codes or () if code in meanings]
    if not named:
        return rule
    said = sentence(
        "Contacts with urgency {codes} count as acute. Their meaning: {meanings}.",
        codes=", ".join(rule.codes or ()),
        meanings=", ".join(named),
    )
    return AcuteRule(rule.codes, said)
