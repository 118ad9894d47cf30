"""Answers a file of worlds with the Python package: answer.py WORLDS OUT"""

import json
import sys
from pathlib import Path

from rolecall import CompileError, Engine

sys.path.insert(0, str(Path(__file__).parents[2] / "bindings/python/tests"))

from questions import answer, text_of


def main(worlds, out):
    with open(worlds, encoding="utf-8") as lines, open(out, "w", encoding="utf-8", newline="\n") as answers:
        for line in lines:
            world = json.loads(line)
            try:
                engine = Engine.from_json(world["policy"], world["directory"])
            except CompileError as error:
                answers.write(text_of({"issues": [issue.to_dict() for issue in error.issues]}) + "\n")
                continue
            answers.write('{"issues":[]}\n')
            answers.writelines(answer(engine, question) + "\n" for question in world["questions"])


main(*sys.argv[1:])
