"""One measurement of uniner, in a process of its own: a job on stdin, a result on stdout."""

import uniner
from timing import read_job, report, time_best


def main() -> None:
    """Extract from the job's texts."""
    job = read_job()
    texts, types = job["texts"], job["types"]
    extractor = uniner.load(job["model"])
    extractor.extract(texts[:16], types)
    found: list[int] = []

    def extract() -> None:
        found[:] = [len(one.entities) for one in extractor.extract(texts, types)]

    seconds = time_best(extract, job["repeat"])
    report(len(texts), seconds, entities=sum(found))


main()
