"""Asks one peer questions, each several times over, and prints how it went: a line of JSON for each.

    python run.py ENGINE QUESTION… --data DIR --storage memory|parquet [--threads 2] [--repeat 5]

ENGINE is duckdb, polars, chdb, datafusion or postgres. QUESTION is decide, ring-1 or rings-1-2.
`cargo xtask bench` runs it for all of them, each in a process of its own, and compares the answers.
"""

import argparse
import importlib
import json
import os


def main():
    arguments = parse()
    # Engines read these when they are imported.
    for variable in ("POLARS_MAX_THREADS", "TOKIO_WORKER_THREADS", "RAYON_NUM_THREADS", "OMP_NUM_THREADS"):
        os.environ[variable] = str(arguments.threads)
    os.sched_setaffinity(0, set(sorted(os.sched_getaffinity(0))[: arguments.threads]))

    import measuring
    import questions

    peer = importlib.import_module(f"with_{arguments.engine}")
    engine = peer.Engine(questions.tables(arguments.questions, arguments.data), arguments.storage, arguments.threads)
    held = measuring.status_bytes("VmRSS")
    for question in arguments.questions:
        ask, answer = questions.prepare(peer, engine, question)
        measured = measuring.measure(ask, arguments.repeat)
        outcome = {
            "engine": arguments.engine,
            "version": peer.VERSION,
            "question": question,
            "storage": arguments.storage,
            "held_bytes": held,
            **measured,
            "answer": answer(),
        }
        print(json.dumps(outcome), flush=True)


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("engine", choices=["duckdb", "polars", "chdb", "datafusion", "postgres"])
    parser.add_argument("questions", nargs="+", choices=["decide", "ring-1", "rings-1-2"])
    parser.add_argument("--data", required=True)
    parser.add_argument("--storage", choices=["memory", "parquet"], required=True)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeat", type=int, default=5)
    return parser.parse_args()


if __name__ == "__main__":
    main()
