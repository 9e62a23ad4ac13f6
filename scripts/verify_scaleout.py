"""Answers questions of verifyScaleout.mjs in JSON.

configurations FILE...  how Accelerate reads each: its kind and how many processes
board FOLDER            the scalars that TensorBoard reads there, by name: a list of [step, value]
"""

import json
import sys


def configurations(files):
    from accelerate.commands.config.config_args import load_config_from_file

    found = [load_config_from_file(file) for file in files]
    return [[config.distributed_type.value, config.num_processes] for config in found]


def board(folder):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(folder, size_guidance={"scalars": 0})
    events.Reload()
    return {name: [[event.step, event.value] for event in events.Scalars(name)] for name in events.Tags()["scalars"]}


if __name__ == "__main__":
    question, *words = sys.argv[1:]
    print(json.dumps(configurations(words) if question == "configurations" else board(*words)))
