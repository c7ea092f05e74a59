"""Makes what the peers read from what our side generated: `python prepare.py decide|trace DIR`.

The tables go into `DIR/peers`, in the same order of rows. Words and regions become small numbers,
which every peer reads and joins faster than text; our side keeps reading the text.
"""

import os
import sys

import numpy
import pyarrow
import pyarrow.compute as compute
import pyarrow.csv
import pyarrow.parquet as parquet

SYMPTOMS = {
    "fever": 1,
    "cough": 2,
    "fatigue": 4,
    "breathlessness": 8,
    "sore_throat": 16,
    "runny_nose": 32,
    "muscle_ache": 64,
    "headache": 128,
    "diarrhoea": 256,
    "loss_of_smell": 512,
    "other": 1024,
}
RESULTS = {"negative": 0, "positive": 1, "inconclusive": 2, "pending": 3}
VISIT = ["person", "venue", "entered", "left"]
LEVELS = {"low": 1, "medium": 2, "high": 3}


def main():
    question, folder = sys.argv[1:]
    own = os.path.join(folder, "peers")
    os.makedirs(own, exist_ok=True)
    {"decide": prepare_decide, "trace": prepare_trace}[question](folder, own)


def prepare_decide(folder, own):
    copy(
        folder,
        own,
        "declarations",
        {"person": number, "at": number, "symptoms": words(symptom_bits, pyarrow.int16())},
    )
    copy(
        folder,
        own,
        "stays",
        {
            "person": number,
            "region": words(int, pyarrow.int32()),
            "arrived": number,
            "left": number,
        },
    )
    copy(folder, own, "contacts", {"person": number, "ring": number, "last": number})
    copy(
        folder,
        own,
        "tests",
        {"person": number, "result": words(RESULTS.get, pyarrow.int8()), "sampled": number},
    )
    levels = pyarrow.csv.read_csv(os.path.join(folder, "regions.csv"))
    levels = levels.set_column(1, "level", words(LEVELS.get, pyarrow.int8())(levels["level"]))
    for place, name in ((0, "region"), (2, "from"), (3, "until")):
        levels = levels.set_column(place, name, number(levels[name]))
    parquet.write_table(levels, os.path.join(own, "regions.parquet"))


def prepare_trace(folder, own):
    cases = pyarrow.csv.read_csv(os.path.join(folder, "cases.csv"))
    cases = cases.cast(pyarrow.schema([(name, pyarrow.int32()) for name in cases.column_names]))
    parquet.write_table(cases, os.path.join(own, "cases.parquet"))
    by_venue = os.path.join(own, "visits_by_venue.parquet")
    writer = Writer(by_venue)
    for visits in whole_venues(parquet.ParquetFile(os.path.join(folder, "visits_by_venue.parquet"))):
        writer.write(merged(visits))
    writer.close()
    order_by_person(by_venue, os.path.join(own, "visits_by_person.parquet"))


def whole_venues(source):
    """The visits in pieces that end where a venue ends."""
    rest = None
    for batch in source.iter_batches(1 << 22, columns=VISIT):
        piece = numpy.stack([batch[name].to_numpy().astype(numpy.int32) for name in VISIT])
        if rest is not None:
            piece = numpy.concatenate([rest, piece], axis=1)
        end = numpy.searchsorted(piece[1], piece[1][-1])
        rest = piece[:, end:]
        if end > 0:
            yield piece[:, :end]
    yield rest


def merged(visits):
    """Visits of one person to one venue that overlap become one, as our side counts them."""
    person, venue, entered, left = visits[:, numpy.lexsort((visits[2], visits[0], visits[1]))]
    while True:
        same = (person[1:] == person[:-1]) & (venue[1:] == venue[:-1]) & (entered[1:] < left[:-1])
        into = numpy.flatnonzero(same)
        # Of three in a row the last two come first.
        into = into[~numpy.isin(into + 1, into)]
        if into.size == 0:
            break
        left[into] = numpy.maximum(left[into], left[into + 1])
        person, venue, entered, left = (numpy.delete(column, into + 1) for column in (person, venue, entered, left))
    order = numpy.lexsort((entered, venue))
    columns = {"person": person, "venue": venue, "entered": entered, "left": left}
    return pyarrow.table({name: column[order] for name, column in columns.items()})


def order_by_person(source, target):
    """The same rows in order of person and entry."""
    import duckdb

    ordered = duckdb.sql(f"SELECT * FROM '{source}' ORDER BY person, entered")
    writer = Writer(target)
    for batch in ordered.to_arrow_reader(1 << 20):
        writer.write(pyarrow.Table.from_batches([batch]))
    writer.close()


def copy(folder, own, name, columns):
    """Copies a table in pieces, each column by its own function."""
    source = parquet.ParquetFile(os.path.join(folder, f"{name}.parquet"))
    writer = Writer(os.path.join(own, f"{name}.parquet"))
    for batch in source.iter_batches(1 << 20, columns=list(columns)):
        writer.write(pyarrow.table({column: change(batch[column]) for column, change in columns.items()}))
    writer.close()


class Writer:
    """A file of small groups and pages with statistics, so that scans can skip what they do not need."""

    def __init__(self, file):
        self.file = file
        self.writer = None

    def write(self, piece):
        if self.writer is None:
            self.writer = parquet.ParquetWriter(
                self.file,
                piece.schema,
                compression="snappy",
                use_dictionary=False,
                write_page_index=True,
                data_page_size=1 << 16,
            )
        self.writer.write_table(piece, row_group_size=1 << 18)

    def close(self):
        self.writer.close()


def number(column):
    return compute.cast(column, pyarrow.int32())


def words(meaning, kind):
    """A column of few different words becomes one of what they mean."""

    def change(column):
        if isinstance(column, pyarrow.ChunkedArray):
            column = column.combine_chunks()
        encoded = compute.dictionary_encode(column)
        meanings = pyarrow.array([meaning(word) for word in encoded.dictionary.to_pylist()], kind)
        return compute.take(meanings, encoded.indices)

    return change


def symptom_bits(text):
    return sum(SYMPTOMS[word] for word in text.split(";") if word)


if __name__ == "__main__":
    main()
