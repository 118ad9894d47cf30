import json
import os

import pytest

from rolecall import Engine


def vectors():
    with open(os.environ["ROLECALL_VECTORS"], encoding="utf-8") as file:
        return json.load(file)


@pytest.fixture(scope="session")
def example():
    return next(vector for vector in vectors() if vector["name"] == "design: the worked example")


@pytest.fixture(scope="session")
def engine(example):
    return Engine.from_json(example["policy"], example["directory"])
