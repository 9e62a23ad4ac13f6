"""Runs a program whose processes share the model, on processors: `RANK=0 WORLD_SIZE=2 ... python THIS CONFIGURATION PROGRAM WORD...`.

Accelerate shares a model among accelerators alone, so it is told that these processors are some. All else is as its launcher does it.
"""

import os
import runpy
import sys

from accelerate.commands.launch import _validate_launch_command, launch_command_parser
from accelerate.state import PartialState
from accelerate.utils import DistributedType
from accelerate.utils.launch import prepare_deepspeed_cmd_env, prepare_multi_gpu_env

configuration, program, *words = sys.argv[1:]
arguments = launch_command_parser().parse_args(["--config_file", configuration, program])
_, defaults, _ = _validate_launch_command(arguments)
arguments.deepspeed_fields_from_accelerate_config = ",".join(defaults.deepspeed_config)
places = {name: os.environ[name] for name in ("RANK", "LOCAL_RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")}
environment = prepare_deepspeed_cmd_env(arguments)[1] if arguments.use_deepspeed else prepare_multi_gpu_env(arguments)
os.environ.update(environment | places)
PartialState(cpu=True)
PartialState._shared_state["distributed_type"] = DistributedType.MULTI_GPU
sys.argv = [program, *words]
sys.path.insert(0, os.getcwd())
runpy.run_path(program, run_name="__main__")
