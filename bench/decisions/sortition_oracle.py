"""The maximin of sortition-algorithms (GPL-3.0): a program of its own, run in an environment of its own by the lottery's bench.

Reads {people: [{id, features}], quotas: [[feature, value, min, max]], size} from stdin, prints {seconds, cpu, smallest} as its last line.
"""

import json
import sys
import time

from sortition_algorithms.committee_generation import find_distribution_maximin
from sortition_algorithms.features import read_in_features
from sortition_algorithms.people import read_in_people
from sortition_algorithms.settings import Settings
from sortition_algorithms.utils import set_random_provider


def main() -> None:
    given = json.load(sys.stdin)
    set_random_provider(1)
    rows = [{"feature": name, "value": value, "min": str(low), "max": str(high)} for name, value, low, high in given["quotas"]]
    features, _, _ = read_in_features(["feature", "value", "min", "max"], rows, given["size"])
    settings = Settings(id_column="id", columns_to_keep=[])
    table = [{"id": row["id"], **row["features"]} for row in given["people"]]
    people, _ = read_in_people(list(table[0]), table, features, settings)
    began, cpu = time.perf_counter(), time.process_time()
    panels, shares, _ = find_distribution_maximin(features, people, given["size"], [])
    spent, cpu = time.perf_counter() - began, time.process_time() - cpu
    chance = dict.fromkeys((row["id"] for row in given["people"]), 0.0)
    for panel, share in zip(panels, shares, strict=True):
        for person in panel:
            chance[person] += share
    print("\n" + json.dumps({"seconds": spent, "cpu": cpu, "smallest": min(chance.values())}))


if __name__ == "__main__":
    main()
