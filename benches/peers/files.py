"""Times whole commands on a folder of ordinary files, ours and other programs', each run in a process of
its own from its start to the last row, and prints a table in Markdown.

    python files.py HEALTHCODE POLICY AT FOLDER [--repeat 5] [--only decide]

FOLDER holds the tables that `healthcode simulate` wrote as Parquet. Beside it a folder with those of
them is made that all programs read, and a copy of that in CSV.

To decide means the same for everybody: the policy is policies/hangzhou.toml (files_decide.py has it in
SQL), and person, colour, rule, since and until of each person are written to a file. These files are
compared, all of them.
"""

import argparse
import hashlib
import os
import signal
import statistics
import subprocess
import sys
import threading
import time
from datetime import datetime

import files_decide

THREADS = 2
# No question that somebody waits for takes longer, in seconds; DuckDB's plan of the trace on CSV does.
LONGEST = 60
READ = ["declarations", "contacts", "stays", "tests", "diagnoses", "people"]
BESIDE = ["regions", "cases", "visits"]
TIMES = ["from", "until", "entered", "left", "at", "sampled", "first", "last", "arrived"]

# The time that those who were where a case was shared with it, a row for each pair of visits.
SHARED = """
SELECT c.person AS case_person, v.person, v.venue,
    greatest(v.came, s.came, c.came) AS came, least(v.gone, s.gone, c.gone) AS gone
FROM (SELECT person, {from_s} AS came, {until_s} AS gone FROM cases) c
JOIN {stays} s ON s.person = c.person AND s.came < c.gone AND s.gone > c.came
JOIN {stays} v ON v.venue = s.venue AND v.person <> s.person AND v.came < least(s.gone, c.gone)
 AND v.gone > greatest(s.came, c.came)
"""
STAYS = """(SELECT person, venue, {entered_s} AS came, coalesce({left_s}, {entered_s} + 43200) AS gone
FROM visits)"""

# Those who shared venues with a case for 15 minutes. What is timed counts a visit twice that overlaps
# another of the same person to the same venue, which is less work than the definition asks for.
TRACE = """
SELECT case_person, person, sum(gone - came) AS seconds FROM ({shared})
GROUP BY 1, 2 HAVING seconds >= 900
"""
# By the definition such time counts once. This is compared with our answer, contact by contact.
CHECK = """
WITH shared AS ({shared}), reached AS (
    SELECT *, max(gone) OVER (PARTITION BY case_person, person, venue ORDER BY came, gone
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before FROM shared)
SELECT case_person, person, sum(greatest(gone - greatest(came, coalesce(before, came)), 0)) AS seconds
FROM reached GROUP BY 1, 2 HAVING seconds >= 900
"""
DIFFERENT = """
SELECT count(*) FROM ({check}) theirs FULL JOIN (
    SELECT "case" AS case_person, person, minutes FROM read_csv('{folder}/answer.out.csv', all_varchar = true)
    WHERE ring = '1' AND relation = 'venue') ours USING (case_person, person)
WHERE ours.minutes IS NULL OR theirs.seconds IS NULL OR ours.minutes::BIGINT <> theirs.seconds // 60
"""


def trace_query(extension, query=TRACE):
    spelled = seconds_of(extension)
    shared = SHARED.format(stays=STAYS.format(**spelled), **spelled)
    return query.format(shared=shared)


def seconds_of(extension):
    time_of = 'CAST("{}" AS TIMESTAMP)' if extension == "csv" else '"{}"'
    return {f"{name}_s": f"CAST(date_part('epoch', {time_of.format(name)}) AS BIGINT)" for name in TIMES}


def decide(keep, extension, at):
    """The query that decides everybody, and the times as Unix seconds."""
    spelled = seconds_of(extension)
    return files_decide.sql(keep, at, lambda name: spelled[f"{name}_s"])


def answer_of(folder, program):
    """Where a peer writes what it decided."""
    return f"{folder}/answer.{program}.csv"


# How many people are decided otherwise.
UNLIKE = """
SELECT count(*) FROM read_csv('{theirs}', header = true, all_varchar = true) t
FULL JOIN (SELECT person, colour, rule, epoch(since::TIMESTAMPTZ)::BIGINT AS since,
        epoch(until::TIMESTAMPTZ)::BIGINT AS until
    FROM read_csv('{ours}', all_varchar = true)) o USING (person)
WHERE o.colour IS DISTINCT FROM t.colour OR o.rule IS DISTINCT FROM t.rule
    OR o.since IS DISTINCT FROM t.since::BIGINT OR o.until IS DISTINCT FROM t.until::BIGINT
"""


def with_duckdb(question, folder, extension, person, at):
    import duckdb

    connection = duckdb.connect()
    connection.execute(f"SET threads = {THREADS}")
    for table in READ + BESIDE:
        connection.execute(f"CREATE VIEW {table} AS SELECT * FROM '{folder}/{table}.{extension}'")
    if question == "decide":

        def keep(name, query):
            connection.execute(f"CREATE TEMP TABLE {name} AS {query}")

        query = decide(keep, extension, int(at))
        connection.execute(f"COPY ({query}) TO '{answer_of(folder, 'duckdb')}' (HEADER)")
        return None
    if question == "unlike":
        theirs, ours = answer_of(folder, person), f"{folder}/answer.out.csv"
        return connection.execute(UNLIKE.format(theirs=theirs, ours=ours)).fetchall()[0][0]
    if question == "explain":
        for table in READ:
            connection.sql(f"SELECT * FROM {table} WHERE person = '{person}'").to_arrow_table()
        return None
    if question == "check":
        different = DIFFERENT.format(check=trace_query(extension, CHECK), folder=folder)
        return connection.execute(different).fetchall()[0][0]
    return connection.execute(f"SELECT count(*) FROM ({trace_query(extension)})").fetchall()[0][0]


def with_datafusion(question, folder, extension, person, at):
    import datafusion

    context = datafusion.SessionContext(datafusion.SessionConfig().with_target_partitions(THREADS))
    for table in READ + BESIDE:
        register = context.register_csv if extension == "csv" else context.register_parquet
        register(table, f"{folder}/{table}.{extension}")
    if question == "decide":

        def keep(name, query):
            context.register_view(name, context.sql(query).cache())

        answer = context.sql(decide(keep, extension, int(at)))
        answer.repartition(1).write_csv(answer_of(folder, "datafusion"), with_header=True)
        return None
    if question == "explain":
        for table in READ:
            context.sql(f"SELECT * FROM {table} WHERE person = '{person}'").collect()
        return None
    query = trace_query(extension)
    return context.sql(f"SELECT count(*) FROM ({query})").collect()[0].column(0)[0].as_py()


def with_polars(question, folder, extension, person, at):
    import files_decide_polars
    import polars

    scan = polars.scan_csv if extension == "csv" else polars.scan_parquet
    tables = {table: scan(f"{folder}/{table}.{extension}") for table in READ + BESIDE}
    if question == "decide":
        files_decide_polars.decide(tables, int(at)).sink_csv(answer_of(folder, "polars"))
    if question == "explain":
        for table in READ:
            tables[table].filter(polars.col("person") == person).collect()
    return None


PEERS = {"duckdb": with_duckdb, "datafusion": with_datafusion, "polars": with_polars}


def measure(command, repeat):
    """The median of seconds after a run to warm up, or `None` if one takes too long; and the peak of memory."""
    seconds, peak = [], 0
    for _ in range(repeat + 1):
        started = time.perf_counter()
        child = os.posix_spawn(command[0], command, {**os.environ, **LIMITS}, file_actions=QUIET)
        end = threading.Timer(LONGEST, os.kill, (child, signal.SIGKILL))
        end.start()
        _, status, usage = os.wait4(child, 0)
        end.cancel()
        seconds.append(time.perf_counter() - started)
        peak = max(peak, usage.ru_maxrss * 1024)
        if os.WIFSIGNALED(status) and seconds[-1] >= LONGEST:
            return None, peak
        if status != 0:
            sys.exit(f"{' '.join(command)} failed")
    return statistics.median(seconds[1:]), peak


LIMITS = {
    name: str(THREADS)
    for name in ["POLARS_MAX_THREADS", "TOKIO_WORKER_THREADS", "RAYON_NUM_THREADS", "OMP_NUM_THREADS"]
}
QUIET = [
    (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
    (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
]


def as_parquet(folder):
    """The tables that all programs read, and no others."""
    target = folder.rstrip("/") + "-read"
    os.makedirs(target, exist_ok=True)
    for table in READ + BESIDE:
        link = f"{target}/{table}.parquet"
        if not os.path.exists(link):
            os.symlink(os.path.abspath(f"{folder}/{table}.parquet"), link)
    return target


def as_csv(folder):
    """The same tables as CSV, times as RFC 3339."""
    import duckdb

    target = folder.rstrip("/") + "-csv"
    if os.path.exists(os.path.join(target, "made")):
        return target
    os.makedirs(target, exist_ok=True)
    for table in READ + BESIDE:
        source = f"'{folder}/{table}.parquet'"
        columns = [
            f"""strftime("{name}" AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%SZ') AS "{name}\""""
            if "TIME" in kind
            else f'"{name}"'
            for name, kind, *_ in duckdb.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()
        ]
        duckdb.execute(f"COPY (SELECT {', '.join(columns)} FROM {source}) TO '{target}/{table}.csv' (HEADER)")
    open(os.path.join(target, "made"), "w").close()
    return target


def ours(arguments, question, folder, extension, person):
    ask = {
        "decide": ["decide", "--policy", arguments.policy, "--at", arguments.at, "-o", f"{folder}/answer.out.csv"],
        "explain": ["explain", "--policy", arguments.policy, "--at", arguments.at, "--person", person],
        "trace": ["trace", "--cases", f"{folder}/cases.{extension}", "-o", f"{folder}/answer.out.csv"],
    }
    return [arguments.healthcode, *ask[question], "--data", folder]


def main():
    if sys.argv[1] == "--peer":
        _, _, program, *rest = sys.argv
        print(PEERS[program](*rest))
        return
    if sys.argv[1] == "--prepare":
        import duckdb

        folder = sys.argv[2]
        as_parquet(folder)
        as_csv(folder)
        print(duckdb.execute(f"SELECT person FROM '{folder}/contacts.parquet' LIMIT 1").fetchall()[0][0])
        return
    parser = argparse.ArgumentParser()
    for name in ["healthcode", "policy", "at", "folder"]:
        parser.add_argument(name)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--only", choices=["decide", "explain", "trace"])
    arguments = parser.parse_args()
    at = str(int(datetime.fromisoformat(arguments.at).timestamp()))
    os.sched_setaffinity(0, set(sorted(os.sched_getaffinity(0))[:THREADS]))
    # In a process of its own: what a process held before it began another counts as that one's peak.
    prepare = [sys.executable, __file__, "--prepare", arguments.folder]
    person = subprocess.run(prepare, check=True, capture_output=True, text=True).stdout.strip()
    folders = {"parquet": as_parquet(arguments.folder), "csv": as_csv(arguments.folder)}
    answers = {}
    print("| question | files | program | time | times ours | peak |\n|---|---|---|---|---|---|")
    for question in [arguments.only] if arguments.only else ["decide", "explain", "trace"]:
        for extension, folder in folders.items():
            first = None
            for program in ["ours", *PEERS]:
                if question == "trace" and program == "polars":
                    continue
                if program == "ours":
                    command = ours(arguments, question, folder, extension, person)
                else:
                    command = peer(program, question, folder, extension, person, at)
                seconds, peak = measure(command, arguments.repeat)
                first = first or seconds or sys.exit(f"ours took more than {LONGEST} s")
                took = f"{seconds:.2f} s | {seconds / first:.1f}" if seconds else f"more than {LONGEST} s |"
                print(f"| {question} | {extension} | {program} | {took} | {peak / 1e6:.0f} MB |", flush=True)
                if question == "decide" and program != "ours" and seconds:
                    must_agree("unlike", folder, extension, program, at)
            if question != "explain":
                with open(f"{folder}/answer.out.csv", "rb") as answer:
                    answers.setdefault(question, set()).add(hashlib.file_digest(answer, "sha256").digest())
    if any(len(different) > 1 for different in answers.values()):
        sys.exit("our answers from Parquet and from CSV differ")
    if "trace" in answers:
        must_agree("check", folders["parquet"], "parquet", person, at)
    print(f"\nEvery answer of {', '.join(answers)} agreed.")


def peer(program, question, folder, extension, person, at):
    return [sys.executable, __file__, "--peer", program, question, folder, extension, person, at]


def must_agree(question, folder, extension, about, at):
    """Ends if answers differ; compared by DuckDB in a process of its own."""
    ask = peer("duckdb", question, folder, extension, about, at)
    different = int(subprocess.run(ask, check=True, capture_output=True, text=True).stdout)
    if different:
        sys.exit(f"{question} {about}: {different} answers from {extension} differ from ours")


if __name__ == "__main__":
    main()
