"""One measurement of uniner, in a process of its own: a job on stdin, a result on stdout."""

from timing import read_job, report, time_best
from uniner.students.load import load_extractor


def main() -> None:
    """Extract from the job's texts, in the order given."""
    job = read_job()
    texts, types = job["texts"], job["types"]
    extractor = load_extractor(job["model"], threads=job["threads"])
    extractor.extract(texts[:16], types)
    found: list[int] = []

    def extract() -> None:
        found[:] = [len(one.entities) for one in extractor.extract(texts, types)]

    seconds = time_best(extract, job["repeat"])
    report(len(texts), seconds, entities=sum(found))


main()
